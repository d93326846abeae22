// Cuts text into the pieces within which tokens are merged. A piece starts where the last one ended and is never empty, so the
// pieces laid end to end are the text, whatever its bytes.
namespace Umwelt.Networks.Text.Internal;

internal abstract class Splitter
{
    /// <summary>Where the piece that starts here ends; the start lies before the end of the text.</summary>
    public abstract int End(ReadOnlySpan<byte> text, int start);

    public static Splitter Of(SplitPattern pattern) => pattern switch
    {
        SplitPattern.Gpt2 => new Gpt2Splitter(),
        SplitPattern.Llama3 => new Llama3Splitter(3),
        SplitPattern.Qwen2 => new Llama3Splitter(1),
        _ => throw new ArgumentOutOfRangeException(nameof(pattern), pattern, "is no pattern"),
    };

    /// <summary>
    /// <c>\s+(?!\S)|\s+</c>: the run of white space, but without its last character where something follows; a single one
    /// is a piece of its own.
    /// </summary>
    protected static int EndOfSpaces(ReadOnlySpan<byte> text, int start)
    {
        int at = start, last = start;
        while (at < text.Length && Characters.ClassAt(text, at, out var length) == CharacterClass.Space)
        {
            last = at;
            at += length;
        }

        return at == text.Length || last == start ? at : last;
    }

    /// <summary>The end of <c>'s|'t|'re|'ve|'m|'ll|'d</c> at an apostrophe, or -1.</summary>
    protected static int EndOfContraction(ReadOnlySpan<byte> text, int start, bool ignoreCase)
    {
        if (start + 1 >= text.Length)
        {
            return -1;
        }

        var next = Fold(text[start + 1]);
        if (next is (byte)'s' or (byte)'t' or (byte)'m' or (byte)'d')
        {
            return start + 2;
        }

        // The long s is a case of s.
        if (ignoreCase && next == 0xC5 && start + 2 < text.Length && text[start + 2] == 0xBF)
        {
            return start + 3;
        }

        if (start + 2 < text.Length)
        {
            var isPair = (next, Fold(text[start + 2])) is ((byte)'r', (byte)'e') or ((byte)'v', (byte)'e') or ((byte)'l', (byte)'l');
            return isPair ? start + 3 : -1;
        }

        return -1;

        byte Fold(byte letter) => ignoreCase && letter is >= (byte)'A' and <= (byte)'Z' ? (byte)(letter | 0x20) : letter;
    }
}
