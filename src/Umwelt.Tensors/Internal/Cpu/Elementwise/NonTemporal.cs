// When results far larger than the caches are written around them: such a store saves reading the old line from memory,
// a third of a copy's traffic, but costs a later reader that would have found the result in cache.
using System.Runtime.Intrinsics.X86;

namespace Umwelt.Tensors.Internal.Cpu.Elementwise;

internal static unsafe class NonTemporal
{
    /// <summary>Float32 elements from which results are written around the caches: 16 MB.</summary>
    public const long Threshold = 4L << 20;

    public static bool Pays(float* destination, long count) => Sse.IsSupported && count >= Threshold && ((nuint)destination & 63) == 0;

    /// <summary>Makes the weakly ordered stores of this thread visible before its later ones.</summary>
    public static void Fence()
    {
        if (Sse.IsSupported)
        {
            Sse.StoreFence();
        }
    }
}
