// The Llama family's forward pass as its papers describe it, in double and in plain loops. It shares nothing with the engine:
// not its tensors, not its layers, not its reading of configurations.
namespace Umwelt.Models.Tests.Llama;

internal sealed class LlamaReference(LlamaCheckpoint model, IReadOnlyDictionary<string, (long[] Shape, double[] Values)> weights)
{
    /// <summary>Scores [time][vocabulary] of the token after each of these.</summary>
    public double[][] Logits(int[] tokens)
    {
        var embedding = weights["model.embed_tokens.weight"].Values;
        double[][] x = [.. tokens.Select(token => embedding.AsSpan(token * model.Width, model.Width).ToArray())];
        for (var layer = 0; layer < model.Layers; layer++)
        {
            var name = $"model.layers.{layer}.";
            var seen = Attention([.. x.Select(row => Norm(row, name + "input_layernorm.weight"))], name + "self_attn.");
            for (var t = 0; t < x.Length; t++)
            {
                x[t] = Sum(x[t], seen[t]);
                var y = Norm(x[t], name + "post_attention_layernorm.weight");
                var gate = Map(y, name + "mlp.gate_proj");
                var up = Map(y, name + "mlp.up_proj");
                for (var i = 0; i < gate.Length; i++)
                {
                    gate[i] = gate[i] / (1 + Math.Exp(-gate[i])) * up[i];
                }

                x[t] = Sum(x[t], Map(gate, name + "mlp.down_proj"));
            }
        }

        var head = model.IsTied ? "model.embed_tokens" : "lm_head";
        return [.. x.Select(row => Map(Norm(row, "model.norm.weight"), head))];
    }

    private double[][] Attention(double[][] x, string name)
    {
        var queries = new double[x.Length][][];
        var keys = new double[x.Length][][];
        var values = new double[x.Length][][];
        for (var t = 0; t < x.Length; t++)
        {
            queries[t] = Split(Map(x[t], name + "q_proj"));
            keys[t] = Split(Map(x[t], name + "k_proj"));
            values[t] = Split(Map(x[t], name + "v_proj"));
            foreach (var (heads, norm) in new[] { (queries[t], "q_norm.weight"), (keys[t], "k_norm.weight") })
            {
                for (var head = 0; head < heads.Length; head++)
                {
                    heads[head] = Turned(model.HasNorms ? Norm(heads[head], name + norm) : heads[head], t);
                }
            }
        }

        var result = new double[x.Length][];
        for (var t = 0; t < x.Length; t++)
        {
            var joined = new double[model.Heads * model.HeadSize];
            for (var head = 0; head < model.Heads; head++)
            {
                var group = head / (model.Heads / model.Groups);
                var first = model.Window > 0 ? Math.Max(0, t - model.Window + 1) : 0;
                var shares = new double[t - first + 1];
                for (var s = first; s <= t; s++)
                {
                    shares[s - first] = Math.Exp(Enumerable.Range(0, model.HeadSize).Sum(i => queries[t][head][i] * keys[s][group][i]) / Math.Sqrt(model.HeadSize));
                }

                var all = shares.Sum();
                for (var s = first; s <= t; s++)
                {
                    for (var i = 0; i < model.HeadSize; i++)
                    {
                        joined[(head * model.HeadSize) + i] += shares[s - first] / all * values[s][group][i];
                    }
                }
            }

            result[t] = Map(joined, name + "o_proj");
        }

        return result;
    }

    private double[] Turned(double[] x, int position)
    {
        var half = model.HeadSize / 2;
        var y = new double[model.HeadSize];
        for (var i = 0; i < half; i++)
        {
            var angle = position * Frequency(1 / Math.Pow(model.Theta, 2.0 * i / model.HeadSize));
            y[i] = (x[i] * Math.Cos(angle)) - (x[i + half] * Math.Sin(angle));
            y[i + half] = (x[i + half] * Math.Cos(angle)) + (x[i] * Math.Sin(angle));
        }

        return y;
    }

    private double Frequency(double frequency)
    {
        const double Factor = 8, Low = 1, High = 4, Old = 16;
        if (model.Stretching is null)
        {
            return frequency;
        }

        var wave = 2 * Math.PI / frequency;
        if (model.Stretching == "linear" || wave > Old / Low)
        {
            return frequency / Factor;
        }

        if (wave < Old / High)
        {
            return frequency;
        }

        var smooth = ((Old / wave) - Low) / (High - Low);
        return ((1 - smooth) * frequency / Factor) + (smooth * frequency);
    }

    private double[] Norm(double[] x, string name)
    {
        var scale = 1 / Math.Sqrt((x.Sum(value => value * value) / x.Length) + model.Epsilon);
        var weight = weights[name].Values;
        return [.. x.Select((value, i) => value * scale * weight[i])];
    }

    private double[] Map(double[] x, string name)
    {
        var weight = weights[name + ".weight"].Values;
        var y = new double[weight.Length / x.Length];
        for (var row = 0; row < y.Length; row++)
        {
            for (var i = 0; i < x.Length; i++)
            {
                y[row] += weight[(row * x.Length) + i] * x[i];
            }

            y[row] += weights.TryGetValue(name + ".bias", out var bias) ? bias.Values[row] : 0;
        }

        return y;
    }

    private double[][] Split(double[] x) => [.. x.Chunk(model.HeadSize)];

    private static double[] Sum(double[] a, double[] b) => [.. a.Zip(b, (one, other) => one + other)];
}
