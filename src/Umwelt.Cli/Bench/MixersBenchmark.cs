// `umwelt bench mixers`: what each time mixer costs as time grows. A training step (forward and backward of the mixer alone,
// 256 wide, one row) at lengths from 256 to 16k, and one step of dreaming after histories from 1k to 100k with the bytes of
// its state. Lengths take turns within a round and the best round of each counts.
using System.Diagnostics;
using System.Globalization;
using Umwelt.Networks;
using Umwelt.Storage;
using Umwelt.Tensors;

namespace Umwelt.Cli.Bench;

internal sealed class MixersBenchmark : IBenchmark
{
    private const int Width = 256;
    private const int Heads = 4;
    private const int Rounds = 5;
    private const int StepsEachRound = 100;
    private const int Stretch = 2000;
    private static readonly int[] Lengths = [256, 1024, 4096, 16384];
    private static readonly int[] Histories = [1000, 10_000, 100_000];

    private static readonly (string Name, bool IsRecurrent, Func<ParameterTree, TimeMixer> Make)[] Mixers =
    [
        ("attention", false, tree => new AttentionMixer(tree, Width, new AttentionMixerOptions { Heads = Heads, Context = 16384 })),
        ("window", false, tree => new AttentionMixer(tree, Width, new AttentionMixerOptions { Heads = Heads, Window = 256 })),
        ("retention", true, tree => new RetentionMixer(tree, Width, Heads)),
        ("mamba", true, tree => new MambaMixer(tree, Width)),
        ("mlstm", true, tree => new MatrixLstmMixer(tree, Width, Heads)),
        ("slstm", true, tree => new ScalarLstmMixer(tree, Width, Heads)),
    ];

    public static string Name => "mixers";

    public static string Summary => "training and dreaming steps of each time mixer as time grows (preset: one mixer's name)";

    public static BenchmarkReport Run(BenchmarkOptions options, CancellationToken cancellation)
    {
        var figures = new Dictionary<string, double?>(StringComparer.Ordinal);
        var rows = new List<IReadOnlyList<string>>();
        foreach (var (name, isRecurrent, make) in Mixers)
        {
            if (options.Preset is not null && !string.Equals(options.Preset, name, StringComparison.Ordinal))
            {
                continue;
            }

            options.Progress?.Report(name);
            using var engine = new Engine(new CpuBackend());
            using var tree = new ParameterTree(engine);
            var mixer = make(tree);
            var rounds = Math.Max(2, (int)(Rounds * options.Repeats));
            var training = Train(engine, tree, mixer, rounds, cancellation);
            var (steps, bytes) = Dream(engine, mixer, isRecurrent, rounds, cancellation);
            for (var i = 0; i < Lengths.Length; i++)
            {
                figures[$"{name}_train_{Lengths[i]}_tokens_per_second"] = Lengths[i] / training[i];
            }

            for (var i = 0; i < Histories.Length; i++)
            {
                figures[$"{name}_step_{Histories[i]}_microseconds"] = steps[i] * 1e6;
            }

            figures[$"{name}_state_bytes"] = bytes;
            figures[$"{name}_linear"] = training[3] / (16 * training[1]);
            figures[$"{name}_step"] = steps[2] / steps[0];
            rows.Add(
            [
                name,
                .. training.Select((seconds, i) => Text(Lengths[i] / seconds, "0")),
                Text(figures[$"{name}_linear"], "0.00"),
                .. steps.Select(seconds => Text(seconds * 1e6, "0.0")),
                Text(figures[$"{name}_step"], "0.00"),
                Text(bytes / 1024.0, "0"),
            ]);
        }

        return new BenchmarkReport(
            ["mixer", .. Lengths.Select(length => $"tokens/s at {length}"), "linear", .. Histories.Select(history => $"µs at {history}"), "step", "state KiB"],
            rows,
            figures,
            [$"SIMD tier {CpuBackend.Tier}; {Width} wide, {Heads} heads, one row, {Environment.ProcessorCount} threads; full attention reaches 16,384 moments back"]);
    }

    private static double[] Train(Engine engine, ParameterTree tree, TimeMixer mixer, int rounds, CancellationToken cancellation)
    {
        var best = new double[Lengths.Length];
        Array.Fill(best, double.MaxValue);
        using var inputs = engine.Scope();
        var x = Array.ConvertAll(Lengths, length => Normal(engine, 1, length, Width));
        for (var round = 0; round < rounds; round++)
        {
            for (var i = 0; i < Lengths.Length; i++)
            {
                // Short lengths go through as often as they fit into the longest, and all of it counts: every figure is of as
                // much work, so none has more chances to be lucky.
                var repeats = Lengths[^1] / Lengths[i];
                var start = Stopwatch.GetTimestamp();
                for (var again = 0; again < repeats; again++)
                {
                    cancellation.ThrowIfCancellationRequested();
                    using (engine.Scope())
                    {
                        mixer.Apply(x[i]).Square().Mean().Backward();
                    }

                    foreach (var (_, parameter) in tree.Parameters)
                    {
                        parameter.ClearGradient();
                    }
                }

                best[i] = Math.Min(best[i], Stopwatch.GetElapsedTime(start).TotalSeconds / repeats);
            }
        }

        return best;
    }

    private static (double[] Seconds, long Bytes) Dream(Engine engine, TimeMixer mixer, bool isRecurrent, int rounds, CancellationToken cancellation)
    {
        using var inputs = engine.Scope();
        using var unrecorded = engine.NoGradient();
        var x = Normal(engine, 1, Stretch, Width);
        var states = Array.ConvertAll(Histories, _ => mixer.CreateState(1));
        try
        {
            for (var i = 0; i < Histories.Length; i++)
            {
                // A ring costs what it holds, whatever that is; a recurrence is lived through.
                var lived = isRecurrent ? Histories[i] : Math.Min(Histories[i], Stretch);
                for (var t = 0; t < lived; t += Stretch)
                {
                    cancellation.ThrowIfCancellationRequested();
                    using var scope = engine.Scope();
                    mixer.Apply(x.Slice(1, 0, Math.Min(Stretch, lived - t)), states[i]);
                }

                states[i].Advance(Histories[i] - lived);
            }

            var best = new double[Histories.Length];
            Array.Fill(best, double.MaxValue);
            var moment = x.Slice(1, 7, 1);
            for (var round = 0; round < 4 * rounds; round++)
            {
                for (var i = 0; i < Histories.Length; i++)
                {
                    cancellation.ThrowIfCancellationRequested();
                    var start = Stopwatch.GetTimestamp();
                    for (var step = 0; step < StepsEachRound; step++)
                    {
                        using var scope = engine.Scope();
                        mixer.Step(moment, states[i]);
                    }

                    best[i] = Math.Min(best[i], Stopwatch.GetElapsedTime(start).TotalSeconds / StepsEachRound);
                }
            }

            return (best, states[^1].Bytes);
        }
        finally
        {
            foreach (var state in states)
            {
                state.Dispose();
            }
        }
    }

    private static Tensor Normal(Engine engine, params ReadOnlySpan<int> lengths)
    {
        var shape = Shape.Of(lengths);
        var values = new float[shape.Count];
        RandomStream.Of(1, shape.Count).FillNormal(values);
        return engine.From(values, shape);
    }

    private static string Text(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "-";
}
