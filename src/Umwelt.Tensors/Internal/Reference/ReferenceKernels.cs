// The table of the reference backend: what each operation means, as plainly as it can be said.
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors.Internal.Reference;

internal static partial class ReferenceKernels
{
    public static void Register(Backend backend)
    {
        backend.Register(Copy.Instance, RunCopy);
        backend.Register(Fill.Instance, RunFill);
        backend.Register(Cast.Instance, RunCast);
        backend.Register(Reduce.Instance, RunReduce);
        backend.Register(ArgExtreme.Instance, RunArgExtreme);
        backend.Register(MatMul.Instance, RunMatMul);
        backend.Register(Linear.Instance, RunLinear);
        RegisterAttention(backend);
        RegisterConvolution(backend);
        RegisterRecurrences(backend);
        RegisterSelectiveScan(backend);
        RegisterScalarLstm(backend);
        RegisterPictures(backend);
        RegisterRows(backend);
        RegisterNorms(backend);
        RegisterIndexing(backend);
        RegisterOptimisers(backend);
    }

    private static void RunCopy(in NoAttributes attributes, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs) =>
        ReferenceView.Write(outputs[0], ReferenceView.Read(inputs[0], outputs[0].Shape));

    private static void RunCast(in DataType attributes, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs) =>
        ReferenceView.Write(outputs[0], ReferenceView.Read(inputs[0]));

    private static void RunFill(in double value, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        var values = new double[outputs[0].Shape.Count];
        Array.Fill(values, value);
        ReferenceView.Write(outputs[0], values);
    }

    private static void RunReduce(in ReduceAttributes attributes, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        var shape = inputs[0].Shape;
        var end = attributes.Dimension + attributes.Dimensions;
        var outer = shape.CountOf(0, attributes.Dimension);
        var reduced = (int)shape.CountOf(attributes.Dimension, end);
        var inner = shape.CountOf(end, shape.Rank);
        var x = ReferenceView.Read(inputs[0]);
        var y = new double[outer * inner];
        var line = new double[reduced];
        for (long i = 0; i < y.Length; i++)
        {
            for (var r = 0; r < reduced; r++)
            {
                line[r] = x[((i / inner * reduced) + r) * inner + (i % inner)];
            }

            y[i] = Reduced(attributes.Kind, line);
        }

        ReferenceView.Write(outputs[0], y);
    }

    private static double Reduced(ReduceKind kind, double[] line)
    {
        switch (kind)
        {
            case ReduceKind.Sum:
                return line.Sum();
            case ReduceKind.Mean:
                return line.Average();
            case ReduceKind.Max:
                return line.Aggregate(Math.Max);
            case ReduceKind.Min:
                return line.Aggregate(Math.Min);
            default:
                var max = line.Aggregate(Math.Max);
                return double.IsInfinity(max) ? max : max + Math.Log(line.Sum(x => Math.Exp(x - max)));
        }
    }

    private static void RunArgExtreme(in ArgExtremeAttributes attributes, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        var shape = inputs[0].Shape;
        var length = shape[attributes.Dimension];
        var inner = shape.CountOf(attributes.Dimension + 1, shape.Rank);
        var x = ReferenceView.Read(inputs[0]);
        var y = new double[outputs[0].Shape.Count];
        for (long i = 0; i < y.Length; i++)
        {
            var best = 0;
            for (var r = 1; r < length; r++)
            {
                var candidate = x[((i / inner * length) + r) * inner + (i % inner)];
                var current = x[((i / inner * length) + best) * inner + (i % inner)];
                var isBetter = attributes.Largest ? candidate > current : candidate < current;
                if (!double.IsNaN(current) && (isBetter || double.IsNaN(candidate)))
                {
                    best = r;
                }
            }

            y[i] = best;
        }

        ReferenceView.Write(outputs[0], y);
    }

    private static void RunMatMul(in NoAttributes attributes, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        var shape = outputs[0].Shape;
        int m = shape[-2], n = shape[-1], k = inputs[0].Shape[-1];
        var batch = shape.Dimensions[..^2];
        var a = ReferenceView.Read(inputs[0], Shape.Of([.. batch, m, k]));
        var b = ReferenceView.Read(inputs[1], Shape.Of([.. batch, k, n]));
        var c = new double[shape.Count];
        for (long i = 0; i < c.Length; i++)
        {
            var (product, row, column) = (i / n / m, i / n % m, i % n);
            for (var l = 0; l < k; l++)
            {
                c[i] += a[(((product * m) + row) * k) + l] * b[(((product * k) + l) * n) + column];
            }
        }

        ReferenceView.Write(outputs[0], c);
    }

    private static void RunLinear(in Activation attributes, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        int rows = outputs[0].Shape[0], columns = outputs[0].Shape[1], inner = inputs[0].Shape[1];
        var x = ReferenceView.Read(inputs[0]);
        var weight = ReferenceView.Read(inputs[3].IsPresent ? inputs[3] : inputs[1]);
        var y = inputs[2].IsPresent ? ReferenceView.Read(inputs[2], outputs[0].Shape) : new double[rows * columns];
        for (var i = 0; i < y.Length; i++)
        {
            for (var l = 0; l < inner; l++)
            {
                y[i] += x[(i / columns * inner) + l] * weight[(i % columns * inner) + l];
            }

            y[i] = Activate(attributes, y[i]);
        }

        ReferenceView.Write(outputs[0], y);
    }

    private static double Activate(Activation activation, double x) => activation switch
    {
        Activation.Relu => default(Relu).Reference(x),
        Activation.Silu => default(Silu).Reference(x),
        Activation.Gelu => default(Gelu).Reference(x),
        Activation.GeluTanh => default(GeluTanh).Reference(x),
        _ => x,
    };
}
