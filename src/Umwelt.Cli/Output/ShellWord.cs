// A path as one can paste it into a shell behind a command that is suggested: what a shell would split or read stands in quotes.
namespace Umwelt.Cli.Output;

internal static class ShellWord
{
    /// <summary>The text as one word.</summary>
    public static string Of(string text) =>
        text.Length > 0 && text.All(letter => char.IsLetterOrDigit(letter) || letter is '/' or '\\' or '.' or '-' or '_' or ':' or '+')
            ? text
            : OperatingSystem.IsWindows() ? $"\"{text}\"" : $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
