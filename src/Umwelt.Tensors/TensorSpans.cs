// The base library's own multi-dimensional spans in and out, whatever their strides; shapes come along with them.
using System.Buffers;
using System.Numerics.Tensors;

namespace Umwelt.Tensors;

/// <summary>Tensors from and to <see cref="TensorSpan{T}"/>.</summary>
public static class TensorSpans
{
    /// <summary>A new tensor with the shape and elements of a span; double becomes Float32.</summary>
    public static Tensor From<T>(this Engine engine, in ReadOnlyTensorSpan<T> source)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(engine);
        var count = checked((int)source.FlattenedLength);
        var elements = ArrayPool<T>.Shared.Rent(count);
        try
        {
            source.FlattenTo(elements);
            return engine.From<T>(elements.AsSpan(0, count), ShapeOf(source.Lengths));
        }
        finally
        {
            ArrayPool<T>.Shared.Return(elements);
        }
    }

    /// <summary>Copies the elements into a span of the same shape; waits for the device.</summary>
    public static void Read<T>(this Tensor tensor, in TensorSpan<T> destination)
        where T : unmanaged
    {
        var shape = ShapeOf(destination.Lengths);
        if (shape != tensor.Shape)
        {
            throw new ShapeException("read", tensor.Shape, shape, "the span has another shape");
        }

        var count = checked((int)shape.Count);
        var elements = ArrayPool<T>.Shared.Rent(count);
        try
        {
            tensor.Read(elements.AsSpan(0, count));
            new ReadOnlyTensorSpan<T>(elements.AsSpan(0, count), destination.Lengths).CopyTo(destination);
        }
        finally
        {
            ArrayPool<T>.Shared.Return(elements);
        }
    }

    private static Shape ShapeOf(ReadOnlySpan<nint> lengths)
    {
        if (lengths.Length > Shape.MaxRank)
        {
            throw new ShapeException($"A tensor has at most {Shape.MaxRank} dimensions, not {lengths.Length}.");
        }

        Span<int> whole = stackalloc int[lengths.Length];
        for (var i = 0; i < whole.Length; i++)
        {
            whole[i] = checked((int)lengths[i]);
        }

        return Shape.Of(whole);
    }
}
