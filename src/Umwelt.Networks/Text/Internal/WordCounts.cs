// How often each piece occurs in a text: what a trainer needs to know of it.
namespace Umwelt.Networks.Text.Internal;

internal sealed class WordCounts
{
    private long[] _counts = new long[1024];

    public ByteStrings Words { get; } = new(1024);

    public long CountOf(int word) => _counts[word];

    public void Add(ReadOnlySpan<byte> word, long count)
    {
        var index = Words.Add(word);
        if (index >= _counts.Length)
        {
            Array.Resize(ref _counts, _counts.Length * 2);
        }

        _counts[index] += count;
    }

    public void Add(WordCounts other)
    {
        for (var i = 0; i < other.Words.Count; i++)
        {
            Add(other.Words[i], other.CountOf(i));
        }
    }

    /// <summary>Counts the pieces of a text.</summary>
    public void Add(ReadOnlySpan<byte> text, Splitter splitter)
    {
        for (var start = 0; start < text.Length;)
        {
            var end = splitter.End(text, start);
            Add(text[start..end], 1);
            start = end;
        }
    }
}
