// The processor as a device: managed kernels over SIMD registers, worker threads of its own, pooled native memory.
// Results are equal bit for bit at any number of threads; across SIMD tiers they agree to rounding.
using Umwelt.Tensors.Internal;
using Umwelt.Tensors.Internal.Cpu;
using Umwelt.Tensors.Internal.Cpu.Convolution;
using Umwelt.Tensors.Internal.Cpu.Elementwise;
using Umwelt.Tensors.Internal.Simd;
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors;

/// <summary>Runs operations on the processor, in managed code.</summary>
public sealed class CpuBackend : Backend
{
    private readonly CpuMemory _memory;

    /// <summary>A backend with its own worker threads; 0 takes one for each core.</summary>
    public CpuBackend(int threads = 0)
        : this(threads, new CpuMemory())
    {
    }

    internal CpuBackend(int threads, CpuMemory memory)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        _memory = memory;
        Workers = new WorkerPool(threads == 0 ? Environment.ProcessorCount : threads);
        CpuKernels.Register(this);
    }

    /// <summary>The SIMD tier this process runs on: avx512, avx2, sse+fma, sse, neon or scalar.</summary>
    public static string Tier => SimdTier.Name;

    /// <summary>Number of threads that share the work, the caller's included.</summary>
    public int Threads => Workers.Threads;

    /// <inheritdoc/>
    public override string Name => $"cpu ({SimdTier.Name})";

    /// <inheritdoc/>
    public override long LiveBytes => _memory.LiveBytes;

    /// <inheritdoc/>
    public override long PeakBytes => _memory.PeakBytes;

    internal WorkerPool Workers { get; }

    /// <inheritdoc/>
    public override void ResetPeak() => _memory.ResetPeak();

    /// <summary>Gives pooled memory that is not in use back to the system.</summary>
    public void Trim() => _memory.Trim();

    /// <inheritdoc/>
    public override DeviceBuffer Allocate(long elements, DataType type) => _memory.Allocate(elements * type.Size());

    /// <inheritdoc/>
    public override void Free(DeviceBuffer buffer)
    {
        if (buffer is CpuPackedBuffer packed)
        {
            _memory.Free(packed.Memory);
        }
        else
        {
            _memory.Free((CpuBuffer)buffer);
        }
    }

    /// <inheritdoc/>
    public override unsafe void Upload(ReadOnlySpan<byte> host, DataType hostType, in TensorView destination)
    {
        fixed (byte* source = host)
        {
            CastDriver.Run(Workers, source, hostType, CpuPointers.Bytes(destination), destination.Type, host.Length / hostType.Size());
        }
    }

    /// <inheritdoc/>
    public override unsafe void Download(in TensorView source, Span<byte> host, DataType hostType)
    {
        fixed (byte* destination = host)
        {
            CastDriver.Run(Workers, CpuPointers.Bytes(source), source.Type, destination, hostType, host.Length / hostType.Size());
        }
    }

    /// <inheritdoc/>
    public override PackedBuffer CreatePacked(int outputs, int inputs, WeightFormat format) =>
        new CpuPackedBuffer(outputs, inputs, format, _memory);

    /// <inheritdoc/>
    public override void Pack(in TensorView weight, PackedBuffer packed) => CpuPackedBuffer.Pack(Workers, weight, (CpuPackedBuffer)packed);

    internal override bool TakeUnary<TOperator>(UnaryOperation<TOperator> operation)
    {
        Register(operation, new ElementwiseKernels(Workers).Unary);
        return true;
    }

    internal override bool TakeBinary<TOperator>(BinaryOperation<TOperator> operation)
    {
        Register(operation, new ElementwiseKernels(Workers).Binary);
        return true;
    }

    internal override bool TakeTernary<TOperator>(TernaryOperation<TOperator> operation)
    {
        Register(operation, new ElementwiseKernels(Workers).Ternary);
        return true;
    }

    internal override long PackedElements(Shape weight) => Convolution2D.PackedFloats(weight);

    internal override unsafe void PackConvolution(in TensorView weight, in TensorView packed) =>
        Convolution2D.Pack(Workers, weight.Shape, CpuPointers.Floats(weight), CpuPointers.Floats(packed));

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        Workers.Dispose();
        _memory.Trim();
    }
}
