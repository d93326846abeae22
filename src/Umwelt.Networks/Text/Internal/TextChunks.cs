// Reads texts as chunks that several threads can split apart. A chunk ends between a letter and a space, where a piece ends whatever
// stands around it, so chunks have the pieces of the whole. Where a megabyte holds no such place it ends where it ends. The cuts
// depend on the text alone, never on who reads how fast.
namespace Umwelt.Networks.Text.Internal;

internal static class TextChunks
{
    private const int Length = 1 << 20;

    /// <summary>The chunks of a stream; each is an array of its own.</summary>
    public static IEnumerable<ReadOnlyMemory<byte>> Of(Stream stream)
    {
        ReadOnlyMemory<byte> rest = default;
        while (true)
        {
            var chunk = new byte[Length];
            rest.CopyTo(chunk);
            var count = rest.Length + stream.ReadAtLeast(chunk.AsSpan(rest.Length), Length - rest.Length, throwOnEndOfStream: false);
            if (count < Length)
            {
                yield return chunk.AsMemory(0, count);
                yield break;
            }

            var cut = LastCut(chunk);
            yield return chunk.AsMemory(0, cut);
            rest = chunk.AsMemory(cut);
        }
    }

    private static int LastCut(ReadOnlySpan<byte> text)
    {
        // What is left over comes to the next chunk, so it is kept to a half.
        for (var at = text.Length - 1; at > text.Length / 2; at--)
        {
            if (text[at] == ' ' && char.IsAsciiLetter((char)text[at - 1]))
            {
                return at;
            }
        }

        return Characters.StartOfLast(text);
    }
}
