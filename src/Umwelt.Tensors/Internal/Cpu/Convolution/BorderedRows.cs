// Rows of a channels-last picture that may reach over its edge: the picture itself where they do not, otherwise a copy
// whose pixels outside are zeros. Copying is a few percent of the arithmetic and keeps borders out of the hot loops.
namespace Umwelt.Tensors.Internal.Cpu.Convolution;

internal static unsafe class BorderedRows
{
    /// <summary>The pixel (top, left) and, by <paramref name="pitch"/> floats a row, the rows below it.</summary>
    public static float* Get(
        float* picture, int height, int width, int channels, int top, int rows, int left, int columns, float* scratch, out nint pitch)
    {
        if (top >= 0 && top + rows <= height && left >= 0 && left + columns <= width)
        {
            pitch = (nint)width * channels;
            return picture + (top * pitch) + ((nint)left * channels);
        }

        pitch = (nint)columns * channels;
        var before = Math.Clamp(-left, 0, columns);
        var inside = Math.Clamp(Math.Min(columns, width - left) - before, 0, columns - before);
        for (var row = 0; row < rows; row++)
        {
            var target = scratch + (row * pitch);
            var y = top + row;
            if (y < 0 || y >= height || inside == 0)
            {
                new Span<float>(target, (int)pitch).Clear();
                continue;
            }

            var after = before + inside;
            new Span<float>(target, before * channels).Clear();
            new ReadOnlySpan<float>(picture + ((((nint)y * width) + left + before) * channels), inside * channels)
                .CopyTo(new Span<float>(target + ((nint)before * channels), inside * channels));
            new Span<float>(target + ((nint)after * channels), (columns - after) * channels).Clear();
        }

        return scratch;
    }
}
