// What operations on rows mean: softmax, cross-entropy, norms, running sums, the largest of a row, drawing from logits.
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors.Internal.Reference;

internal static partial class ReferenceKernels
{
    private static void RegisterRows(Backend backend)
    {
        backend.Register(Softmax.Instance, static (in _, inputs, outputs) => RunRows(inputs, outputs, static row => Softmaxed(row, logarithm: false)));
        backend.Register(LogSoftmax.Instance, static (in _, inputs, outputs) => RunRows(inputs, outputs, static row => Softmaxed(row, logarithm: true)));
        backend.Register(SoftmaxGradient.Instance, RunSoftmaxGradient);
        backend.Register(LogSoftmaxGradient.Instance, RunLogSoftmaxGradient);
        backend.Register(CrossEntropy.Instance, RunCrossEntropy);
        backend.Register(CrossEntropyGradient.Instance, RunCrossEntropyGradient);
        backend.Register(CountTargets.Instance, RunCountTargets);
        backend.Register(CumulativeSum.Instance, RunCumulativeSum);
        backend.Register(TopK.Instance, RunTopK);
        backend.Register(Sample.Instance, RunSample);
    }

    private static void RunRows(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs, Func<double[], double[]> function)
    {
        var x = ReferenceView.Read(inputs[0]);
        var size = inputs[0].Shape[-1];
        var y = new List<double>(x.Length);
        for (var start = 0; start < x.Length; start += size)
        {
            y.AddRange(function(x[start..(start + size)]));
        }

        ReferenceView.Write(outputs[0], y.ToArray());
    }

    private static double[] Softmaxed(double[] row, bool logarithm)
    {
        var max = row.Max();
        var sum = row.Sum(x => Math.Exp(x - max));
        return Array.ConvertAll(row, x => logarithm ? x - max - Math.Log(sum) : Math.Exp(x - max) / sum);
    }

    private static void RunSoftmaxGradient(in NoAttributes attributes, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        var (y, dy) = (ReferenceView.Read(inputs[0]), ReferenceView.Read(inputs[1]));
        var size = inputs[0].Shape[-1];
        var dx = new double[y.Length];
        for (var i = 0; i < dx.Length; i++)
        {
            var dot = Enumerable.Range(i / size * size, size).Sum(j => y[j] * dy[j]);
            dx[i] = y[i] * (dy[i] - dot);
        }

        ReferenceView.Write(outputs[0], dx);
    }

    private static void RunLogSoftmaxGradient(in NoAttributes attributes, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        var (y, dy) = (ReferenceView.Read(inputs[0]), ReferenceView.Read(inputs[1]));
        var size = inputs[0].Shape[-1];
        var dx = new double[y.Length];
        for (var i = 0; i < dx.Length; i++)
        {
            dx[i] = dy[i] - (Math.Exp(y[i]) * Enumerable.Range(i / size * size, size).Sum(j => dy[j]));
        }

        ReferenceView.Write(outputs[0], dx);
    }

    private static void RunCrossEntropy(in CrossEntropyAttributes attributes, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        var (logits, targets) = (ReferenceView.Read(inputs[0]), ReferenceView.ReadIntegers(inputs[1]));
        var size = inputs[0].Shape[-1];
        var (losses, logSums) = (new double[targets.Length], new double[targets.Length]);
        for (var row = 0; row < targets.Length; row++)
        {
            if (targets[row] == attributes.Ignored)
            {
                continue;
            }

            CheckIndex(CrossEntropy.Instance, targets[row], row, size);
            var x = logits[(row * size)..((row + 1) * size)];
            var max = x.Max();
            logSums[row] = max + Math.Log(x.Sum(v => Math.Exp(v - max)));
            losses[row] = logSums[row] - ((1.0 - attributes.Smoothing) * x[targets[row]]) - (attributes.Smoothing * x.Average());
        }

        ReferenceView.Write(outputs[0], losses);
        ReferenceView.Write(outputs[1], logSums);
    }

