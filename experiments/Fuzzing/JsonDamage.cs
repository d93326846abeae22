// Damage done to JSON text that knows what JSON is: numbers become extreme, members are repeated, values nest deeply,
// strings hold bad encodings. Most results are still JSON, so that a reader's own checks are reached.
using System.Globalization;
using System.Text;

using Umwelt.Storage;

namespace Umwelt.Fuzzing;

internal static class JsonDamage
{
    private static readonly string[] Values =
    [
        "null", "true", "1.5", "-1", "1e3", "-0", "0.0", "1e999", "99999999999999999999999999", "9223372036854775807", "9223372036854775808",
        "18446744073709551615", "18446744073709551616", "4294967296", "\"\"", "\"\\ud800\"", "\"\\u0000\"", "\"\\q\"", "{}", "[]", "[0]", "[[]]",
        "{\"a\":1,\"a\":2}", "01", "+1", "NaN", "\"a\u0001b\"", "//", ",", ":", "\"../x.safetensors\"", "\"/x.safetensors\"", "\"F4\"", "\"F64\"",
    ];

    private static readonly byte[][] BadEncodings = [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82], [0xEF, 0xBB, 0xBF]];

    /// <summary>Does a random kind of damage to the text.</summary>
    public static void Strike(List<byte> text, ref RandomStream random)
    {
        switch (random.NextInt32(8))
        {
            case 0:
            case 1:
                ReplaceValue(text, Encoding.UTF8.GetBytes(Values[random.NextInt32(Values.Length)]), ref random);
                break;
            case 2:
                ReplaceValue(text, Encoding.ASCII.GetBytes(Damage.Extreme(ref random).ToString(CultureInfo.InvariantCulture)), ref random);
                break;
            case 3:
                RepeatMember(text, ref random);
                break;
            case 4:
                var depth = 1 << random.NextInt32(11);
                var open = random.NextInt32(2) == 0 ? "[" : "{\"a\":";
                ReplaceValue(text, Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(open, depth))), ref random);
                break;
            case 5:
                text.InsertRange(random.NextInt32(text.Count + 1), BadEncodings[random.NextInt32(BadEncodings.Length)]);
                break;
            case 6:
                DropPunctuation(text, ref random);
                break;
            default:
                Damage.Strike(text, ref random);
                break;
        }
    }

    // A value is what stands after a colon, a comma or a bracket, up to the next of them.
    private static void ReplaceValue(List<byte> text, byte[] value, ref RandomStream random)
    {
        var start = FindFrom(text, random.NextInt32(text.Count + 1), ":,["u8) + 1;
        if (start > 0)
        {
            var end = Math.Max(start, FindFrom(text, start, ",]}"u8));
            text.RemoveRange(start, end - start);
            text.InsertRange(start, value);
        }
    }

    private static void RepeatMember(List<byte> text, ref RandomStream random)
    {
        var start = FindFrom(text, random.NextInt32(text.Count + 1), "\""u8);
        if (start >= 0)
        {
            var end = FindFrom(text, start, random.NextInt32(2) == 0 ? "}"u8 : "]"u8) + 1;
            if (end > start)
            {
                var member = text.GetRange(start, end - start);
                member.Add((byte)',');
                text.InsertRange(start, member);
            }
        }
    }

    private static void DropPunctuation(List<byte> text, ref RandomStream random)
    {
        var at = FindFrom(text, random.NextInt32(text.Count + 1), "{}[],:\""u8);
        if (at >= 0)
        {
            text.RemoveAt(at);
        }
    }

    private static int FindFrom(List<byte> text, int start, ReadOnlySpan<byte> any)
    {
        for (var i = start; i < text.Count; i++)
        {
            if (any.Contains(text[i]))
            {
                return i;
            }
        }

        return -1;
    }
}
