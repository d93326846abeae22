// `umwelt bench dream`: moments a second of a dream of the house, pictures of 64 x 64 with stereo sound and words: one alone with
// everything rendered, sixteen together, sixty-four together with nothing rendered; what it allocates, remembers and costs
// to fork; whether a long history makes it slower; and a frame of a diffusion world model of DIAMOND's shape in PyTorch
// (benchmarks/peers/diamond.py), pictures alone, on the same cores.
using System.Diagnostics;
using Umwelt.Cli.Bench.Peers;
using Umwelt.Models;
using Umwelt.Moments;
using Umwelt.Tensors;

namespace Umwelt.Cli.Bench;

internal sealed class DreamBenchmark : IBenchmark
{
    private const int Threads = 2;
    private const int Steps = 400;
    private const int LongHistory = 72_000;
    private const int ShortHistory = 1_000;
    private const int Forks = 200;
    private const int CountedSteps = 50;

    public static string Name => "dream";

    public static string Summary => "a dream of the house, alone and together, rendered and not, beside PyTorch; preset quick leaves out the long history, profile goes operation by operation";

    public static BenchmarkReport Run(BenchmarkOptions options, CancellationToken cancellation)
    {
        // One thread waits for nobody, so that each operation's time is its own.
        using var engine = new Engine(new CpuBackend(options.Preset == "profile" ? 1 : Threads));
        using var model = HouseModel.Create(engine);
        var rows = new List<IReadOnlyList<string>>();
        var figures = new Dictionary<string, double?>(StringComparer.Ordinal);
        var steps = (int)Math.Max(50, Steps * options.Repeats);
        if (options.Preset == "profile")
        {
            return Profile(engine, model, steps, cancellation);
        }

        var alone = Add("one, rendered", "", Begin(model, 1), steps);
        figures["p99_ms"] = alone.Slowest * 1e3;
        figures["managed_bytes_per_moment"] = alone.Bytes;
        using (var dream = Begin(model, 1))
        {
            figures["state_bytes"] = dream.StateBytes;
            figures["fork_ms"] = Fork(dream) * 1e3;
        }

        _ = Add("one, not rendered", "latent1_", Begin(model, 1, renders: false), steps);
        _ = Add("sixteen, rendered", "batch16_", Begin(model, 16), Math.Max(20, steps / 8));
        var latent = Add("sixty-four, not rendered", "latent_", Begin(model, 64, renders: false), Math.Max(20, steps / 8));
        figures["latent_gain"] = latent.Rate / alone.Rate;
        if (options.Preset is null)
        {
            options.Progress?.Report("a long history");
            figures["history_ratio"] = Aged(model, LongHistory, steps) / Aged(model, ShortHistory, steps);
        }
        else if (options.Preset != "quick")
        {
            throw new MisuseException(Misuse.Unknown("preset", options.Preset, ["quick", "profile"], "Without one, a history of an hour is tried as well."));
        }

        using var peer = PythonPeer.TryStart("diamond.py");
        options.Progress?.Report("a diffusion world model in PyTorch");
        var frame = peer?.AskSeconds(FormattableString.Invariant($"{{\"frames\": 4, \"steps\": 3, \"threads\": {Threads}}}"));
        figures["diamond_seconds"] = frame;
        figures["vs_diamond"] = frame * alone.Rate;
        if (frame is { } seconds)
        {
            rows.Add(["a frame of DIAMOND's shape, three steps", FormattableString.Invariant($"{1 / seconds:F1}"), FormattableString.Invariant($"{seconds * 1e3:F0}"), "-", "-"]);
        }

        return new BenchmarkReport(
            ["case", "moments/s", "median ms", "p99 ms", "bytes a moment"],
            rows,
            figures,
            [FormattableString.Invariant($"{model.Parameters.Count:N0} parameters, {model.SlotCount} slots; {Threads} threads, SIMD tier {CpuBackend.Tier}; weights that have learnt nothing"), peer?.Description ?? "PyTorch is not installed"]);

        Timing Add(string name, string key, Dream dream, int count)
        {
            using (dream)
            {
                options.Progress?.Report(name);
                var timing = Measure(dream, count, cancellation);
                figures[key + "moments_per_second"] = timing.Rate;
                rows.Add([name, FormattableString.Invariant($"{timing.Rate:F0}"), FormattableString.Invariant($"{timing.Median * 1e3:F2}"), FormattableString.Invariant($"{timing.Slowest * 1e3:F2}"), FormattableString.Invariant($"{timing.Bytes:F0}")]);
                return timing;
            }
        }
    }

    // Where the time of a rendered moment goes.
    private static BenchmarkReport Profile(Engine engine, WorldModel model, int steps, CancellationToken cancellation)
    {
        using var dream = Begin(model, 1);
        _ = Measure(dream, steps, cancellation);
        var operations = new OperationTimes();
        engine.Inspector = operations;
        _ = Measure(dream, steps, cancellation);
        engine.Inspector = null;
        return new BenchmarkReport(["operation", "ms a moment", "calls"], operations.Rows(2 * steps), new Dictionary<string, double?>(StringComparer.Ordinal), []);
    }

    private static Dream Begin(WorldModel model, int count, bool renders = true)
    {
        var dream = model.Dream(1, count);
        dream.Prime(HouseModel.Live(count, 8), 8);
        dream.Renders = renders;
        return dream;
    }

    private static Timing Measure(Dream dream, int steps, CancellationToken cancellation)
    {
        var moments = new MomentBatch(dream.Schema, dream.Count);
        var commands = new MomentBatch(dream.Schema.Motor, dream.Count);
        var occupant = dream.CreateOccupant("random");
        var all = new bool[dream.Count];
        Array.Fill(all, true);
        var times = new double[steps];
        long bytes = 0;

        // The first round warms up caches, buffers and compiled code; the last one counts bytes, which stops all threads.
        for (var round = 0; round < 3; round++)
        {
            for (var i = 0; i < (round < 2 ? steps : Math.Min(steps, CountedSteps)); i++)
            {
                cancellation.ThrowIfCancellationRequested();
                occupant.Act(moments, commands, all);
                var before = round < 2 ? 0 : GC.GetTotalAllocatedBytes(precise: true);
                var start = Stopwatch.GetTimestamp();
                dream.Step(commands, moments, all);
                if (round < 2)
                {
                    times[i] = Stopwatch.GetElapsedTime(start).TotalSeconds;
                }
                else
                {
                    bytes += GC.GetTotalAllocatedBytes(precise: true) - before;
                }
            }
        }

        var total = times.Sum();
        Array.Sort(times);
        return new Timing(steps * dream.Count / total, times[steps / 2], times[(int)(steps * 0.99)], (double)bytes / (Math.Min(steps, CountedSteps) * dream.Count));
    }

    private static double Fork(Dream dream)
    {
        var best = double.PositiveInfinity;
        for (var i = 0; i < Forks; i++)
        {
            var start = Stopwatch.GetTimestamp();
            using var fork = dream.Fork();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return best;
    }

    // The median time of a moment after a history of this length.
    private static double Aged(WorldModel model, int history, int steps)
    {
        const int Part = 500;
        using var dream = model.Dream(1);
        var part = HouseModel.Live(1, Part);
        for (var i = 0; i < history; i += Part)
        {
            dream.Prime(part, Part);
        }

        return Measure(dream, steps, CancellationToken.None).Median;
    }

    private sealed record Timing(double Rate, double Median, double Slowest, double Bytes);
}
