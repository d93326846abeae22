// Copies between two element-strided views of the same shape, for elements of 1, 2, 4 and 8 bytes: views become
// contiguous, results land in slices. Where the two sides are contiguous along different dimensions (a transpose), it goes
// through square blocks, so that both sides touch whole cache lines.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Internal.Cpu.Elementwise;

internal static unsafe class StridedCopy
{
    private const int Square = 16;

    /// <summary>
    /// destination[i] = source[i] for every index i of <paramref name="shape"/>; stride 0 repeats a source element. The
    /// views do not overlap.
    /// </summary>
    public static void Run(
        WorkerPool workers, void* source, ReadOnlySpan<nint> sourceStrides, void* destination, ReadOnlySpan<nint> destinationStrides, ReadOnlySpan<int> shape, int elementSize)
    {
        switch (elementSize)
        {
            case 1:
                Run(workers, (byte*)source, sourceStrides, (byte*)destination, destinationStrides, shape);
                break;
            case 2:
                Run(workers, (ushort*)source, sourceStrides, (ushort*)destination, destinationStrides, shape);
                break;
            case 4:
                Run(workers, (uint*)source, sourceStrides, (uint*)destination, destinationStrides, shape);
                break;
            case 8:
                Run(workers, (ulong*)source, sourceStrides, (ulong*)destination, destinationStrides, shape);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(elementSize), elementSize, "Elements have 1, 2, 4 or 8 bytes.");
        }
    }

    private static void Run<T>(
        WorkerPool workers, T* source, ReadOnlySpan<nint> sourceStrides, T* destination, ReadOnlySpan<nint> destinationStrides, ReadOnlySpan<int> shape)
        where T : unmanaged
    {
        var layout = new StridedLayout(shape, sourceStrides, destinationStrides);
        if (layout.Count == 0)
        {
            return;
        }

        var context = new Context<T> { Source = source, Destination = destination, Layout = layout, Across = Across(layout) };
        if (context.Across >= 0)
        {
            context.AcrossTiles = Tiles.Count(layout.Shape(context.Across), Square);
            var planes = layout.Count / (layout.Inner * layout.Shape(context.Across));
            Tiles.Run<TransposeTile<T>, Context<T>>(workers, checked((int)(planes * context.AcrossTiles)), &context);
        }
        else
        {
            Tiles.Run<RunTile<T>, Context<T>>(workers, Tiles.Count(layout.Count, Tiles.Elements), &context);
        }
    }

    /// <summary>The dimension along which one side is contiguous while the other is so along the innermost; −1 if none.</summary>
    private static int Across(in StridedLayout layout)
    {
        var inner = layout.Rank - 1;
        for (var d = 0; d < inner; d++)
        {
            var turned = (layout.Stride(0, d) == 1 && layout.Stride(1, inner) == 1) || (layout.Stride(1, d) == 1 && layout.Stride(0, inner) == 1);
            if (turned && layout.Shape(d) > 1)
            {
                return d;
            }
        }

        return -1;
    }

    private struct Context<T>
        where T : unmanaged
    {
        public T* Source;
        public T* Destination;
        public StridedLayout Layout;
        public int Across;
        public int AcrossTiles;
    }

    private readonly struct RunTile<T> : ITileKernel<Context<T>>
        where T : unmanaged
    {
        public static void Run<V>(Context<T>* context, int tile, int worker)
            where V : unmanaged, ISimd<V>
        {
            ref readonly var layout = ref context->Layout;
            var offsets = stackalloc long[2];
            var position = (long)tile * Tiles.Elements;
            var end = Math.Min(position + Tiles.Elements, layout.Count);
            while (position < end)
            {
                var (row, column) = Math.DivRem(position, layout.Inner);
                layout.RowOffsets(row, offsets, 2);
                var count = (int)Math.Min(end - position, layout.Inner - column);
                CopyRun(
                    context->Source + offsets[0] + (column * layout.InnerStride(0)), layout.InnerStride(0),
                    context->Destination + offsets[1] + (column * layout.InnerStride(1)), layout.InnerStride(1), count);
                position += count;
            }
        }

        [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
        private static void CopyRun(T* source, long sourceStride, T* destination, long destinationStride, int count)
        {
            if (destinationStride == 1 && sourceStride == 1)
            {
                new ReadOnlySpan<T>(source, count).CopyTo(new Span<T>(destination, count));
            }
            else if (destinationStride == 1 && sourceStride == 0)
            {
                new Span<T>(destination, count).Fill(*source);
            }
            else
            {
                for (var i = 0; i < count; i++, source += sourceStride, destination += destinationStride)
                {
                    *destination = *source;
                }
            }
        }
    }

    /// <summary>One strip of squares: 16 wide across, the whole innermost dimension long.</summary>
    private readonly struct TransposeTile<T> : ITileKernel<Context<T>>
        where T : unmanaged
    {
        public static void Run<V>(Context<T>* context, int tile, int worker)
            where V : unmanaged, ISimd<V>
        {
            ref readonly var layout = ref context->Layout;
            var across = context->Across;
            var inner = layout.Rank - 1;
            var (plane, strip) = Math.DivRem(tile, context->AcrossTiles);
            var source = context->Source;
            var destination = context->Destination;
            for (var d = inner - 1; d >= 0; d--)
            {
                if (d != across)
                {
                    var (rest, coordinate) = Math.DivRem(plane, (int)layout.Shape(d));
                    plane = rest;
                    source += coordinate * layout.Stride(0, d);
                    destination += coordinate * layout.Stride(1, d);
                }
            }

            var first = (long)strip * Square;
            var width = (int)Math.Min(Square, layout.Shape(across) - first);
            source += first * layout.Stride(0, across);
            destination += first * layout.Stride(1, across);
            for (var i = 0L; i < layout.Inner; i += Square)
            {
                CopySquare(
                    source + (i * layout.Stride(0, inner)), layout.Stride(0, across), layout.Stride(0, inner),
                    destination + (i * layout.Stride(1, inner)), layout.Stride(1, across), layout.Stride(1, inner),
                    width, (int)Math.Min(Square, layout.Inner - i));
            }
        }

        [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
        private static void CopySquare(
            T* source, long sourceAcross, long sourceAlong, T* destination, long destinationAcross, long destinationAlong, int across, int along)
        {
            for (var a = 0; a < across; a++)
            {
                var from = source + (a * sourceAcross);
                var to = destination + (a * destinationAcross);
                for (var i = 0; i < along; i++, from += sourceAlong, to += destinationAlong)
                {
                    *to = *from;
                }
            }
        }
    }
}
