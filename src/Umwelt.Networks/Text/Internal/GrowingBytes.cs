// Bytes written one after another into an array that is kept for the next text.
namespace Umwelt.Networks.Text.Internal;

internal sealed class GrowingBytes
{
    private const int LongestKept = 16 << 20;
    private byte[] _bytes = [];

    public int Count { get; private set; }

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Count);

    /// <summary>Empties it; what a long text needed is let go.</summary>
    public void Clear()
    {
        Count = 0;
        _bytes = _bytes.Length > LongestKept ? [] : _bytes;
    }

    public void Add(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Reserve(bytes.Length));
        Count += bytes.Length;
    }

    public void RemoveAt(int index)
    {
        _bytes.AsSpan((index + 1)..Count).CopyTo(_bytes.AsSpan(index));
        Count--;
    }

    /// <summary>Room for at least this many bytes; <see cref="Advance"/> says how many were used.</summary>
    public Span<byte> Reserve(int count)
    {
        if (_bytes.Length - Count < count)
        {
            Array.Resize(ref _bytes, (int)Math.Min(Array.MaxLength, Math.Max((long)Count + count, Math.Max(256, _bytes.Length * 2L))));
        }

        return _bytes.AsSpan(Count);
    }

    public void Advance(int count) => Count += count;

    /// <summary>Adds a text with every occurrence of <paramref name="from"/> replaced.</summary>
    public void AddReplaced(ReadOnlySpan<byte> text, ReadOnlySpan<byte> from, ReadOnlySpan<byte> to)
    {
        while (text.IndexOf(from) is >= 0 and var at)
        {
            Add(text[..at]);
            Add(to);
            text = text[(at + from.Length)..];
        }

        Add(text);
    }
}
