// Help ends with examples that can be pasted into a shell: a command shows its own, the root one of every command.
using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Umwelt.Cli;

/// <summary>A command that knows how it is used, as (command line, what it does).</summary>
internal sealed class ExampleCommand(string name, string description, params (string Line, string Meaning)[] examples)
    : Command(name, description)
{
    public IReadOnlyList<(string Line, string Meaning)> Examples { get; } = examples;

    /// <summary>Whether words such as --key.key=value are changes to a configuration, not options that nobody knows.</summary>
    public bool TakesChanges { get; set; }
}

internal sealed class HelpWithExamples(HelpAction inner) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        var code = inner.Invoke(parseResult);
        var examples = parseResult.CommandResult.Command switch
        {
            ExampleCommand command => command.Examples,
            var root => root.Subcommands.OfType<ExampleCommand>().Select(command => command.Examples[0]).ToList(),
        };
        var output = parseResult.InvocationConfiguration.Output;
        var width = examples.Max(example => example.Line.Length);
        output.WriteLine("Examples:");
        foreach (var (line, meaning) in examples)
        {
            output.WriteLine($"  {line.PadRight(width)}  {meaning}");
        }

        output.WriteLine();
        return code;
    }
}
