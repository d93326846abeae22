// Says in one line what is wrong with a command line, with the nearest thing that would have been right.
using System.CommandLine;
using System.CommandLine.Parsing;
using Umwelt.Storage.Internal;

namespace Umwelt.Cli;

internal static class Misuse
{
    /// <summary>The message for a command line that can't be run, or null.</summary>
    public static string? In(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var path = PathOf(parsed.CommandResult);
        var otherwise = $"'{path} --help' lists what there is.";

        // An argument would take a mistyped option for its value, so unknown options are looked for first.
        var takesChanges = command is ExampleCommand { TakesChanges: true };
        if (parsed.Tokens.TakeWhile(token => token.Type != TokenType.DoubleDash).FirstOrDefault(token =>
            token.Type == TokenType.Argument && token.Value.StartsWith("--", StringComparison.Ordinal) && !(takesChanges && IsChange(token.Value))) is { } option)
        {
            return Unknown("option", option.Value, OptionsOf(parsed.CommandResult).Select(known => known.Name), otherwise);
        }

        if (parsed.UnmatchedTokens is [var unknown, ..])
        {
            var what = unknown.StartsWith('-') ? "option" : command.Subcommands.Count > 0 ? "command" : "argument";
            return Unknown(what, unknown, command.Subcommands.Select(known => known.Name), otherwise);
        }

        return parsed.Errors is [var error, ..] ? $"{(NotANumber(error) ?? error.Message).TrimEnd('.')}; see '{path} --help'." : null;
    }

    // The parser names the type of the program in place of what a person should write.
    private static string? NotANumber(ParseError error)
    {
        var isWhole = error.SymbolResult is OptionResult { Option: Option<int> or Option<long> };
        return isWhole && error.SymbolResult is OptionResult { Tokens: [var token], Option.Name: var name }
            ? $"{name} takes a whole number, not '{token.Value}'"
            : null;
    }

    /// <summary>Whether a word changes one value of a configuration, such as --training.steps=500.</summary>
    public static bool IsChange(string word) => word.StartsWith("--", StringComparison.Ordinal) && word.IndexOf('=', StringComparison.Ordinal) > 2;

    /// <summary>"unknown WHAT 'NAME'" with the nearest choice, or with <paramref name="otherwise"/> where none is near.</summary>
    public static string Unknown(string what, string name, IEnumerable<string> choices, string otherwise)
    {
        var nearest = NearestName.Of(name, choices);
        return nearest is null ? $"unknown {what} '{name}'; {otherwise}" : $"unknown {what} '{name}'; did you mean '{nearest}'?";
    }

    private static IEnumerable<Option> OptionsOf(CommandResult result)
    {
        var own = result.Command.Options;
        var inherited = result.Parent is CommandResult parent ? OptionsOf(parent).Where(option => option.Recursive) : [];
        return own.Concat(inherited);
    }

    private static string PathOf(CommandResult result) =>
        result.Parent is CommandResult parent ? $"{PathOf(parent)} {result.Command.Name}" : "umwelt";
}
