// Cuts before a mark that stands for a space ("▁"). Either before each one, as Metaspace asks for, or before each run of them,
// which changes nothing for a vocabulary without tokens that hold a mark after something else, and makes words of a whole text.
namespace Umwelt.Networks.Text.Internal;

internal sealed class MarkSplitter(byte[] mark, bool keepsRuns) : Splitter
{
    public override int End(ReadOnlySpan<byte> text, int start)
    {
        var at = start;
        while (keepsRuns && text[at..].StartsWith(mark))
        {
            at += mark.Length;
        }

        // The first mark opens the piece; without one, the first character does.
        at = Math.Max(at, start + (text[start..].StartsWith(mark) ? mark.Length : 1));
        var next = text[at..].IndexOf(mark);
        return next < 0 ? text.Length : at + next;
    }
}
