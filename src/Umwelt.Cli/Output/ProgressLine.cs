// How far long work is, on standard error: one line that rewrites itself on a terminal, nothing in a pipe or a file.
namespace Umwelt.Cli.Output;

internal sealed class ProgressLine : IProgress<string>, IDisposable
{
    private bool _isShown;

    public void Report(string value)
    {
        if (Terminal.RewritesError)
        {
            Console.Error.Write(Terminal.ClearLine + Terminal.Fit(value, Terminal.Width));
            _isShown = true;
        }
    }

    /// <summary>Takes the line away, so that what follows starts on a clean one. May be called more than once.</summary>
    public void Dispose()
    {
        if (_isShown)
        {
            Console.Error.Write(Terminal.ClearLine);
            _isShown = false;
        }
    }
}
