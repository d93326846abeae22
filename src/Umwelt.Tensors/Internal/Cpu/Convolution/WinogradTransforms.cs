// The transforms of F(2x2, 3x3) of Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks" (2015), section 4.1,
// and their adjoints for the weight gradient: sixteen products for four outputs where the definition needs thirty-six.
// Registers hold neighbouring channels; channel counts are multiples of a register.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Internal.Cpu.Convolution;

internal static unsafe class WinogradTransforms
{
    /// <summary>Products a tile of two by two outputs needs for each pair of channels.</summary>
    public const int Points = 16;

    /// <summary>Point p of B' d B goes to target + p * pitch; d is given by a pointer for each of four by four pixels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Patch<V>(float** pixels, int channels, float* target, nint pitch)
        where V : unmanaged, ISimd<V>
    {
        for (nint channel = 0; channel < channels; channel += V.Count, target += V.Count)
        {
            var b0 = V.Load(pixels[4] + channel);
            var b1 = V.Load(pixels[5] + channel);
            var b2 = V.Load(pixels[6] + channel);
            var b3 = V.Load(pixels[7] + channel);
            var c0 = V.Load(pixels[8] + channel);
            var c1 = V.Load(pixels[9] + channel);
            var c2 = V.Load(pixels[10] + channel);
            var c3 = V.Load(pixels[11] + channel);
            PatchRow(b0 + c0, b1 + c1, b2 + c2, b3 + c3, target + (4 * pitch), pitch);
            PatchRow(c0 - b0, c1 - b1, c2 - b2, c3 - b3, target + (8 * pitch), pitch);
            var a0 = V.Load(pixels[0] + channel);
            var a1 = V.Load(pixels[1] + channel);
            var a2 = V.Load(pixels[2] + channel);
            var a3 = V.Load(pixels[3] + channel);
            PatchRow(a0 - c0, a1 - c1, a2 - c2, a3 - c3, target, pitch);
            var d0 = V.Load(pixels[12] + channel);
            var d1 = V.Load(pixels[13] + channel);
            var d2 = V.Load(pixels[14] + channel);
            var d3 = V.Load(pixels[15] + channel);
            PatchRow(b0 - d0, b1 - d1, b2 - d2, b3 - d3, target + (12 * pitch), pitch);
        }
    }

    /// <summary>The four outputs A' m A + initial of a tile; a null pixel lies outside the picture.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Outputs<V>(float* points, nint pitch, float* initial, int channels, float** pixels)
        where V : unmanaged, ISimd<V>
    {
        for (nint channel = 0; channel < channels; channel += V.Count, points += V.Count)
        {
            var b0 = V.Load(points + (4 * pitch));
            var b1 = V.Load(points + (5 * pitch));
            var b2 = V.Load(points + (6 * pitch));
            var b3 = V.Load(points + (7 * pitch));
            var bLeft = b0 + b1 + b2;
            var bRight = b1 - b2 - b3;
            var c0 = V.Load(points + (8 * pitch));
            var c1 = V.Load(points + (9 * pitch));
            var c2 = V.Load(points + (10 * pitch));
            var c3 = V.Load(points + (11 * pitch));
            var cLeft = c0 + c1 + c2;
            var cRight = c1 - c2 - c3;
            var first = V.Load(initial + channel);
            var a0 = V.Load(points);
            var a1 = V.Load(points + pitch);
            var a2 = V.Load(points + (2 * pitch));
            var a3 = V.Load(points + (3 * pitch));
            var d0 = V.Load(points + (12 * pitch));
            var d1 = V.Load(points + (13 * pitch));
            var d2 = V.Load(points + (14 * pitch));
            var d3 = V.Load(points + (15 * pitch));
            V.Store((a0 + a1 + a2) + bLeft + cLeft + first, pixels[0] + channel);
            if (pixels[1] != null)
            {
                V.Store((a1 - a2 - a3) + bRight + cRight + first, pixels[1] + channel);
            }

            if (pixels[2] != null)
            {
                V.Store(bLeft - cLeft - (d0 + d1 + d2) + first, pixels[2] + channel);
            }

            if (pixels[3] != null)
            {
                V.Store(bRight - cRight - (d1 - d2 - d3) + first, pixels[3] + channel);
            }
        }
    }

