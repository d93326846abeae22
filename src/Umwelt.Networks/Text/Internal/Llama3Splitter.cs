// Llama 3's pieces, and with one digit in place of three those of Qwen 2: words may take any one mark or blank before them,
// marks take the line ends after them, and blank lines stay together.
// (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+
namespace Umwelt.Networks.Text.Internal;

internal sealed class Llama3Splitter(int mostDigits) : Splitter
{
    public override int End(ReadOnlySpan<byte> text, int start)
    {
        var kind = Characters.ClassAt(text, start, out var length);
        var next = start + length;
        switch (kind)
        {
            case CharacterClass.Letter:
                return Characters.EndOfLetters(text, next);
            case CharacterClass.Number:
                return EndOfNumber(text, next);
            case CharacterClass.Other:
                if (text[start] == '\'' && EndOfContraction(text, start, ignoreCase: true) is > 0 and var end)
                {
                    return end;
                }

                break;
            default:
                if (IsLineEnd(text[start]))
                {
                    return EndOfLinesOrSpaces(text, start);
                }

                break;
        }

        if (next < text.Length)
        {
            var following = Characters.ClassAt(text, next, out length);
            if (following == CharacterClass.Letter)
            {
                return Characters.EndOfLetters(text, next + length);
            }

            if (text[start] == ' ' && following == CharacterClass.Other)
            {
                return EndOfMarks(text, next + length);
            }
        }

        return kind == CharacterClass.Other ? EndOfMarks(text, next) : EndOfLinesOrSpaces(text, start);
    }

    private static bool IsLineEnd(byte character) => character is (byte)'\r' or (byte)'\n';

    private static int EndOfMarks(ReadOnlySpan<byte> text, int at)
    {
        at = Characters.EndOf(CharacterClass.Other, text, at);
        while (at < text.Length && IsLineEnd(text[at]))
        {
            at++;
        }

        return at;
    }

    // \s*[\r\n]+ takes white space up to the last line end of its run; without one, it is as in GPT-2.
    private static int EndOfLinesOrSpaces(ReadOnlySpan<byte> text, int start)
    {
        int at = start, lines = start;
        while (at < text.Length && Characters.ClassAt(text, at, out var length) == CharacterClass.Space)
        {
            lines = IsLineEnd(text[at]) ? at + 1 : lines;
            at += length;
        }

        return lines > start ? lines : EndOfSpaces(text, start);
    }

    private int EndOfNumber(ReadOnlySpan<byte> text, int at)
    {
        for (var digits = 1; digits < mostDigits && at < text.Length && Characters.ClassAt(text, at, out var length) == CharacterClass.Number; digits++)
        {
            at += length;
        }

        return at;
    }
}
