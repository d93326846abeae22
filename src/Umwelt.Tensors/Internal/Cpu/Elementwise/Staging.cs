// Brings a run of a strided operand into a small contiguous buffer, so that strided operands pass through the same vector
// loops as contiguous ones and round the same.
namespace Umwelt.Tensors.Internal.Cpu.Elementwise;

internal static unsafe class Staging
{
    /// <summary>Elements staged at once: 1 KB an operand, well inside the first-level cache.</summary>
    public const int Length = 256;

    /// <summary>Innermost runs shorter than this are staged many at once.</summary>
    public const int ShortRun = 64;

    /// <summary>
    /// Elements from <paramref name="position"/> on in the order of the shape, across the ends of innermost runs: where they lie
    /// if the operand is dense, else in <paramref name="buffer"/>.
    /// </summary>
    public static float* Across(in StridedLayout layout, int operand, float* source, long position, float* buffer, int count)
    {
        if (layout.IsDense(operand))
        {
            return source + position;
        }

        var offsets = stackalloc long[StridedLayout.MaxOperands];
        var stride = layout.InnerStride(operand);
        var (row, column) = Math.DivRem(position, layout.Inner);
        for (var done = 0; done < count; row++, column = 0)
        {
            if (layout.Rank == 2)
            {
                offsets[operand] = row * layout.Stride(operand, 0);
            }
            else
            {
                layout.RowOffsets(row, offsets, operand + 1);
            }

            var from = source + offsets[operand] + (column * stride);
            for (var end = (int)Math.Min(count, done + layout.Inner - column); done < end; done++, from += stride)
            {
                buffer[done] = *from;
            }
        }

        return buffer;
    }

    /// <summary>The run itself where it is contiguous, else <paramref name="buffer"/> filled with it.</summary>
    public static float* Run(float* source, long stride, float* buffer, int count)
    {
        if (stride == 1)
        {
            return source;
        }

        if (stride == 0)
        {
            new Span<float>(buffer, count).Fill(*source);
        }
        else
        {
            for (var i = 0; i < count; i++)
            {
                buffer[i] = source[i * stride];
            }
        }

        return buffer;
    }
}
