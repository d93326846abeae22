// GPT-2's alphabet: one printable character for each byte, so that a vocabulary of bytes can be written as text. Printable bytes of
// Latin-1 stand for themselves, the 68 others for the characters from U+0100 on.
using System.Text;

namespace Umwelt.Networks.Text.Internal;

internal static class ByteLevelAlphabet
{
    private static readonly char[] CharacterOf = MakeCharacters();
    private static readonly short[] ByteOf = MakeBytes();

    /// <summary>The bytes in the order of their characters.</summary>
    public static IEnumerable<byte> InOrder => Enumerable.Range(0, 256).OrderBy(b => CharacterOf[b]).Select(b => (byte)b);

    public static string Text(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder(bytes.Length);
        foreach (var b in bytes)
        {
            text.Append(CharacterOf[b]);
        }

        return text.ToString();
    }

    /// <summary>The bytes that a text of this alphabet stands for, or false where it holds another character.</summary>
    public static bool TryBytes(ReadOnlySpan<byte> utf8, Span<byte> bytes, out int count)
    {
        for (count = 0; !utf8.IsEmpty; count++)
        {
            Rune.DecodeFromUtf8(utf8, out var rune, out var length);
            if (rune.Value >= ByteOf.Length || ByteOf[rune.Value] < 0)
            {
                return false;
            }

            bytes[count] = (byte)ByteOf[rune.Value];
            utf8 = utf8[length..];
        }

        return true;
    }

    private static char[] MakeCharacters()
    {
        var characters = new char[256];
        var next = (char)256;
        for (var b = 0; b < 256; b++)
        {
            characters[b] = b is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF) ? (char)b : next++;
        }

        return characters;
    }

    private static short[] MakeBytes()
    {
        var bytes = new short[CharacterOf.Max() + 1];
        bytes.AsSpan().Fill(-1);
        for (var b = 0; b < 256; b++)
        {
            bytes[CharacterOf[b]] = (short)b;
        }

        return bytes;
    }
}
