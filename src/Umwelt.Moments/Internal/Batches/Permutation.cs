// A shuffle of any length that takes no memory: item i of the shuffled order is computed, so that a position in it is a
// number and resuming is exact. A Feistel network over the next power of four; what falls outside walks on until it is inside
// (Black & Rogaway, "Ciphers with arbitrary finite domains", 2002, section 3).
using System.Numerics;

namespace Umwelt.Moments.Internal.Batches;

internal readonly struct Permutation
{
    private const int Rounds = 6;

    private readonly ulong _key;
    private readonly ulong _count;
    private readonly int _half;

    /// <summary>The shuffle of so many items that a key names.</summary>
    public Permutation(ulong key, long count)
    {
        _key = key;
        _count = (ulong)count;
        var bits = 64 - BitOperations.LeadingZeroCount((ulong)Math.Max(count - 1, 1));
        _half = Math.Max(1, (bits + 1) / 2);
    }

    /// <summary>The item at a place of the shuffled order.</summary>
    public long this[long place]
    {
        get
        {
            var value = (ulong)place;
            do
            {
                value = Walk(value);
            }
            while (value >= _count);
            return (long)value;
        }
    }

    private ulong Walk(ulong value)
    {
        var mask = (1UL << _half) - 1;
        var left = value >> _half;
        var right = value & mask;
        for (var round = 0; round < Rounds; round++)
        {
            (left, right) = (right, left ^ (Mix(right + _key + ((ulong)round * 0x9E3779B97F4A7C15)) & mask));
        }

        return (left << _half) | right;
    }

    // The finaliser of SplitMix64 (Steele, Lea & Flood, "Fast splittable pseudorandom number generators", 2014).
    private static ulong Mix(ulong x)
    {
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }
}
