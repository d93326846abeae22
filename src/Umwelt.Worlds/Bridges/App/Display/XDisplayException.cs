// What goes wrong between us and an X display: it can't be reached, it is gone, it refuses a request, it says what it must not.
namespace Umwelt.Worlds.Bridges.App.Display;

internal sealed class XDisplayException(string problem, byte code = 0, Exception? innerException = null) : Exception(problem, innerException)
{
    private const byte BadWindow = 3;
    private const byte BadMatch = 8;
    private const byte BadDrawable = 9;

    /// <summary>Whether the display refused because a window is not there, or not there as large as it was.</summary>
    public bool IsGoneWindow => code is BadWindow or BadDrawable or BadMatch;
}
