// What a backend sees of a tensor: an opaque buffer and where in it the elements lie. Nothing about gradients.
namespace Umwelt.Tensors;

/// <summary>Memory that belongs to a backend; only the backend that made it knows what is inside.</summary>
public abstract class DeviceBuffer
{
    /// <summary>Bytes this buffer takes on its device.</summary>
    public abstract long Bytes { get; }
}

/// <summary>The elements of one operand within a buffer.</summary>
public readonly struct TensorView(DeviceBuffer buffer, long offset, DataType type, Shape shape, Strides strides)
{
    /// <summary>The memory.</summary>
    public DeviceBuffer Buffer { get; } = buffer;

    /// <summary>False for an optional operand that was left out; then nothing else here means anything.</summary>
    public bool IsPresent => Buffer is not null;

    /// <summary>Index of the first element.</summary>
    public long Offset { get; } = offset;

    /// <summary>What the elements are.</summary>
    public DataType Type { get; } = type;

    /// <summary>The lengths.</summary>
    public Shape Shape { get; } = shape;

    /// <summary>The distances between neighbours, in elements.</summary>
    public Strides Strides { get; } = strides;

    /// <summary>Whether the elements lie densely in order.</summary>
    public bool IsContiguous => Strides.IsContiguous(Shape);
}

/// <summary>Shape and element type of a tensor that does not exist yet.</summary>
public readonly record struct TensorSpec(Shape Shape, DataType Type = DataType.Float32)
{
    /// <summary>False for an optional operand that was left out.</summary>
    public bool IsPresent { get; } = true;
}
