// Remembers the tokens of words seen before: most words of a text are few, and merging one costs fifty times a look-up. An entry
// is one cache line: up to 31 bytes of the word and their number, up to seven tokens and theirs. Two entries share a set; the table
// starts small and doubles while words keep missing. What it forgets is merged anew, so it never changes a result.
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Umwelt.Networks.Text.Internal;

internal sealed class WordCache
{
    public const int LongestWord = 31;
    public const int MostTokens = 7;

    private const int FirstSize = 1 << 8;
    private const int LastSize = 1 << 16;

    private Entry[] _entries = new Entry[FirstSize];
    private int _shift = 64 - 8;
    private int _missesLeft = FirstSize;

    // 32 bytes of ones, then 32 of zeros: from 32 - n on, a mask for n bytes.
    private static ReadOnlySpan<byte> Masks =>
    [
        255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
        255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    ];

    /// <summary>The key of a word of at most <see cref="LongestWord"/> bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Key(ReadOnlySpan<byte> text, int start, int length)
    {
        Vector256<byte> bytes;
        if (start + Vector256<byte>.Count <= text.Length)
        {
            bytes = Vector256.LoadUnsafe(ref MemoryMarshal.GetReference(text), (nuint)start);
            bytes &= Vector256.LoadUnsafe(ref MemoryMarshal.GetReference(Masks), (nuint)(32 - length));
        }
        else
        {
            bytes = AtEnd(text.Slice(start, length));
        }

        return bytes.WithElement(LongestWord, (byte)length);
    }

    /// <summary>Writes the tokens of a word and returns their number, or 0 where it is not remembered. Eight places are written.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Find(Vector256<byte> key, Span<int> destination)
    {
        var at = SlotOf(key);
        ref var entry = ref _entries[at];
        if (entry.Key != key)
        {
            entry = ref _entries[at ^ 1];
            if (entry.Key != key)
            {
                return 0;
            }
        }

        entry.Tokens.CopyTo(destination);
        return entry.Tokens.GetElement(MostTokens);
    }

    public void Add(Vector256<byte> key, ReadOnlySpan<int> tokens)
    {
        if (--_missesLeft == 0)
        {
            Grow();
        }

        Span<int> padded = stackalloc int[MostTokens + 1];
        tokens.CopyTo(padded);
        padded[MostTokens] = tokens.Length;
        Put(new Entry { Key = key, Tokens = Vector256.Create<int>(padded) });
    }

    private static Vector256<byte> AtEnd(ReadOnlySpan<byte> word)
    {
        Span<byte> padded = stackalloc byte[Vector256<byte>.Count];
        padded.Clear();
        word.CopyTo(padded);
        return Vector256.Create<byte>(padded);
    }

    private int SlotOf(Vector256<byte> key)
    {
        var folded = key.GetLower().AsUInt64() ^ key.GetUpper().AsUInt64();
        var hash = (folded.GetElement(0) * 0x9E3779B97F4A7C15) + (folded.GetElement(1) * 0xC2B2AE3D27D4EB4F);
        return (int)(((hash ^ (hash >> 32)) * 0xD6E8FEB86659FD93) >> _shift);
    }

    private void Put(Entry entry)
    {
        var at = SlotOf(entry.Key);
        if (_entries[at].Key != default)
        {
            _entries[at ^ 1] = _entries[at];
        }

        _entries[at] = entry;
    }

    private void Grow()
    {
        _missesLeft = int.MaxValue;
        if (_entries.Length < LastSize)
        {
            var old = _entries;
            _entries = new Entry[old.Length * 4];
            _shift -= 2;
            _missesLeft = _entries.Length;
            foreach (var entry in old)
            {
                if (entry.Key != default)
                {
                    Put(entry);
                }
            }
        }
    }

    private struct Entry
    {
        public Vector256<byte> Key;
        public Vector256<int> Tokens;
    }
}
