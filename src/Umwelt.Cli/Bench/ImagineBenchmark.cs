// `umwelt bench imagine`: what thinking costs. Imagined moments a second of the house's model in batches of 64, in slots alone as
// planners imagine and rendered as people watch; against one dream that is watched; and whole decisions of a planner.
using System.Diagnostics;
using Umwelt.Agents;
using Umwelt.Models;
using Umwelt.Moments;
using Umwelt.Tensors;

namespace Umwelt.Cli.Bench;

internal sealed class ImagineBenchmark : IBenchmark
{
    private const int Threads = 2;
    private const int Rows = 64;
    private const int Steps = 48;
    private const int AloneSteps = 300;
    private const int Budget = 1024;
    private const int Decisions = 4;

    public static string Name => "imagine";

    public static string Summary => "imagined moments of the house in batches of 64, in slots alone and rendered, and a planner's decisions";

    public static BenchmarkReport Run(BenchmarkOptions options, CancellationToken cancellation)
    {
        using var engine = new Engine(new CpuBackend(Threads));
        using var model = HouseModel.Create(engine);
        var figures = new Dictionary<string, double?>(StringComparer.Ordinal);
        var rows = new List<IReadOnlyList<string>>();
        var steps = (int)Math.Max(8, Steps * options.Repeats);
        figures["dream"] = Add("one, rendered", 1, renders: true, (int)Math.Max(30, AloneSteps * options.Repeats));
        figures["latent"] = Add("sixty-four, in slots", Rows, renders: false, steps);
        figures["full"] = Add("sixty-four, rendered", Rows, renders: true, steps);
        figures["latent_gain"] = figures["latent"] / figures["dream"];
        options.Progress?.Report("a planner");
        var (planned, seconds) = Plan(model, cancellation);
        figures["planner"] = planned;
        figures["decision_seconds"] = seconds;
        rows.Add([FormattableString.Invariant($"mppi of {Budget}, horizon 16"), FormattableString.Invariant($"{planned:F0}"), FormattableString.Invariant($"{seconds * 1e3:F0} a decision")]);
        return new BenchmarkReport(
            ["case", "moments/s", "ms"],
            rows,
            figures,
            [FormattableString.Invariant($"{model.Parameters.Count:N0} parameters, {model.SlotCount} slots; {Threads} threads, SIMD tier {CpuBackend.Tier}; weights that have learnt nothing")]);

        double Add(string name, int count, bool renders, int most)
        {
            options.Progress?.Report(name);
            var step = Measure(model, count, renders, most, cancellation);
            rows.Add([name, FormattableString.Invariant($"{count / step:F0}"), FormattableString.Invariant($"{step * 1e3:F2} a step")]);
            return count / step;
        }
    }

    // Seconds of a step in the mean, after as many to warm up as half of them.
    private static double Measure(WorldModel model, int count, bool renders, int steps, CancellationToken cancellation)
    {
        using var dream = model.Dream(1, count);
        dream.Prime(HouseModel.Live(count, 8), 8);
        dream.Renders = renders;
        var (moments, commands, all) = (new MomentBatch(dream.Schema, count), new MomentBatch(dream.Schema.Motor, count), new bool[count]);
        Array.Fill(all, true);
        var occupant = dream.CreateOccupant("random");
        for (var row = 0; row < count; row++)
        {
            occupant.Reset(row, row);
        }

        var ticks = 0L;
        for (var i = -(steps / 2); i < steps; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            occupant.Act(moments, commands, all);
            var start = Stopwatch.GetTimestamp();
            dream.Step(commands, moments, all);
            ticks += i < 0 ? 0 : Stopwatch.GetTimestamp() - start;
        }

        return ticks / (double)Stopwatch.Frequency / steps;
    }

    // Imagined moments a second within decisions, copying and choosing included, and seconds of a decision.
    private static (double Rate, double Seconds) Plan(WorldModel model, CancellationToken cancellation)
    {
        using var imagination = Imagination.OfModel(model, 1);
        using var planner = Planning.Create("mppi", imagination, new PlannerOptions { Budget = Budget, Rows = Rows });
        var life = HouseModel.Live(1, 1 + Decisions);
        var (moments, commands) = (new MomentBatch(model.Schema, 1), new MomentBatch(model.Schema.Motor, 1));
        planner.Reset(0, 1);
        var (start, before) = (0L, 0L);
        for (var i = 0; i <= Decisions; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            (start, before) = i == 1 ? (Stopwatch.GetTimestamp(), planner.ImaginedMoments) : (start, before);
            moments.Copy(life, i, 0);
            planner.Act(moments, commands, [true]);
        }

        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return ((planner.ImaginedMoments - before) / seconds, seconds / Decisions);
    }
}
