// Random numbers whose whole state is two integers, so that a checkpoint holds it and continues bit for bit.
// The stream is one fixed sequence of 32-bit words (Philox); every draw takes words from its position on, so a fill equals single draws.
using Umwelt.Storage.Internal;

namespace Umwelt.Storage;

/// <summary>A stream of random numbers: the key says which, the position how many words of it have been used.</summary>
/// <remarks>It is a value: a copy draws the same numbers again. Pass it by reference where draws should move it on.</remarks>
/// <param name="Key">Which stream.</param>
/// <param name="Position">The next word of the stream.</param>
public record struct RandomStream(ulong Key, ulong Position)
{
    // Marks the counters that make keys, so that they are never those of a stream's words.
    private const ulong KeyDomain = 1UL << 32;

    /// <summary>The stream named by these numbers, such as seed, moment, channel and step; other numbers, or another order, name another.</summary>
    public static RandomStream Of(params ReadOnlySpan<long> numbers) => default(RandomStream).Derive(numbers);

    /// <summary>The stream named by these numbers under this one's key; this one's position plays no part.</summary>
    public readonly RandomStream Derive(params ReadOnlySpan<long> numbers)
    {
        var key = NextKey(Key, (ulong)numbers.Length, 0);
        for (var i = 0; i < numbers.Length; i++)
        {
            key = NextKey(key, (ulong)numbers[i], (uint)i + 1);
        }

        return new RandomStream(key, 0);
    }

    /// <summary>The same stream at another position.</summary>
    public readonly RandomStream At(ulong position) => this with { Position = position };

    /// <summary>Moves on by this many words.</summary>
    public void Skip(ulong words) => Position += words;

    /// <summary>32 random bits; takes one word.</summary>
    public uint NextUInt32()
    {
        var (word0, word1, word2, word3) = Philox.Block(Key, Position >> 2);
        return (Position++ & 3) switch
        {
            0 => word0,
            1 => word1,
            2 => word2,
            _ => word3,
        };
    }

    /// <summary>64 random bits; takes two words, the lower first.</summary>
    public ulong NextUInt64()
    {
        var low = NextUInt32();
        return low | ((ulong)NextUInt32() << 32);
    }

    /// <summary>A multiple of 2^-24 in [0, 1), each equally likely; takes one word.</summary>
    public float NextSingle() => (NextUInt32() >> 8) * (1f / (1 << 24));

    /// <summary>A multiple of 2^-53 in [0, 1), each equally likely; takes two words.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1L << 53));

    /// <summary>A whole number from 0 to below the bound, each exactly equally likely; takes one word, seldom more.</summary>
    public int NextInt32(int bound)
    {
        // Lemire, "Fast random integer generation in an interval", 2019: the few words that would favour some numbers are drawn again.
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bound);
        var product = (ulong)NextUInt32() * (uint)bound;
        if ((uint)product < (uint)bound)
        {
            var unfair = (uint)-bound % (uint)bound;
            while ((uint)product < unfair)
            {
                product = (ulong)NextUInt32() * (uint)bound;
            }
        }

        return (int)(product >> 32);
    }

    /// <summary>A standard normal number; takes one word.</summary>
    public float NextNormal() => NormalQuantile.Of(NextUInt32());

    /// <summary>Puts the items into a random order, each order equally likely.</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (var i = items.Length - 1; i > 0; i--)
        {
            var j = NextInt32(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    /// <summary>Fills with words, as <see cref="NextUInt32"/> would.</summary>
    public void FillUInt32(Span<uint> destination)
    {
        Philox.Fill(Key, Position, destination);
        Position += (ulong)destination.Length;
    }

    /// <summary>Fills with numbers of [0, 1), as <see cref="NextSingle"/> would.</summary>
    public void FillUniform(Span<float> destination)
    {
        RandomFills.Uniform(Key, Position, destination);
        Position += (ulong)destination.Length;
    }

    /// <summary>Fills with standard normal numbers, as <see cref="NextNormal"/> would.</summary>
    public void FillNormal(Span<float> destination)
    {
        RandomFills.Normal(Key, Position, destination);
        Position += (ulong)destination.Length;
    }

    private static ulong NextKey(ulong key, ulong number, uint index)
    {
        var (low, high, _, _) = Philox.Block(key, number, KeyDomain | index);
        return low | ((ulong)high << 32);
    }
}
