// The Philox4x32-10 block function: four random words from a counter and a key, and nothing remembered in between.
// Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011. Integer arithmetic: equal bits everywhere.
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Umwelt.Storage;

/// <summary>The counter-based generator Philox4x32 with ten rounds.</summary>
public static class Philox
{
    private const uint Multiplier0 = 0xD2511F53;
    private const uint Multiplier1 = 0xCD9E8D57;
    private const uint Weyl0 = 0x9E3779B9;
    private const uint Weyl1 = 0xBB67AE85;
    private const int Rounds = 10;

    /// <summary>The four words of a 128-bit counter, given as two halves, under a 64-bit key. Low words come first.</summary>
    public static (uint Word0, uint Word1, uint Word2, uint Word3) Block(ulong key, ulong counterLow, ulong counterHigh = 0)
    {
        uint c0 = (uint)counterLow, c1 = (uint)(counterLow >> 32), c2 = (uint)counterHigh, c3 = (uint)(counterHigh >> 32);
        uint k0 = (uint)key, k1 = (uint)(key >> 32);
        for (var round = 0; round < Rounds; round++)
        {
            var product0 = (ulong)Multiplier0 * c0;
            var product1 = (ulong)Multiplier1 * c2;
            c0 = (uint)(product1 >> 32) ^ c1 ^ k0;
            c1 = (uint)product1;
            c2 = (uint)(product0 >> 32) ^ c3 ^ k1;
            c3 = (uint)product0;
            k0 += Weyl0;
            k1 += Weyl1;
        }

        return (c0, c1, c2, c3);
    }

    /// <summary>
    /// The endless sequence of words of all blocks under a key (the counter's upper half 0), from this word on.
    /// A word depends on its position alone, not on where a fill begins or ends.
    /// </summary>
    public static void Fill(ulong key, ulong position, Span<uint> destination)
    {
        // After the last position comes the first.
        var untilWrap = 0 - position;
        if (untilWrap != 0 && untilWrap < (ulong)destination.Length)
        {
            Fill(key, position, destination[..(int)untilWrap]);
            Fill(key, 0, destination[(int)untilWrap..]);
            return;
        }

        Span<uint> block = stackalloc uint[4];
        var within = (int)(position & 3);
        var counter = position >> 2;
        if (within != 0 && destination.Length > 0)
        {
            (block[0], block[1], block[2], block[3]) = Block(key, counter++);
            var head = block[within..Math.Min(4, within + destination.Length)];
            head.CopyTo(destination);
            destination = destination[head.Length..];
        }

        if (Avx2.IsSupported)
        {
            var wide = destination.Length & ~31;
            FillWide(key, counter, destination[..wide]);
            counter += (ulong)wide / 4;
            destination = destination[wide..];
        }

        for (; destination.Length > 0; counter++)
        {
            (block[0], block[1], block[2], block[3]) = Block(key, counter);
            var part = block[..Math.Min(4, destination.Length)];
            part.CopyTo(destination);
            destination = destination[part.Length..];
        }
    }

    // Each 64-bit lane carries one 32-bit word of one block; the upper half of a lane may hold anything,
    // because the multiplication reads only the lower half and so does the final gathering.
    private static unsafe void FillWide(ulong key, ulong counter, Span<uint> destination)
    {
        var multiplier0 = Vector256.Create((ulong)Multiplier0).AsUInt32();
        var multiplier1 = Vector256.Create((ulong)Multiplier1).AsUInt32();
        var weyl0 = Vector256.Create((ulong)Weyl0).AsUInt32();
        var weyl1 = Vector256.Create((ulong)Weyl1).AsUInt32();
        var first = Vector256.Create(counter) + Vector256.Create(0UL, 1, 2, 3);
        fixed (uint* start = destination)
        {
            for (uint* to = start, end = start + destination.Length; to < end; to += 32)
            {
                var second = first + Vector256.Create(4UL);
                Vector256<uint> a0 = first.AsUInt32(), a1 = (first >>> 32).AsUInt32(), a2 = default, a3 = default;
                Vector256<uint> b0 = second.AsUInt32(), b1 = (second >>> 32).AsUInt32(), b2 = default, b3 = default;
                var k0 = Vector256.Create((ulong)(uint)key).AsUInt32();
                var k1 = Vector256.Create(key >> 32).AsUInt32();
                for (var round = 0; round < Rounds; round++)
                {
                    var product0 = Avx2.Multiply(a0, multiplier0);
                    var product1 = Avx2.Multiply(a2, multiplier1);
                    a0 = (product1 >>> 32).AsUInt32() ^ a1 ^ k0;
                    a1 = product1.AsUInt32();
                    a2 = (product0 >>> 32).AsUInt32() ^ a3 ^ k1;
                    a3 = product0.AsUInt32();
                    product0 = Avx2.Multiply(b0, multiplier0);
                    product1 = Avx2.Multiply(b2, multiplier1);
                    b0 = (product1 >>> 32).AsUInt32() ^ b1 ^ k0;
                    b1 = product1.AsUInt32();
                    b2 = (product0 >>> 32).AsUInt32() ^ b3 ^ k1;
                    b3 = product0.AsUInt32();
                    k0 += weyl0;
                    k1 += weyl1;
                }

                StoreFourBlocks(a0, a1, a2, a3, to);
                StoreFourBlocks(b0, b1, b2, b3, to + 16);
                first += Vector256.Create(8UL);
            }
        }
    }

    private static unsafe void StoreFourBlocks(Vector256<uint> w0, Vector256<uint> w1, Vector256<uint> w2, Vector256<uint> w3, uint* to)
    {
        var low = Avx2.Blend(w0, (w1.AsUInt64() << 32).AsUInt32(), 0b10101010).AsUInt64();
        var high = Avx2.Blend(w2, (w3.AsUInt64() << 32).AsUInt32(), 0b10101010).AsUInt64();
        var even = Avx2.UnpackLow(low, high);
        var odd = Avx2.UnpackHigh(low, high);
        Avx2.Permute2x128(even, odd, 0x20).AsUInt32().Store(to);
        Avx2.Permute2x128(even, odd, 0x31).AsUInt32().Store(to + 8);
    }
}