    /// <summary>Adjoint of <see cref="Outputs"/>: A e A' of the gradients at a tile's four outputs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void OutputGradients<V>(float** pixels, int channels, float* target, nint pitch)
        where V : unmanaged, ISimd<V>
    {
        for (nint channel = 0; channel < channels; channel += V.Count, target += V.Count)
        {
            var a = V.Load(pixels[0] + channel);
            var b = V.Load(pixels[1] + channel);
            var c = V.Load(pixels[2] + channel);
            var d = V.Load(pixels[3] + channel);
            GradientRow(a, b, target, pitch);
            GradientRow(a + c, b + d, target + (4 * pitch), pitch);
            GradientRow(a - c, b - d, target + (8 * pitch), pitch);
            GradientRow(-c, -d, target + (12 * pitch), pitch);
        }
    }

    /// <summary>G g G' of nine taps, tap t of a register of channels at weights + t * pitch.</summary>
    public static void Weights<V>(float* weights, nint pitch, float* target, nint targetPitch)
        where V : unmanaged, ISimd<V>
    {
        var half = V.Broadcast(0.5f);
        for (var row = 0; row < 4; row++)
        {
            var a = WeightRow(weights, pitch, 0, row, half);
            var b = WeightRow(weights, pitch, 1, row, half);
            var c = WeightRow(weights, pitch, 2, row, half);
            V.Store(a, target + (4 * row * targetPitch));
            V.Store(half * (a + c + b), target + (((4 * row) + 1) * targetPitch));
            V.Store(half * (a + c - b), target + (((4 * row) + 2) * targetPitch));
            V.Store(c, target + (((4 * row) + 3) * targetPitch));
        }
    }

    /// <summary>Adjoint of <see cref="Weights"/>: tap (y, x) of G' u G, where point p of u lies at points + p * pitch.</summary>
    public static V WeightGradient<V>(V* points, int y, int x)
        where V : unmanaged, ISimd<V>
    {
        var half = V.Broadcast(0.5f);
        return GradientTap(
            GradientTap(points[0], points[1], points[2], points[3], x, half),
            GradientTap(points[4], points[5], points[6], points[7], x, half),
            GradientTap(points[8], points[9], points[10], points[11], x, half),
            GradientTap(points[12], points[13], points[14], points[15], x, half),
            y,
            half);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PatchRow<V>(V a, V b, V c, V d, float* target, nint pitch)
        where V : unmanaged, ISimd<V>
    {
        V.Store(a - c, target);
        V.Store(b + c, target + pitch);
        V.Store(c - b, target + (2 * pitch));
        V.Store(b - d, target + (3 * pitch));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void GradientRow<V>(V a, V b, float* target, nint pitch)
        where V : unmanaged, ISimd<V>
    {
        V.Store(a, target);
        V.Store(a + b, target + pitch);
        V.Store(a - b, target + (2 * pitch));
        V.Store(-b, target + (3 * pitch));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V WeightRow<V>(float* weights, nint pitch, int column, int row, V half)
        where V : unmanaged, ISimd<V>
    {
        var a = V.Load(weights + (column * pitch));
        var b = V.Load(weights + ((column + 3) * pitch));
        var c = V.Load(weights + ((column + 6) * pitch));
        return row switch
        {
            0 => a,
            1 => half * (a + c + b),
            2 => half * (a + c - b),
            _ => c,
        };
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V GradientTap<V>(V a, V b, V c, V d, int tap, V half)
        where V : unmanaged, ISimd<V> => tap switch
        {
            0 => a + (half * (b + c)),
            1 => half * (b - c),
            _ => (half * (b + c)) + d,
        };
}
