// Fills spans from a stream's words, a block that stays in the nearest cache at a time. The conversions to floats are exact or
// fixed sequences of single rounded operations, so vectors and scalars give equal bits.
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Umwelt.Storage.Internal;

internal static class RandomFills
{
    private const int BlockLength = 1024;

    public static void Uniform(ulong key, ulong position, Span<float> destination)
    {
        while (destination.Length > 0)
        {
            // The words are made where the floats will be.
            var part = destination[..Math.Min(destination.Length, BlockLength)];
            var words = MemoryMarshal.Cast<float, uint>(part);
            Philox.Fill(key, position, words);
            var i = 0;
            for (; i <= part.Length - Vector256<uint>.Count && Vector256.IsHardwareAccelerated; i += Vector256<uint>.Count)
            {
                var upper = (Vector256.Create<uint>(words[i..]) >>> 8).AsInt32();
                (Vector256.ConvertToSingle(upper) * (1f / (1 << 24))).CopyTo(part[i..]);
            }

            for (; i < part.Length; i++)
            {
                part[i] = (words[i] >> 8) * (1f / (1 << 24));
            }

            position += (ulong)part.Length;
            destination = destination[part.Length..];
        }
    }

    public static void Normal(ulong key, ulong position, Span<float> destination)
    {
        Span<uint> words = stackalloc uint[BlockLength];
        while (destination.Length > 0)
        {
            var part = destination[..Math.Min(destination.Length, BlockLength)];
            Philox.Fill(key, position, words[..part.Length]);
            NormalQuantile.Of(words[..part.Length], part);
            position += (ulong)part.Length;
            destination = destination[part.Length..];
        }
    }
}
