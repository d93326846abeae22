// Estimates how alike two sets are from signatures of fixed size: for each of many hash functions the least value over the
// set; the share of equal places is the sets' Jaccard similarity. Source: Broder 1997.
using Umwelt.Storage;

namespace Umwelt.Moments.Curation;

internal sealed class MinHash
{
    /// <summary>Places of a signature; the estimate's deviation is at most 1 / (2 √places), about 0.04.</summary>
    public const int Places = 128;

    private readonly ulong[] _keys = new ulong[Places];
    private readonly ulong[] _least = new ulong[Places];

    public MinHash()
    {
        var stream = RandomStream.Of(0x6d696e68617368);
        for (var i = 0; i < Places; i++)
        {
            _keys[i] = stream.NextUInt64();
        }

        Clear();
    }

    /// <summary>Whether nothing was added.</summary>
    public bool IsEmpty { get; private set; }

    /// <summary>Begins another set.</summary>
    public void Clear()
    {
        Array.Fill(_least, ulong.MaxValue);
        IsEmpty = true;
    }

    /// <summary>Adds an element, named by a hash.</summary>
    public void Add(ulong element)
    {
        IsEmpty = false;
        for (var i = 0; i < Places; i++)
        {
            _least[i] = Math.Min(_least[i], Mix(element ^ _keys[i]));
        }
    }

    /// <summary>The signature of what was added.</summary>
    public uint[] Signature() => [.. _least.Select(value => (uint)(value >> 32))];

    /// <summary>The estimated similarity of two sets.</summary>
    public static double Similarity(ReadOnlySpan<uint> one, ReadOnlySpan<uint> other)
    {
        var equal = 0;
        for (var i = 0; i < one.Length; i++)
        {
            equal += one[i] == other[i] ? 1 : 0;
        }

        return equal / (double)one.Length;
    }

    /// <summary>A 64-bit number from which every bit of the given one can be guessed only as a whole. Source: Steele et al. 2014 (SplitMix).</summary>
    public static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
        value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
        return value ^ (value >> 31);
    }

    /// <summary>The hash of some bytes.</summary>
    public static ulong Hash(ReadOnlySpan<byte> bytes)
    {
        var hash = 0xcbf29ce484222325;
        foreach (var value in bytes)
        {
            hash = (hash ^ value) * 0x100000001b3; // FNV-1a
        }

        return Mix(hash);
    }
}
