// Reading and writing operands of the reference backend: any view as a plain array in logical order. Storage types round
// when written, so that casts mean the same as on other devices.
using Umwelt.Tensors.Internal.Conversions;

namespace Umwelt.Tensors.Internal.Reference;

internal sealed class ReferenceBuffer(int elements) : DeviceBuffer
{
    public double[] Values { get; } = new double[elements];

    public override long Bytes => Values.Length * sizeof(double);
}

internal sealed class ReferencePackedBuffer(int outputs, int inputs, WeightFormat format) : PackedBuffer(outputs, inputs, format)
{
    public double[] Values { get; } = new double[outputs * inputs];

    public override long Bytes => Values.Length * sizeof(double);
}

internal static class ReferenceView
{
    /// <summary>All elements in logical order.</summary>
    public static double[] Read(in TensorView view) => Read(view, view.Shape);

    /// <summary>All elements after broadcasting to a shape.</summary>
    public static double[] Read(in TensorView view, Shape shape)
    {
        var buffer = view.Buffer is ReferencePackedBuffer packed ? packed.Values : ((ReferenceBuffer)view.Buffer).Values;
        var result = new double[shape.Count];
        for (var i = 0; i < result.Length; i++)
        {
            result[i] = buffer[Position(view, shape, i)];
        }

        return result;
    }

    public static int[] ReadIntegers(in TensorView view) => Array.ConvertAll(Read(view), static x => (int)x);

    public static void Write(in TensorView view, ReadOnlySpan<double> values)
    {
        var buffer = ((ReferenceBuffer)view.Buffer).Values;
        for (var i = 0; i < values.Length; i++)
        {
            buffer[Position(view, view.Shape, i)] = Round(values[i], view.Type);
        }
    }

    /// <summary>The nearest value a storage type holds; Float32 keeps the full double, which is this backend's point.</summary>
    public static double Round(double value, DataType type) => type switch
    {
        DataType.BFloat16 => BFloat16ToFloat.One(FloatToBFloat16.One((float)value)),
        DataType.Float16 => (double)(Half)value,
        DataType.Int32 => (int)value,
        DataType.Int64 => (long)value,
        DataType.UInt8 => double.IsNaN(value) ? 0 : Math.Truncate(Math.Clamp(value, 0, 255)),
        _ => value,
    };

    // The index in the buffer of element `index` (in logical order) of a shape to which the view broadcasts.
    private static long Position(in TensorView view, Shape shape, long index)
    {
        var position = view.Offset;
        for (var i = 1; i <= shape.Rank; i++)
        {
            var along = index % shape[-i];
            index /= shape[-i];
            if (i <= view.Shape.Rank && view.Shape[-i] != 1)
            {
                position += along * view.Strides[view.Shape.Rank - i];
            }
        }

        return position;
    }
}