    private static void RunCrossEntropyGradient(in CrossEntropyAttributes attributes, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        var (logits, targets) = (ReferenceView.Read(inputs[0]), ReferenceView.ReadIntegers(inputs[1]));
        var (logSums, gradients) = (ReferenceView.Read(inputs[2]), ReferenceView.Read(inputs[3]));
        var size = inputs[0].Shape[-1];
        var dx = new double[logits.Length];
        for (var i = 0; i < dx.Length; i++)
        {
            var (row, c) = (i / size, i % size);
            if (targets[row] != attributes.Ignored)
            {
                var wanted = (targets[row] == c ? 1.0 - attributes.Smoothing : 0.0) + (attributes.Smoothing / (double)size);
                dx[i] = (Math.Exp(logits[i] - logSums[row]) - wanted) * gradients[row];
            }
        }

        ReferenceView.Write(outputs[0], dx);
    }

    private static void RunCountTargets(in int ignored, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        var count = 0;
        foreach (var target in ReferenceView.ReadIntegers(inputs[0]))
        {
            count += target == ignored ? 0 : 1;
        }

        ReferenceView.Write(outputs[0], [Math.Max(1, count)]);
    }

    private static void RunCumulativeSum(in CumulativeSumAttributes attributes, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        var shape = inputs[0].Shape;
        var length = shape[attributes.Dimension];
        var inner = (int)shape.CountOf(attributes.Dimension + 1, shape.Rank);
        var y = ReferenceView.Read(inputs[0]);
        for (var i = 0; i < y.Length; i++)
        {
            var at = attributes.Reverse ? y.Length - 1 - i : i;
            var along = at / inner % length;
            if (attributes.Reverse ? along < length - 1 : along > 0)
            {
                y[at] += y[attributes.Reverse ? at + inner : at - inner];
            }
        }

        ReferenceView.Write(outputs[0], y);
    }

    private static void RunTopK(in int count, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        var x = ReferenceView.Read(inputs[0]);
        var size = inputs[0].Shape[-1];
        var (values, indices) = (new List<double>(), new List<double>());
        for (var start = 0; start < x.Length; start += size)
        {
            foreach (var index in Falling(x[start..(start + size)]).Take(count))
            {
                values.Add(x[start + index]);
                indices.Add(index);
            }
        }

        ReferenceView.Write(outputs[0], values.ToArray());
        ReferenceView.Write(outputs[1], indices.ToArray());
    }

    // Places from the largest element to the smallest; the sort is stable, so of equal ones the first comes first.
    private static int[] Falling(double[] row) =>
        [.. Enumerable.Range(0, row.Length).OrderByDescending(i => double.IsNaN(row[i])).ThenByDescending(i => row[i])];

    private static void RunSample(in Sampling sampling, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        var (x, uniforms) = (ReferenceView.Read(inputs[0]), ReferenceView.Read(inputs[1]));
        var size = inputs[0].Shape[-1];
        var y = new double[uniforms.Length];
        for (var row = 0; row < y.Length; row++)
        {
            y[row] = Drawn(x[(row * size)..((row + 1) * size)], uniforms[row], sampling);
        }

        ReferenceView.Write(outputs[0], y);
    }

    private static int Drawn(double[] logits, double uniform, Sampling sampling)
    {
        var order = Falling(logits);
        if (sampling.Temperature == 0)
        {
            return order[0];
        }

        if (sampling.TopK > 0)
        {
            order = order[..Math.Min(sampling.TopK, order.Length)];
        }

        var weights = Array.ConvertAll(order, i => Math.Exp((logits[i] - logits[order[0]]) / sampling.Temperature));
        var total = weights.Sum();
        var (kept, mass) = (0, 0.0);
        while (kept < order.Length && mass < sampling.TopP * total && weights[kept] >= sampling.MinP)
        {
            mass += weights[kept++];
        }

        // Where no weight is a number there is nothing to draw by.
        if (kept == 0)
        {
            return order[0];
        }

        // Classes lie on the line of probability in their own order.
        var chosen = order[..kept].Zip(weights).OrderBy(static pair => pair.First).ToArray();
        var target = uniform * chosen.Sum(static pair => pair.Second);
        foreach (var (index, weight) in chosen)
        {
            target -= weight;
            if (target < 0)
            {
                return index;
            }
        }

        return chosen[^1].First;
    }

    private static void CheckIndex(Operation operation, long index, long position, long length)
    {
        if ((ulong)index >= (ulong)length)
        {
            throw new IndexException(operation.Name, index, position, length);
        }
    }
}
