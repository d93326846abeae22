// What splitters ask of a character: is it a letter, a number, white space or something else. Text is UTF-8 bytes; a character
// is a Unicode scalar, however many bytes it takes, and bytes that are no UTF-8 are something else. So every byte has a class.
using System.Buffers;
using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text;

namespace Umwelt.Networks.Text.Internal;

internal enum CharacterClass : byte
{
    /// <summary>General category L.</summary>
    Letter,

    /// <summary>General category N.</summary>
    Number,

    /// <summary>The property White_Space.</summary>
    Space,

    Other,
}

internal static class Characters
{
    private static readonly CharacterClass[] Ascii = [.. Enumerable.Range(0, 128).Select(code => ClassOf(new Rune(code)))];

    public static CharacterClass ClassOf(Rune rune) => Rune.IsWhiteSpace(rune) ? CharacterClass.Space : Rune.GetUnicodeCategory(rune) switch
    {
        <= UnicodeCategory.OtherLetter => CharacterClass.Letter,
        UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => CharacterClass.Number,
        _ => CharacterClass.Other,
    };

    /// <summary>The class of the character at this place, and how many bytes it has.</summary>
    public static CharacterClass ClassAt(ReadOnlySpan<byte> text, int at, out int length)
    {
        var first = text[at];
        if (first < 128)
        {
            length = 1;
            return Ascii[first];
        }

        return WideClassAt(text[at..], out length);
    }

    /// <summary>Where the characters of this class that begin here end.</summary>
    public static int EndOf(CharacterClass kind, ReadOnlySpan<byte> text, int at)
    {
        if (kind == CharacterClass.Letter)
        {
            return EndOfLetters(text, at);
        }

        while (at < text.Length && ClassAt(text, at, out var length) == kind)
        {
            at += length;
        }

        return at;
    }

    public static int EndOfLetters(ReadOnlySpan<byte> text, int at)
    {
        while (true)
        {
            at = EndOfAsciiLetters(text, at);
            if (at == text.Length || text[at] < 128 || WideClassAt(text[at..], out var length) != CharacterClass.Letter)
            {
                return at;
            }

            at += length;
        }
    }

    /// <summary>Where the last character before this place begins.</summary>
    public static int StartOfLast(ReadOnlySpan<byte> text)
    {
        Rune.DecodeLastFromUtf8(text, out _, out var length);
        return text.Length - length;
    }

    /// <summary>Whether a character belongs to a word, as \w of regular expressions has it.</summary>
    public static bool IsOfWord(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        <= UnicodeCategory.EnclosingMark => true,
        UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.ConnectorPunctuation => true,
        // Circled letters are alphabetic symbols; the two joiners hold words together.
        _ => rune.Value is (>= 0x24B6 and <= 0x24E9) or (>= 0x1F130 and <= 0x1F149) or (>= 0x1F150 and <= 0x1F169) or (>= 0x1F170 and <= 0x1F189) or 0x200C or 0x200D,
    };

    private static int EndOfAsciiLetters(ReadOnlySpan<byte> text, int at)
    {
        ref var first = ref MemoryMarshal.GetReference(text);
        while (at + Vector128<byte>.Count <= text.Length)
        {
            var lower = Vector128.LoadUnsafe(ref first, (nuint)at) | Vector128.Create((byte)0x20);
            var isLetter = Vector128.LessThan(lower - Vector128.Create((byte)'a'), Vector128.Create((byte)26));
            var others = ~isLetter.ExtractMostSignificantBits() & 0xFFFF;
            if (others != 0)
            {
                return at + BitOperations.TrailingZeroCount(others);
            }

            at += Vector128<byte>.Count;
        }

        while (at < text.Length && char.IsAsciiLetter((char)text[at]))
        {
            at++;
        }

        return at;
    }

    private static CharacterClass WideClassAt(ReadOnlySpan<byte> text, out int length) =>
        Rune.DecodeFromUtf8(text, out var rune, out length) == OperationStatus.Done ? ClassOf(rune) : CharacterClass.Other;
}
