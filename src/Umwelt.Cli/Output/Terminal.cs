// What may be done to the terminal: lines rewrite themselves only where something reads escape sequences, and no line that
// does so may be as wide as the window, since what wraps cannot be taken back.
namespace Umwelt.Cli.Output;

internal static class Terminal
{
    public const string ClearLine = "\r\e[K";
    private const int UsualWidth = 80;

    public static bool RewritesOutput { get; } = !Console.IsOutputRedirected && ReadsEscapes;

    public static bool RewritesError { get; } = !Console.IsErrorRedirected && ReadsEscapes;

    /// <summary>Columns that a line may fill without wrapping.</summary>
    public static int Width
    {
        get
        {
            try
            {
                return (Console.WindowWidth > 1 ? Console.WindowWidth : UsualWidth) - 1;
            }
            catch (IOException)
            {
                return UsualWidth - 1;
            }
        }
    }

    private static bool ReadsEscapes => !string.Equals(Environment.GetEnvironmentVariable("TERM"), "dumb", StringComparison.Ordinal);

    /// <summary>The text on one line of at most <paramref name="width"/> columns, without control characters.</summary>
    public static string Fit(string text, int width)
    {
        var line = Printable(text);
        if (line.Length <= width)
        {
            return line;
        }

        var end = Math.Max(0, width - 1);
        return line[..(end > 0 && char.IsHighSurrogate(line[end - 1]) ? end - 1 : end)] + "…";
    }

    /// <summary>Spaces in place of control characters: what a model learnt from a file must not steer the terminal.</summary>
    public static string Printable(string text) => string.Create(text.Length, text, static (characters, source) =>
    {
        for (var i = 0; i < characters.Length; i++)
        {
            characters[i] = char.IsControl(source[i]) ? ' ' : source[i];
        }
    });
}
