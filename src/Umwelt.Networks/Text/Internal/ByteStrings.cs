// A set of byte strings, numbered in the order in which they came: vocabularies and counted words. The bytes of all lie in one
// array, so that a quarter of a million of them are a handful of objects and finding one allocates nothing.
using System.Buffers.Binary;
using System.Numerics;

namespace Umwelt.Networks.Text.Internal;

internal sealed class ByteStrings
{
    // Different in each process, so that nobody can write a file whose strings all collide. It decides about speed alone.
    private static readonly ulong Salt = Salts.Next();

    private byte[] _bytes;
    private int[] _ends;
    private uint[] _hashes;
    private int[] _slots;

    public ByteStrings(int capacity = 8)
    {
        _bytes = new byte[capacity * 8];
        _ends = new int[capacity + 1];
        _hashes = new uint[capacity];
        _slots = new int[BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, capacity * 2))];
    }

    public int Count { get; private set; }

    public ReadOnlySpan<byte> this[int index] => _bytes.AsSpan(_ends[index].._ends[index + 1]);

    /// <summary>The number of a string, or -1.</summary>
    public int Find(ReadOnlySpan<byte> text) => _slots[SlotOf(text, Hash(text))] - 1;

    /// <summary>The number of a string, which is <see cref="Count"/> as it was before where the string is new.</summary>
    public int Add(ReadOnlySpan<byte> text)
    {
        var hash = Hash(text);
        var slot = SlotOf(text, hash);
        if (_slots[slot] > 0)
        {
            return _slots[slot] - 1;
        }

        if ((Count + 1) * 2L > _slots.Length)
        {
            Grow();
            slot = SlotOf(text, hash);
        }

        var end = checked(_ends[Count] + text.Length);
        if (end > _bytes.Length)
        {
            Array.Resize(ref _bytes, (int)Math.Min(Array.MaxLength, Math.Max(end, _bytes.Length * 2L)));
        }

        if (Count == _hashes.Length)
        {
            Array.Resize(ref _hashes, Math.Max(8, Count * 2));
            Array.Resize(ref _ends, _hashes.Length + 1);
        }

        text.CopyTo(_bytes.AsSpan(_ends[Count]));
        _hashes[Count] = hash;
        _ends[++Count] = end;
        _slots[slot] = Count;
        return Count - 1;
    }

    private static uint Hash(ReadOnlySpan<byte> text)
    {
        var hash = Salt + ((ulong)text.Length * 0x9E3779B97F4A7C15);
        while (text.Length >= sizeof(ulong))
        {
            hash = Mix(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(text));
            text = text[sizeof(ulong)..];
        }

        var rest = 0UL;
        foreach (var b in text)
        {
            rest = (rest << 8) | b;
        }

        return (uint)Mix(hash ^ rest);

        static ulong Mix(ulong value)
        {
            var high = Math.BigMul(value, Salt | 1, out var low);
            return high ^ low;
        }
    }

    private int SlotOf(ReadOnlySpan<byte> text, uint hash)
    {
        var mask = _slots.Length - 1;
        var slot = (int)hash & mask;
        while (_slots[slot] is > 0 and var number && (_hashes[number - 1] != hash || !this[number - 1].SequenceEqual(text)))
        {
            slot = (slot + 1) & mask;
        }

        return slot;
    }

    private void Grow()
    {
        _slots = new int[_slots.Length * 2];
        var mask = _slots.Length - 1;
        for (var i = 0; i < Count; i++)
        {
            var slot = (int)_hashes[i] & mask;
            while (_slots[slot] > 0)
            {
                slot = (slot + 1) & mask;
            }

            _slots[slot] = i + 1;
        }
    }
}
