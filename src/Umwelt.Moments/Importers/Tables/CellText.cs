// What the text of a cell means: a number, nothing, yes or no, an instant. Decided by the text alone, the same everywhere.
using System.Globalization;
using System.Text;

namespace Umwelt.Moments.Importers.Tables;

internal static class CellText
{
    private const int LongestNumber = 64;

    /// <summary>A finite number, with a point for its decimals.</summary>
    public static bool TryNumber(ReadOnlySpan<byte> text, out double value)
    {
        value = 0;
        return text.Length is > 0 and <= LongestNumber
            && (char.IsAsciiDigit((char)text[0]) || text[0] is (byte)'-' or (byte)'+' or (byte)'.')
            && double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out value)
            && double.IsFinite(value);
    }

    /// <summary>A number of whole digits with a comma for its decimals.</summary>
    public static bool HasDecimalComma(ReadOnlySpan<byte> text)
    {
        var comma = text.IndexOf((byte)',');
        if (comma < 1 || text.Length > LongestNumber)
        {
            return false;
        }

        Span<byte> point = stackalloc byte[text.Length];
        text.CopyTo(point);
        point[comma] = (byte)'.';
        return TryNumber(point, out _);
    }

    /// <summary>One of the usual ways to say that there is no value, such as <c>NaN</c> or <c>null</c>.</summary>
    public static bool MeansNothing(ReadOnlySpan<byte> text) =>
        text.Length switch
        {
            0 => true,
            1 => text[0] is (byte)'-' or (byte)'?',
            2 => Ascii.EqualsIgnoreCase(text, "na"u8),
            3 => Ascii.EqualsIgnoreCase(text, "nan"u8) || Ascii.EqualsIgnoreCase(text, "n/a"u8) || Ascii.EqualsIgnoreCase(text, "inf"u8),
            4 => Ascii.EqualsIgnoreCase(text, "null"u8) || Ascii.EqualsIgnoreCase(text, "none"u8) || Ascii.EqualsIgnoreCase(text, "-nan"u8)
                || Ascii.EqualsIgnoreCase(text, "-inf"u8) || Ascii.EqualsIgnoreCase(text, "+inf"u8),
            8 => Ascii.EqualsIgnoreCase(text, "infinity"u8),
            9 => Ascii.EqualsIgnoreCase(text, "-infinity"u8),
            _ => false,
        };

    /// <summary>A number that is none, written out: it counts as absent, and a plan says so.</summary>
    public static bool IsNotFinite(ReadOnlySpan<byte> text) => MeansNothing(text)
        && (text.IndexOfAny("nN"u8) >= 0) && !Ascii.EqualsIgnoreCase(text, "na"u8) && !Ascii.EqualsIgnoreCase(text, "n/a"u8)
        && !Ascii.EqualsIgnoreCase(text, "null"u8) && !Ascii.EqualsIgnoreCase(text, "none"u8);

    /// <summary>Yes or no in one of the usual ways: true, yes, 1 and their opposites.</summary>
    public static bool? Truth(ReadOnlySpan<byte> text)
    {
        if (TryNumber(text, out var number))
        {
            return number == 1 ? true : number == 0 ? false : null;
        }

        return Ascii.EqualsIgnoreCase(text, "true"u8) || Ascii.EqualsIgnoreCase(text, "yes"u8) ? true
            : Ascii.EqualsIgnoreCase(text, "false"u8) || Ascii.EqualsIgnoreCase(text, "no"u8) ? false : null;
    }

    /// <summary>An instant in ISO 8601, in seconds from 1970; where no zone is given it is universal time.</summary>
    public static bool TryInstant(ReadOnlySpan<byte> text, out double seconds)
    {
        seconds = 0;
        if (text.Length is < 8 or > 40 || text.IndexOf((byte)'-') != 4)
        {
            return false;
        }

        Span<char> letters = stackalloc char[text.Length];
        if (Encoding.UTF8.GetChars(text, letters) != text.Length
            || !DateTimeOffset.TryParse(letters, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var instant))
        {
            return false;
        }

        seconds = (instant.UtcTicks - DateTime.UnixEpoch.Ticks) / (double)TimeSpan.TicksPerSecond;
        return true;
    }

    /// <summary>Text from a file, fit for an error: short, in quotes, without control characters.</summary>
    public static string Shown(ReadOnlySpan<byte> text) => Shown(Encoding.UTF8.GetString(text.Length > 200 ? text[..200] : text));

    public static string Shown(string text)
    {
        const int Longest = 60;
        var isLong = text.Length > Longest;
        return "'" + string.Concat((isLong ? text[..Longest] : text).Select(letter => char.IsControl(letter) || char.IsSurrogate(letter) ? '?' : letter)) + (isLong ? "…'" : "'");
    }
}
