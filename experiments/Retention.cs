// Claim: the three forms of retention are one function. The parallel form is written out here as one product of matrices with the
// decays as a mask; the other two are the engine's kernel over chunks, and over single moments, with the memory passed on.
using Umwelt.Networks;
using Umwelt.Storage;
using Umwelt.Tensors;

namespace Umwelt;

/// <summary>Retention in parallel, in chunks and moment by moment.</summary>
public sealed class Retention : IExperiment
{
    private const int Rows = 2;
    private const int Time = 1000;
    private const int Heads = 4;
    private const int Keys = 16;
    private const int Values = 32;
    private const int Chunk = 64;
    private const double Bar = 1e-4;

    /// <inheritdoc/>
    public static string Name => "retention";

    /// <inheritdoc/>
    public static string Claim =>
        "Over 1,000 moments retention in parallel, in chunks of 64 and moment by moment gives the same values and gradients to 1e-4, and its state has the same size after 10 moments and after 10,000.";

    /// <inheritdoc/>
    public static ExperimentResult Run(ExperimentOptions options, IProgress<string> progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(progress);
        var verdict = new Verdict(progress);
        foreach (var seed in options.EachSeed)
        {
            using var engine = new Engine(new CpuBackend(options.Threads));
            var parallel = Run(engine, seed, Parallel);
            foreach (var (name, length) in new[] { ("whole", Time), ("chunks", Chunk), ("moments", 1) })
            {
                cancellation.ThrowIfCancellationRequested();
                var cut = Run(engine, seed, (query, key, value) => Cut(query, key, value, length));
                foreach (var (i, part) in ((string[])["values", "of_queries", "of_keys", "of_values"]).Index())
                {
                    verdict.AtMost($"{name}_{part}", seed, Difference(parallel[i], cut[i]), Bar);
                }
            }

            verdict.AtMost("bytes_after_10000_over_10", seed, (double)BytesAfter(engine, 10_000) / BytesAfter(engine, 10), 1);
        }

        return verdict.Result();
    }

    // Values, and gradients of a fixed mix of them for queries, keys and values.
    private static float[][] Run(Engine engine, long seed, Func<Tensor, Tensor, Tensor, Tensor> form)
    {
        using var scope = engine.Scope();
        var (query, key, value) = (Normal(engine, seed, 1, Keys), Normal(engine, seed, 2, Keys), Normal(engine, seed, 3, Values));
        var y = form(query, key, value);
        (y * Normal(engine, seed, 4, Values)).Sum().Backward();
        return [y.ToArray<float>(), query.Gradient.ToArray<float>(), key.Gradient.ToArray<float>(), value.Gradient.ToArray<float>()];
    }

    private static Tensor Parallel(Tensor query, Tensor key, Tensor value)
    {
        var mask = new float[Heads * Time * Time];
        for (var head = 0; head < Heads; head++)
        {
            for (var i = 0; i < Time; i++)
            {
                for (var j = 0; j <= i; j++)
                {
                    mask[(((head * Time) + i) * Time) + j] = (float)(Math.Exp((i - j) * LogDecay(head)) / Math.Sqrt(Keys));
                }
            }
        }

        // [rows, heads, time, size]
        var (q, k, v) = (query.Permute(0, 2, 1, 3), key.Permute(0, 2, 3, 1), value.Permute(0, 2, 1, 3));
        return (q.MatMul(k) * query.Engine.From(mask, [Heads, Time, Time])).MatMul(v).Permute(0, 2, 1, 3);
    }

    private static Tensor Cut(Tensor query, Tensor key, Tensor value, int length)
    {
        var engine = query.Engine;
        var decays = engine.From([.. Enumerable.Range(0, Heads).Select(head => (float)LogDecay(head))], [Heads]);
        var memory = engine.Zeros([Rows, Heads, Keys, Values]);
        var parts = new List<Tensor>();
        for (var start = 0; start < Time; start += length)
        {
            var count = Math.Min(length, Time - start);
            parts.Add(query.Slice(1, start, count).LinearAttention(
                key.Slice(1, start, count), value.Slice(1, start, count), decays.Expand([Rows, count, Heads]), default, memory, out memory));
        }

        return parts.Count == 1 ? parts[0] : Tensor.Concatenate(1, parts.ToArray());
    }

    private static double LogDecay(int head) => Math.Log(1 - Math.Pow(2, -5 - head));

    private static Tensor Normal(Engine engine, long seed, int which, int size)
    {
        var values = new float[Rows * Time * Heads * size];
        RandomStream.Of(seed, which).FillNormal(values);
        var tensor = engine.From(values, [Rows, Time, Heads, size]);
        tensor.RequiresGradient = which < 4;
        return tensor;
    }

    private static double Difference(float[] expected, float[] actual) =>
        expected.Zip(actual, (a, b) => Math.Abs((double)a - b)).Max() / expected.Max(Math.Abs);

    private static long BytesAfter(Engine engine, int moments)
    {
        using var tree = new ParameterTree(engine);
        var mixer = new RetentionMixer(tree, Heads * Keys, Heads);
        using var state = mixer.CreateState(1);
        using var noGradient = engine.NoGradient();
        using var scope = engine.Scope();
        mixer.Apply(engine.Zeros([1, moments, Heads * Keys]), state);
        return state.Bytes;
    }
}
