// The sLSTM, moment by moment; names as in the paper.
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors.Internal.Reference;

internal static partial class ReferenceKernels
{
    // A gate below this is shut: its exponential is 0 in any precision, and sums of such logarithms stay finite.
    private const double LeastLogGate = -1e4;

    private static void RegisterScalarLstm(Backend backend)
    {
        backend.Register(ScalarLstm.Instance, RunScalarLstm);
        backend.Register(ScalarLstmGradient.Instance, RunScalarLstmGradient);
    }

    private static void RunScalarLstm(in ScalarLstmOptions options, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        var (batch, time, heads, size) = (inputs[0].Shape[0], inputs[0].Shape[1], inputs[0].Shape[3], inputs[0].Shape[4]);
        var (gates, weights, state) = (ReferenceView.Read(inputs[0]), ReferenceView.Read(inputs[1]), ReadOr(inputs[2], outputs[1].Shape, 0));
        var (y, kept) = (new double[outputs[0].Shape.Count], new double[outputs[2].Shape.Count]);
        var width = heads * size;
        for (var moment = 0; moment < batch * time; moment++)
        {
            var s = moment / time * 4 * width;
            var h = state.AsSpan(s + (2 * width), width).ToArray();
            for (var e = 0; e < width; e++)
            {
                var pre = new double[4];
                for (var g = 0; g < 4; g++)
                {
                    pre[g] = gates[(((moment * 4) + g) * width) + e];
                    for (var j = 0; j < size; j++)
                    {
                        pre[g] += h[(e / size * size) + j] * weights[((((g * width) + (e / size * size)) + j) * size) + (e % size)];
                    }
                }

                ref var c = ref state[s + e];
                ref var n = ref state[s + width + e];
                ref var m = ref state[s + (3 * width) + e];
                var (input, forget, next) = ScalarGates(options, pre, n, m);
                var (z, o) = (Math.Tanh(pre[0]), 1 / (1 + Math.Exp(-pre[3])));
                c = (forget * c) + (input * z);
                n = (forget * n) + input;
                m = next;
                state[s + (2 * width) + e] = y[(moment * width) + e] = n == 0 ? 0 : o * c / n;
                Span<double> rows = [z, input, forget, o, options.IsForgetExponential ? 1 : 1 / (1 + Math.Exp(pre[2])), c, n];
                for (var row = 0; options.KeepsStates && row < ScalarLstm.Kept; row++)
                {
                    kept[(((moment * ScalarLstm.Kept) + row) * width) + e] = rows[row];
                }
            }
        }

        ReferenceView.Write(outputs[0], y);
        ReferenceView.Write(outputs[1], state);
        ReferenceView.Write(outputs[2], kept);
    }

    private static void RunScalarLstmGradient(in bool wantsWeights, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        var (batch, time, heads, size) = (inputs[0].Shape[0], inputs[0].Shape[1], inputs[0].Shape[2], inputs[0].Shape[3]);
        var (dy, d) = (ReferenceView.Read(inputs[0]), ReadOr(inputs[1], outputs[1].Shape, 0));
        var (weights, first, y, kept) = (ReferenceView.Read(inputs[2]), ReadOr(inputs[3], outputs[1].Shape, 0), ReferenceView.Read(inputs[4]), ReferenceView.Read(inputs[5]));
        var (dGates, dWeights) = (new double[outputs[0].Shape.Count], new double[outputs[2].Shape.Count]);
        var width = heads * size;
        for (var moment = (batch * time) - 1; moment >= 0; moment--)
        {
            var s = moment / time * 4 * width;
            var dh = d.AsSpan(s + (2 * width), width);
            double Kept(int row, int e, int at) => kept[(((at * ScalarLstm.Kept) + row) * width) + e];
            for (var e = 0; e < width; e++)
            {
                var isFirst = moment % time == 0;
                var (c0, n0) = isFirst ? (first[s + e], first[s + width + e]) : (Kept(5, e, moment - 1), Kept(6, e, moment - 1));
                var (z, input, forget, o) = (Kept(0, e, moment), Kept(1, e, moment), Kept(2, e, moment), Kept(3, e, moment));
                var (c, n) = (Kept(5, e, moment), Kept(6, e, moment));
                var answer = dy[(moment * width) + e] + dh[e];
                var dc = d[s + e] + (answer * o / n);
                var dn = d[s + width + e] - (answer * o * c / (n * n));
                var dForget = ((dc * c0) + (dn * n0)) * forget;
                Span<double> dPre =
                [
                    dc * input * (1 - (z * z)),
                    ((dc * z) + dn) * input,
                    dForget * Kept(4, e, moment),
                    answer * c / n * o * (1 - o),
                ];
                for (var g = 0; g < 4; g++)
                {
                    dGates[(((moment * 4) + g) * width) + e] = dPre[g];
                }

                (d[s + e], d[s + width + e]) = (dc * forget, dn * forget);
            }

            dh.Clear();
            for (var g = 0; g < 4; g++)
            {
                for (var to = 0; to < width; to++)
                {
                    for (var j = 0; j < size; j++)
                    {
                        var from = (to / size * size) + j;
                        var (gradient, at) = (dGates[(((moment * 4) + g) * width) + to], (((g * width) + from) * size) + (to % size));
                        dh[from] += gradient * weights[at];
                        if (wantsWeights)
                        {
                            dWeights[at] += gradient * (moment % time == 0 ? first[s + (2 * width) + from] : y[((moment - 1) * width) + from]);
                        }
                    }
                }
            }
        }

        for (var b = 0; b < batch; b++)
        {
            d.AsSpan(((b * 4) + 3) * width, width).Clear();
        }

        ReferenceView.Write(outputs[0], dGates);
        ReferenceView.Write(outputs[1], d);
        ReferenceView.Write(outputs[2], dWeights);
    }

    // Stabilised input and forget gates, and the next stabiliser. Where nothing was ever put in, the stabiliser says nothing.
    private static (double Input, double Forget, double Stabiliser) ScalarGates(in ScalarLstmOptions options, double[] pre, double n, double m)
    {
        var logForget = options.IsForgetExponential ? pre[2] : Math.Min(pre[2], 0) - Math.Log(1 + Math.Exp(-Math.Abs(pre[2])));
        var forget = Math.Max(LeastLogGate, logForget) + (n == 0 ? double.NegativeInfinity : m);
        var input = Math.Max(LeastLogGate, pre[1]);
        var next = Math.Max(forget, input);
        return (Math.Exp(input - next), Math.Exp(forget - next), next);
    }
}
