// The obvious device: one thread, doubles, loops as in the textbook. It says what every operation means, proves that
// nothing above the seam touches memory, and carries gradient checks that single precision cannot resolve.
using Umwelt.Tensors.Internal;
using Umwelt.Tensors.Internal.Reference;
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors;

/// <summary>Runs operations in double precision, slowly and obviously. Integers are exact up to 2⁵³.</summary>
public sealed class ReferenceBackend : Backend
{
    private long _live;
    private long _peak;

    /// <summary>A reference device.</summary>
    public ReferenceBackend() => ReferenceKernels.Register(this);

    /// <inheritdoc/>
    public override string Name => "reference (double)";

    /// <inheritdoc/>
    public override long LiveBytes => _live;

    /// <inheritdoc/>
    public override long PeakBytes => _peak;

    /// <inheritdoc/>
    public override void ResetPeak() => _peak = _live;

    /// <inheritdoc/>
    public override DeviceBuffer Allocate(long elements, DataType type)
    {
        var buffer = new ReferenceBuffer(checked((int)elements));
        Count(buffer);
        return buffer;
    }

    /// <inheritdoc/>
    public override void Free(DeviceBuffer buffer) => _live -= buffer.Bytes;

    /// <inheritdoc/>
    public override void Upload(ReadOnlySpan<byte> host, DataType hostType, in TensorView destination)
    {
        var values = new double[destination.Shape.Count];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = HostConversion.Read(host, hostType, i);
        }

        ReferenceView.Write(destination, values);
    }

    /// <inheritdoc/>
    public override void Download(in TensorView source, Span<byte> host, DataType hostType)
    {
        var values = ReferenceView.Read(source);
        for (var i = 0; i < values.Length; i++)
        {
            HostConversion.Write(host, hostType, i, values[i]);
        }
    }

    /// <inheritdoc/>
    public override PackedBuffer CreatePacked(int outputs, int inputs, WeightFormat format)
    {
        var packed = new ReferencePackedBuffer(outputs, inputs, format);
        Count(packed);
        return packed;
    }

    /// <inheritdoc/>
    public override void Pack(in TensorView weight, PackedBuffer packed)
    {
        var rounded = packed.Format == WeightFormat.BFloat16 ? DataType.BFloat16 : DataType.Float32;
        var values = ReferenceView.Read(weight);
        for (var i = 0; i < values.Length; i++)
        {
            ((ReferencePackedBuffer)packed).Values[i] = ReferenceView.Round(values[i], rounded);
        }
    }

    internal override bool TakeUnary<TOperator>(UnaryOperation<TOperator> operation)
    {
        Register(operation, static (in TOperator op, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs) =>
        {
            var x = ReferenceView.Read(inputs[0]);
            for (var i = 0; i < x.Length; i++)
            {
                x[i] = op.Reference(x[i]);
            }

            ReferenceView.Write(outputs[0], x);
        });
        return true;
    }

    internal override bool TakeBinary<TOperator>(BinaryOperation<TOperator> operation)
    {
        Register(operation, static (in TOperator op, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs) =>
        {
            var shape = outputs[0].Shape;
            var a = ReferenceView.Read(inputs[0], shape);
            var b = ReferenceView.Read(inputs[1], shape);
            for (var i = 0; i < a.Length; i++)
            {
                a[i] = op.Reference(a[i], b[i]);
            }

            ReferenceView.Write(outputs[0], a);
        });
        return true;
    }

    internal override bool TakeTernary<TOperator>(TernaryOperation<TOperator> operation)
    {
        Register(operation, static (in TOperator op, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs) =>
        {
            var shape = outputs[0].Shape;
            var a = ReferenceView.Read(inputs[0], shape);
            var b = ReferenceView.Read(inputs[1], shape);
            var c = ReferenceView.Read(inputs[2], shape);
            for (var i = 0; i < a.Length; i++)
            {
                a[i] = op.Reference(a[i], b[i], c[i]);
            }

            ReferenceView.Write(outputs[0], a);
        });
        return true;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
    }

    private void Count(DeviceBuffer buffer)
    {
        _live += buffer.Bytes;
        _peak = Math.Max(_peak, _live);
    }
}
