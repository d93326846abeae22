// How far long work is, on standard error: one line that rewrites itself on a terminal, nothing in a pipe or a file.
namespace Umwelt.Cli.Output;

internal sealed class ProgressLine : IProgress<string>, IDisposable
{
    private const string ClearLine = "\r\e[K";
    private readonly bool _isTerminal = !Console.IsErrorRedirected;
    private bool _isShown;

    public void Report(string value)
    {
        if (_isTerminal)
        {
            Console.Error.Write(ClearLine + value);
            _isShown = true;
        }
    }

    /// <summary>Takes the line away, so that what follows starts on a clean one. May be called more than once.</summary>
    public void Dispose()
    {
        if (_isShown)
        {
            Console.Error.Write(ClearLine);
            _isShown = false;
        }
    }
}
