// Chooses the widest tier this process may use. The tests inside are constants to the just-in-time compiler, so a
// dispatch through Run costs nothing; the choice never changes within a process.
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Umwelt.Tensors.Internal.Simd;

/// <summary>Work that is written once over <see cref="ISimd{TSelf}"/>; arguments travel in one struct by reference.</summary>
internal interface ITieredKernel<TArguments>
    where TArguments : struct, allows ref struct
{
    static abstract void Run<V>(ref TArguments arguments)
        where V : unmanaged, ISimd<V>;
}

internal static class SimdTier
{
    public static bool Has512 => Vector512.IsHardwareAccelerated && Avx512F.IsSupported && Avx512DQ.IsSupported;

    public static bool Has256 => Avx2.IsSupported && Fma.IsSupported;

    public static bool Has128 => Vector128.IsHardwareAccelerated && (Sse41.IsSupported || AdvSimd.IsSupported);

    /// <summary>The name recorded with checkpoints and replays, since sums are equal bit for bit only within a tier.</summary>
    public static string Name =>
        Has512 ? "avx512" : Has256 ? "avx2" : Has128 ? (AdvSimd.IsSupported ? "neon" : Fma.IsSupported ? "sse+fma" : "sse") : "scalar";

    public static void Run<TKernel, TArguments>(ref TArguments arguments)
        where TKernel : ITieredKernel<TArguments>
        where TArguments : struct, allows ref struct
    {
        if (Has512)
        {
            TKernel.Run<Simd512>(ref arguments);
        }
        else if (Has256)
        {
            TKernel.Run<Simd256>(ref arguments);
        }
        else if (Has128)
        {
            TKernel.Run<Simd128>(ref arguments);
        }
        else
        {
            TKernel.Run<SimdScalar>(ref arguments);
        }
    }
}
