// The seam between tensors and machines: a backend owns memory and a table from operations to kernels. Whatever is not
// in the table is composed of simpler operations. Nothing above this class touches a device's memory.
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors;

/// <summary>A kernel: computes an operation's outputs, whose memory is there, from its inputs.</summary>
public delegate void Kernel<TAttributes>(in TAttributes attributes, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    where TAttributes : unmanaged;

/// <summary>A device that runs operations on its own memory. Used by one thread at a time.</summary>
public abstract class Backend : IDisposable
{
    private readonly Dictionary<Operation, Delegate> _kernels = [];

    /// <summary>What the device calls itself, with whatever decides about equal bits (the SIMD tier of a processor).</summary>
    public abstract string Name { get; }

    /// <summary>Bytes held by buffers in use.</summary>
    public abstract long LiveBytes { get; }

    /// <summary>The most that <see cref="LiveBytes"/> has been since <see cref="ResetPeak"/>.</summary>
    public abstract long PeakBytes { get; }

    /// <summary>Begins measuring the peak anew.</summary>
    public abstract void ResetPeak();

    /// <summary>Memory for this many elements, contents undefined. The caller gives it back with <see cref="Free"/>.</summary>
    public abstract DeviceBuffer Allocate(long elements, DataType type);

    /// <summary>Gives memory back; it may be handed out again at once.</summary>
    public abstract void Free(DeviceBuffer buffer);

    /// <summary>Copies host elements into a contiguous view, converting from <paramref name="hostType"/>.</summary>
    public abstract void Upload(ReadOnlySpan<byte> host, DataType hostType, in TensorView destination);

    /// <summary>Copies a contiguous view into host memory, converting to <paramref name="hostType"/>; waits for the device.</summary>
    public abstract void Download(in TensorView source, Span<byte> host, DataType hostType);

    /// <summary>A form of a weight matrix that products on this device like best; see <see cref="PackedMatrix"/>.</summary>
    public abstract PackedBuffer CreatePacked(int outputs, int inputs, WeightFormat format);

    /// <summary>Fills a packed form from a contiguous [outputs, inputs] view.</summary>
    public abstract void Pack(in TensorView weight, PackedBuffer packed);

    /// <summary>Adds or replaces the kernel of an operation: how users and tests bring operations of their own.</summary>
    public void Register<TAttributes>(Operation<TAttributes> operation, Kernel<TAttributes> kernel)
        where TAttributes : unmanaged => _kernels[operation] = kernel;

    /// <summary>Whether this backend runs the operation itself rather than by composition.</summary>
    public bool Supports(Operation operation) => _kernels.ContainsKey(operation) || operation.OfferTo(this);

    /// <summary>Makes the backend compose the operation instead; for tests and measurements of fused operations.</summary>
    public void Unregister(Operation operation) => _kernels.Remove(operation);

    /// <summary>Runs a supported operation.</summary>
    public void Run<TAttributes>(
        Operation<TAttributes> operation,
        in TAttributes attributes,
        ReadOnlySpan<TensorView> inputs,
        ReadOnlySpan<TensorView> outputs)
        where TAttributes : unmanaged
    {
        if (!_kernels.TryGetValue(operation, out var kernel))
        {
            throw new NotSupportedException($"{Name} has no kernel for '{operation.Name}' and the operation has no composition.");
        }

        ((Kernel<TAttributes>)kernel)(attributes, inputs, outputs);
    }

    /// <summary>Gives all memory back.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Registers a kernel for any elementwise operator of one operand; false if the device has none.</summary>
    internal abstract bool TakeUnary<TOperator>(UnaryOperation<TOperator> operation)
        where TOperator : unmanaged, IUnaryOperator;

    /// <summary>Registers a kernel for any elementwise operator of two operands.</summary>
    internal abstract bool TakeBinary<TOperator>(BinaryOperation<TOperator> operation)
        where TOperator : unmanaged, IBinaryOperator;

    /// <summary>Registers a kernel for any elementwise operator of three operands.</summary>
    internal abstract bool TakeTernary<TOperator>(TernaryOperation<TOperator> operation)
        where TOperator : unmanaged, ITernaryOperator;

    /// <summary>How many elements the form of a convolution's weight has that this device likes best; 0 where it is the weight itself.</summary>
    internal virtual long PackedElements(Shape weight) => 0;

    /// <summary>Fills such a form from a contiguous [height, width, inputs, outputs] view; see <see cref="PackedConvolution"/>.</summary>
    internal virtual void PackConvolution(in TensorView weight, in TensorView packed) => throw new NotSupportedException($"{Name} packs no convolutions.");

    /// <summary>Gives the device's resources back.</summary>
    protected abstract void Dispose(bool disposing);
}
