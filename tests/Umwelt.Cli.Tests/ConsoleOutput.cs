// Runs a command inside this process and keeps what it wrote. The console belongs to the process, so classes that use
// this share one collection, whose tests run one after the other.
using System.CommandLine;
using Xunit;

namespace Umwelt.Cli.Tests;

[CollectionDefinition(Name)]
public sealed class ConsoleOutput
{
    public const string Name = "console";

    internal static async Task<(int Code, string Output, string Error)> OfAsync(
        Command command, CancellationToken cancellation, params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var (standardOutput, standardError) = (Console.Out, Console.Error);
        Console.SetOut(output);
        Console.SetError(error);
        try
        {
            return (await CommandLine.RunAsync(CommandLine.Root(command), arguments, cancellation), output.ToString(), error.ToString());
        }
        finally
        {
            Console.SetOut(standardOutput);
            Console.SetError(standardError);
        }
    }
}
