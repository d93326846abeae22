// Copies of rows for the tile products: whatever lay in scratch memory, a padded row ends in zeros, on every tier.
using Umwelt.Tensors.Internal.Cpu.Attention;
using Umwelt.Tensors.Internal.Simd;
using Xunit;

namespace Umwelt.Tensors.Tests.Kernels;

public sealed unsafe class KeyTileTests
{
    [Fact]
    public void Rows_are_padded_with_zeros_to_their_whole_width()
    {
        Check<SimdScalar>();
        if (SimdTier.Has128)
        {
            Check<Simd128>();
        }

        if (SimdTier.Has256)
        {
            Check<Simd256>();
        }

        if (SimdTier.Has512)
        {
            Check<Simd512>();
        }
    }

    private static void Check<V>()
        where V : unmanaged, ISimd<V>
    {
        const int Width = 32;
        const int Rows = 3;
        var source = stackalloc float[Rows * Width];
        var target = stackalloc float[Rows * Width];
        new Span<float>(source, Rows * Width).Fill(1f);
        for (var size = 1; size <= Width; size++)
        {
            new Span<float>(target, Rows * Width).Fill(float.NaN);
            KeyTile.Copy<V>(source, size, Rows, size, target, Width);
            for (var row = 0; row < Rows; row++)
            {
                var copied = new Span<float>(target + (row * Width), Width);
                Assert.True(!copied[..size].ContainsAnyExcept(1f) && !copied[size..].ContainsAnyExcept(0f), $"{typeof(V).Name}, size {size}, row {row}");
            }
        }
    }
}
