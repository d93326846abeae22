// The selective scan, channel by channel and moment by moment.
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors.Internal.Reference;

internal static partial class ReferenceKernels
{
    private static void RegisterSelectiveScan(Backend backend)
    {
        backend.Register(SelectiveScan.Instance, RunSelectiveScan);
        backend.Register(SelectiveScanGradient.Instance, RunSelectiveScanGradient);
    }

    private static void RunSelectiveScan(in bool keeps, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        var (batch, time, channels, states) = (inputs[0].Shape[0], inputs[0].Shape[1], inputs[0].Shape[2], inputs[2].Shape[1]);
        var (x, delta, decay) = (ReferenceView.Read(inputs[0]), ReferenceView.Read(inputs[1]), ReferenceView.Read(inputs[2]));
        var (input, output, h) = (ReferenceView.Read(inputs[3]), ReferenceView.Read(inputs[4]), ReadOr(inputs[5], outputs[1].Shape, 0));
        var y = new double[x.Length];
        var kept = new double[outputs[2].Shape.Count];
        for (var series = 0; series < batch * channels; series++)
        {
            var (b, c) = Math.DivRem(series, channels);
            for (var t = 0; t < time; t++)
            {
                var at = (((b * time) + t) * channels) + c;
                for (var n = 0; n < states; n++)
                {
                    ref var state = ref h[(series * states) + n];
                    if (t % SelectiveScan.Chunk == 0 && keeps)
                    {
                        kept[(((((b * outputs[2].Shape[1]) + (t / SelectiveScan.Chunk)) * states) + n) * channels) + c] = state;
                    }

                    var gate = (((b * time) + t) * states) + n;
                    state = (Math.Exp(delta[at] * decay[(c * states) + n]) * state) + (delta[at] * input[gate] * x[at]);
                    y[at] += output[gate] * state;
                }
            }
        }

        ReferenceView.Write(outputs[0], y);
        ReferenceView.Write(outputs[1], h);
        ReferenceView.Write(outputs[2], kept);
    }

    private static void RunSelectiveScanGradient(in NoAttributes attributes, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        var (batch, time, channels, states) = (inputs[2].Shape[0], inputs[2].Shape[1], inputs[2].Shape[2], inputs[4].Shape[1]);
        var (dy, dh) = (ReferenceView.Read(inputs[0]), ReadOr(inputs[1], outputs[5].Shape, 0));
        var (x, delta, decay) = (ReferenceView.Read(inputs[2]), ReferenceView.Read(inputs[3]), ReferenceView.Read(inputs[4]));
        var (input, output, kept) = (ReferenceView.Read(inputs[5]), ReferenceView.Read(inputs[6]), ReferenceView.Read(inputs[7]));
        var (dx, dDelta, dDecay) = (new double[x.Length], new double[x.Length], new double[decay.Length]);
        var (dInput, dOutput) = (new double[input.Length], new double[output.Length]);
        var line = new double[time + 1];
        for (var entry = 0; entry < batch * channels * states; entry++)
        {
            var (series, n) = Math.DivRem(entry, states);
            var (b, c) = Math.DivRem(series, channels);
            var rate = decay[(c * states) + n];
            int At(int t) => (((b * time) + t) * channels) + c;
            int Gate(int t) => (((b * time) + t) * states) + n;
            line[0] = time == 0 ? 0 : kept[(((b * inputs[7].Shape[1] * states) + n) * channels) + c];
            for (var t = 0; t < time; t++)
            {
                line[t + 1] = (Math.Exp(delta[At(t)] * rate) * line[t]) + (delta[At(t)] * input[Gate(t)] * x[At(t)]);
            }

            ref var d = ref dh[entry];
            for (var t = time - 1; t >= 0; t--)
            {
                d += dy[At(t)] * output[Gate(t)];
                dOutput[Gate(t)] += dy[At(t)] * line[t + 1];
                dInput[Gate(t)] += d * delta[At(t)] * x[At(t)];
                dx[At(t)] += d * delta[At(t)] * input[Gate(t)];
                var factor = Math.Exp(delta[At(t)] * rate);
                dDelta[At(t)] += (d * input[Gate(t)] * x[At(t)]) + (d * line[t] * factor * rate);
                dDecay[(c * states) + n] += d * line[t] * factor * delta[At(t)];
                d *= factor;
            }
        }

        ReferenceView.Write(outputs[0], dx);
        ReferenceView.Write(outputs[1], dDelta);
        ReferenceView.Write(outputs[2], dDecay);
        ReferenceView.Write(outputs[3], dInput);
        ReferenceView.Write(outputs[4], dOutput);
        ReferenceView.Write(outputs[5], dh);
    }
}
