// Copies a block of an operand into the order in which register tiles read it: for each k the lanes (rows of A,
// columns of B) side by side. Lanes past the end are zeros, so kernels never need to know about edges.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Internal.Cpu.Matrix;

internal static unsafe class PanelPacking
{
    private const int StepsAtOnce = 8;

    /// <summary>
    /// Packs all lanes into consecutive panels of <paramref name="pitch"/> lanes: with p = lane / pitch,
    /// destination[(p * k + i) * pitch + lane % pitch] = source[lane * laneStride + i * step] for i in [0, k).
    /// </summary>
    public static void Pack<V>(float* source, nint laneStride, nint step, float* destination, int pitch, int lanes, int k)
        where V : unmanaged, ISimd<V>
    {
        var panel = (nint)pitch * k;
        if (laneStride == 1)
        {
            // A few steps across all panels at a time, so that whole rows of the source are read while they are near.
            for (var i = 0; i < k; i += StepsAtOnce)
            {
                var steps = Math.Min(StepsAtOnce, k - i);
                var from = source + (i * step);
                var to = destination + (i * (nint)pitch);
                for (var lane = 0; lane < lanes; lane += pitch, from += pitch, to += panel)
                {
                    CopyRows<V>(from, step, to, pitch, Math.Min(pitch, lanes - lane), steps);
                }
            }

            return;
        }

        for (var lane = 0; lane < lanes; lane += pitch, destination += panel)
        {
            var count = Math.Min(pitch, lanes - lane);
            Interleave(source + (lane * laneStride), laneStride, step, destination, pitch, count, k);
            var row = destination;
            for (var i = 0; count < pitch && i < k; i++, row += pitch)
            {
                new Span<float>(row + count, pitch - count).Clear();
            }
        }
    }

    /// <summary>Copies a block of rows, touching nothing beside it.</summary>
    public static void Copy<V>(float* source, nint sourceRow, float* destination, nint destinationRow, int columns, int rows)
        where V : unmanaged, ISimd<V>
    {
        for (; rows > 0; rows--, source += sourceRow, destination += destinationRow)
        {
            for (var column = 0; column < columns; column += V.Count)
            {
                var count = Math.Min(V.Count, columns - column);
                V.StorePartial(V.LoadPartial(source + column, count), destination + column, count);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void CopyRows<V>(float* source, nint step, float* destination, int pitch, int lanes, int k)
        where V : unmanaged, ISimd<V>
    {
        if (lanes == pitch && pitch == 2 * V.Count)
        {
            for (; k > 0; k--, source += step, destination += pitch)
            {
                V.Store(V.Load(source), destination);
                V.Store(V.Load(source + V.Count), destination + V.Count);
            }

            return;
        }

        for (; k > 0; k--, source += step, destination += pitch)
        {
            if (lanes < 4 || !SimdTier.Has128)
            {
                for (var lane = 0; lane < lanes; lane++)
                {
                    destination[lane] = source[lane];
                }
            }
            else
            {
                // Fours, the last one overlapping where they do not fit.
                for (var lane = 0; lane + 4 < lanes; lane += 4)
                {
                    Vector128.Load(source + lane).Store(destination + lane);
                }

                Vector128.Load(source + lanes - 4).Store(destination + lanes - 4);
            }

            for (var lane = lanes; lane < pitch; lane++)
            {
                destination[lane] = 0f;
            }
        }
    }

    /// <summary>Blocks of four lanes by four steps, turned in registers where a lane's steps are neighbours.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Interleave(float* source, nint laneStride, nint step, float* destination, int pitch, int lanes, int k)
    {
        var lane = 0;
        var turned = step == 1 && SimdTier.Has128 ? k & ~3 : 0;
        for (; lane + 4 <= lanes; lane += 4)
        {
            var from = source + (lane * laneStride);
            var to = destination + lane;
            for (var i = 0; i < turned; i += 4, from += 4, to += 4 * (nint)pitch)
            {
                Turn(
                    Vector128.Load(from),
                    Vector128.Load(from + laneStride),
                    Vector128.Load(from + (2 * laneStride)),
                    Vector128.Load(from + (3 * laneStride)),
                    to,
                    pitch);
            }

            for (var i = turned; i < k; i++, from += step, to += pitch)
            {
                to[0] = from[0];
                to[1] = from[laneStride];
                to[2] = from[2 * laneStride];
                to[3] = from[3 * laneStride];
            }
        }

        for (; lane < lanes; lane++)
        {
            var from = source + (lane * laneStride);
            var to = destination + lane;
            for (var i = 0; i < k; i++, from += step, to += pitch)
            {
                *to = *from;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Turn(Vector128<float> a, Vector128<float> b, Vector128<float> c, Vector128<float> d, float* to, nint pitch)
    {
        if (Sse.IsSupported)
        {
            var ab = Sse.UnpackLow(a, b);
            var cd = Sse.UnpackLow(c, d);
            Sse.MoveLowToHigh(ab, cd).Store(to);
            Sse.MoveHighToLow(cd, ab).Store(to + pitch);
            ab = Sse.UnpackHigh(a, b);
            cd = Sse.UnpackHigh(c, d);
            Sse.MoveLowToHigh(ab, cd).Store(to + (2 * pitch));
            Sse.MoveHighToLow(cd, ab).Store(to + (3 * pitch));
        }
        else
        {
            var ac = AdvSimd.Arm64.ZipLow(a, c);
            var bd = AdvSimd.Arm64.ZipLow(b, d);
            AdvSimd.Arm64.ZipLow(ac, bd).Store(to);
            AdvSimd.Arm64.ZipHigh(ac, bd).Store(to + pitch);
            ac = AdvSimd.Arm64.ZipHigh(a, c);
            bd = AdvSimd.Arm64.ZipHigh(b, d);
            AdvSimd.Arm64.ZipLow(ac, bd).Store(to + (2 * pitch));
            AdvSimd.Arm64.ZipHigh(ac, bd).Store(to + (3 * pitch));
        }
    }
}
