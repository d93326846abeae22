// Names taken from untrusted files, made fit for an error message: short, and free of control characters.
using System.Text;

namespace Umwelt.Storage.Internal;

internal static class Quoted
{
    private const int Longest = 80;

    public static string Of(ReadOnlySpan<char> text)
    {
        var result = new StringBuilder("'");
        foreach (var c in text.Length > Longest ? text[..Longest] : text)
        {
            result.Append(char.IsControl(c) || char.IsSurrogate(c) ? '?' : c);
        }

        return result.Append(text.Length > Longest ? "…'" : "'").ToString();
    }

    public static string Of(ReadOnlySpan<byte> ascii)
    {
        var result = new StringBuilder("'");
        foreach (var b in ascii.Length > Longest ? ascii[..Longest] : ascii)
        {
            result.Append(b is >= 0x20 and < 0x7F ? (char)b : '?');
        }

        return result.Append(ascii.Length > Longest ? "…'" : "'").ToString();
    }
}
