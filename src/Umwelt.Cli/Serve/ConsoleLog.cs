// A server's log on standard error, a line an event: when, how grave, what. Standard output stays for results.
using System.Globalization;
using Microsoft.Extensions.Logging;
using Umwelt.Cli.Output;

namespace Umwelt.Cli.Serve;

internal sealed class ConsoleLog : ILoggerFactory
{
    public ILogger CreateLogger(string categoryName) =>
        new Lines(
            categoryName.StartsWith("Umwelt", StringComparison.Ordinal) ? LogLevel.Information
            : categoryName.StartsWith("Microsoft.Extensions.Hosting", StringComparison.Ordinal) ? LogLevel.None // What it says is thrown too, and said once.
            : LogLevel.Warning);

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("This log has one place to write to.");

    public void Dispose()
    {
    }

    private sealed class Lines(LogLevel least) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= least;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                var what = formatter(state, exception) + (exception is null ? "" : ": " + exception.Message);
                Console.Error.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"{DateTime.Now:HH:mm:ss} {logLevel.ToString().ToLowerInvariant()} {Terminal.Printable(what.ReplaceLineEndings(" "))}"));
            }
        }
    }
}
