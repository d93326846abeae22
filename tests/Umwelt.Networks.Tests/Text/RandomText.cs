// Texts to try tokenizers on, the same for the same numbers.
using System.Text;

using Umwelt.Storage;

namespace Umwelt.Networks.Text.Tests;

internal static class RandomText
{
    private static readonly string[] Words =
        ["the", " fox", " Don't", "'LL", " 1234", "\n\n", "  ", " naïve", " дом", "你好", "😀", "e\u0301", "...", "\t", " a", "b", "!!\r\n", " \u3000", "𝓐", "\u0663"];

    public static byte[] Bytes(ref RandomStream random, int most)
    {
        var bytes = new byte[random.NextInt32(most + 1)];
        foreach (ref var b in bytes.AsSpan())
        {
            b = (byte)random.NextUInt32();
        }

        return bytes;
    }

    /// <summary>Mostly words, sometimes bytes that are no UTF-8.</summary>
    public static byte[] Mixed(ref RandomStream random, int pieces)
    {
        var bytes = new List<byte>();
        for (var i = 0; i < pieces; i++)
        {
            bytes.AddRange(random.NextInt32(8) == 0 ? Bytes(ref random, 4) : Encoding.UTF8.GetBytes(Words[random.NextInt32(Words.Length)]));
        }

        return [.. bytes];
    }

    /// <summary>A text again and again, until it has so many bytes.</summary>
    public static byte[] Repeated(byte[] text, int length)
    {
        var all = new byte[length];
        for (var at = 0; at < length; at += text.Length)
        {
            text.AsSpan(0, Math.Min(text.Length, length - at)).CopyTo(all.AsSpan(at));
        }

        return all;
    }

    /// <summary>Words of a few letters in lower case with a space between.</summary>
    public static byte[] Letters(ref RandomStream random, int words, int letters)
    {
        var text = new StringBuilder();
        for (var i = 0; i < words; i++)
        {
            for (var length = 1 + random.NextInt32(7); length > 0; length--)
            {
                text.Append((char)('a' + random.NextInt32(letters)));
            }

            text.Append(random.NextInt32(12) == 0 ? '\n' : ' ');
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }
}
