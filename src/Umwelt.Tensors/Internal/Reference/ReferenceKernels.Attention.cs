// Attention as the formula says it, query by query.
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors.Internal.Reference;

internal static partial class ReferenceKernels
{
    private static void RegisterAttention(Backend backend)
    {
        backend.Register(Attention.Instance, RunAttention);
        backend.Register(AttentionGradient.Instance, RunAttentionGradient);
    }

    private static void RunAttention(in AttentionOptions options, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        var problem = new AttentionProblem(options, inputs[0], inputs[1], inputs[2], inputs[3]);
        var output = new double[outputs[0].Shape.Count];
        var logSumExp = new double[outputs[1].Shape.Count];
        problem.ForEachQuery((batch, time, head, index, weights, total) =>
        {
            logSumExp[index] = total;
            for (var j = 0; j < weights.Length; j++)
            {
                for (var d = 0; d < problem.Size; d++)
                {
                    output[problem.QueryAt(batch, time, head) + d] += weights[j] * problem.Value[problem.KeyAt(batch, j, head) + d];
                }
            }
        });
        ReferenceView.Write(outputs[0], output);
        ReferenceView.Write(outputs[1], logSumExp);
    }

    private static void RunAttentionGradient(in AttentionOptions options, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        var problem = new AttentionProblem(options, inputs[1], inputs[2], inputs[3], inputs[6]);
        var gradient = ReferenceView.Read(inputs[0]);
        var query = new double[problem.Query.Length];
        var key = new double[problem.Key.Length];
        var value = new double[problem.Value.Length];
        problem.ForEachQuery((batch, time, head, _, weights, _) =>
        {
            // dP = dO Vᵀ; dS = P ∘ (dP − Σ P ∘ dP).
            var at = problem.QueryAt(batch, time, head);
            var dWeights = new double[weights.Length];
            for (var j = 0; j < weights.Length; j++)
            {
                for (var d = 0; d < problem.Size; d++)
                {
                    var of = problem.KeyAt(batch, j, head) + d;
                    dWeights[j] += gradient[at + d] * problem.Value[of];
                    value[of] += weights[j] * gradient[at + d];
                }
            }

            var mean = weights.Zip(dWeights, (p, dp) => p * dp).Sum();
            for (var j = 0; j < weights.Length; j++)
            {
                var score = weights[j] * (dWeights[j] - mean) * problem.Scale;
                for (var d = 0; d < problem.Size; d++)
                {
                    var of = problem.KeyAt(batch, j, head) + d;
                    query[at + d] += score * problem.Key[of];
                    key[of] += score * problem.Query[at + d];
                }
            }
        });
        ReferenceView.Write(outputs[0], query);
        ReferenceView.Write(outputs[1], key);
        ReferenceView.Write(outputs[2], value);
    }

    private sealed class AttentionProblem(in AttentionOptions options, in TensorView query, in TensorView key, in TensorView value, in TensorView bounds)
    {
        private readonly AttentionOptions _options = options;
        private readonly Shape _queryShape = query.Shape;
        private readonly Shape _keyShape = key.Shape;
        private readonly int[]? _bounds = bounds.IsPresent ? ReferenceView.ReadIntegers(bounds) : null;

        public double[] Query { get; } = ReferenceView.Read(query);

        public double[] Key { get; } = ReferenceView.Read(key);

        public double[] Value { get; } = ReferenceView.Read(value);

        public int Size { get; } = query.Shape[3];

        public double Scale { get; } = options.Scale == 0f ? 1.0 / Math.Sqrt(query.Shape[3]) : options.Scale;

        public int QueryAt(int batch, int time, int head) =>
            ((((batch * _queryShape[1]) + time) * _queryShape[2]) + head) * Size;

        public int KeyAt(int batch, int time, int queryHead) =>
            ((((batch * _keyShape[1]) + time) * _keyShape[2]) + (queryHead / (_queryShape[2] / _keyShape[2]))) * Size;

        /// <summary>Calls back with the softmax weights over the keys and the logarithm of their sum.</summary>
        public void ForEachQuery(Action<int, int, int, int, double[], double> action)
        {
            for (var batch = 0; batch < _queryShape[0]; batch++)
            {
                for (var head = 0; head < _queryShape[2]; head++)
                {
                    for (var time = 0; time < _queryShape[1]; time++)
                    {
                        var scores = Scores(batch, time, head);
                        var max = scores.Append(double.NegativeInfinity).Max();
                        var sum = scores.Sum(s => double.IsNegativeInfinity(s) ? 0 : Math.Exp(s - max));
                        var weights = Array.ConvertAll(scores, s => double.IsNegativeInfinity(s) ? 0 : Math.Exp(s - max) / sum);
                        var index = (((batch * _queryShape[2]) + head) * _queryShape[1]) + time;
                        action(batch, time, head, index, weights, max + Math.Log(sum));
                    }
                }
            }
        }

        private double[] Scores(int batch, int time, int head)
        {
            var scores = new double[_keyShape[1]];
            for (var j = 0; j < scores.Length; j++)
            {
                var position = time + _options.KeyOffset;
                var isSeen = (_bounds is null || (j >= _bounds[2 * batch] && j < _bounds[(2 * batch) + 1]))
                    && (!_options.Causal || j <= position)
                    && (_options.Window == 0 || (j > position - _options.Window && (_options.Causal || j < position + _options.Window)));
                scores[j] = isSeen ? 0 : double.NegativeInfinity;
                for (var d = 0; isSeen && d < Size; d++)
                {
                    scores[j] += Scale * Query[QueryAt(batch, time, head) + d] * Key[KeyAt(batch, j, head) + d];
                }
            }

            return scores;
        }
    }
}
