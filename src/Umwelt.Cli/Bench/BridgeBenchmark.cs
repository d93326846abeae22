// `umwelt bench bridge`: steps of CartPole through the bridge to Gymnasium, one environment and sixteen, beside the same loop
// in Python alone: the same commands, the same seeds at the same resets. Rounds of both alternate and the best of either counts.
using System.Diagnostics;
using System.Globalization;
using Umwelt.Cli.Bench.Peers;
using Umwelt.Moments;
using Umwelt.Worlds;

namespace Umwelt.Cli.Bench;

internal sealed class BridgeBenchmark : IBenchmark
{
    private const int Rounds = 8;
    private const int StepsOfOne = 20_000;

    private static readonly Case[] Cases =
    [
        new("one", "one", 1, 0),
        new("sixteen", "sixteen", 16, 0),
        new("sixteen_one_process", "sixteen", 16, 1),
    ];

    public static string Name => "bridge";

    public static string Summary => "steps of CartPole through the bridge to Gymnasium, beside the same loop in Python";

    public static BenchmarkReport Run(BenchmarkOptions options, CancellationToken cancellation)
    {
        var figures = new Dictionary<string, double?>(StringComparer.Ordinal);
        foreach (var item in Cases)
        {
            figures[$"{item.Name}_steps_per_second"] = null;
            figures[$"{item.Name}_vs_python"] = null;
        }

        using var peer = PythonPeer.TryStart("gymnasium_loop.py");
        if (peer is null)
        {
            return new BenchmarkReport(["case", "steps/s"], [], figures, [$"no Python here runs benchmarks/peers/gymnasium_loop.py, which needs Gymnasium; {GymnasiumOptions.PythonVariable} names another Python"]);
        }

        var python = new GymnasiumOptions { Python = peer.Hello.GetProperty("python").GetString() };
        var rows = new List<IReadOnlyList<string>>();
        foreach (var item in Cases)
        {
            cancellation.ThrowIfCancellationRequested();
            options.Progress?.Report(item.Name);
            var (ours, theirs) = Measure(item, peer, python, options, cancellation);
            figures[$"{item.Name}_steps_per_second"] = ours;
            figures[$"{item.Python}_python_steps_per_second"] = theirs;
            figures[$"{item.Name}_vs_python"] = ours / theirs;
            rows.Add([item.Name, $"{item.Rows}", Text(ours, "0"), Text(theirs, "0"), Text(ours / theirs, "0.00")]);
        }

        return new BenchmarkReport(
            ["case", "rows", "steps/s", "Python steps/s", "ratio"],
            rows,
            figures,
            [$"{peer.Description} under {python.Python}; best of alternating rounds; both seed every reset, with the same seeds, and take the same commands"]);
    }

    private static (double Ours, double Theirs) Measure(Case item, PythonPeer peer, GymnasiumOptions python, BenchmarkOptions options, CancellationToken cancellation)
    {
        var steps = StepsOfOne / item.Rows;
        var (ours, theirs) = (double.MaxValue, double.MaxValue);
        using var world = GymnasiumWorld.Open("CartPole-v1", item.Rows, python with { Processes = item.Processes });
        var loop = new Loop(world, steps);
        for (var round = 0; round < Math.Max(2, Rounds * options.Repeats); round++)
        {
            cancellation.ThrowIfCancellationRequested();
            var (seconds, resets) = loop.Run();
            ours = Math.Min(ours, seconds);
            var answer = peer.Ask($$"""{"rows": {{item.Rows}}, "steps": {{steps}}}""") ?? throw new CommandFailedException($"Python's own loop failed: {peer.LastError}");
            theirs = Math.Min(theirs, answer.GetProperty("seconds").GetDouble());
            if (answer.GetProperty("resets").GetInt64() != resets)
            {
                throw new CommandFailedException($"the two loops did different work: {resets} resets here, {answer.GetProperty("resets").GetInt64()} in Python");
            }
        }

        var total = (double)steps * item.Rows;
        return (total / ours, total / theirs);
    }

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    private sealed record Case(string Name, string Python, int Rows, int Processes);

    private sealed class Loop(World world, int steps)
    {
        private readonly MomentBatch _moments = new(world.Schema, world.Count);
        private readonly MomentBatch[] _commands = [.. Enumerable.Range(0, steps).Select(step => Commands(world, step))];

        public (double Seconds, long Resets) Run()
        {
            for (var row = 0; row < world.Count; row++)
            {
                world.Reset(row, row, _moments);
            }

            long seed = world.Count;
            var start = Stopwatch.GetTimestamp();
            foreach (var commands in _commands)
            {
                world.Step(commands, _moments);
                for (var row = 0; row < world.Count; row++)
                {
                    if (_moments.Endings[row] != Ending.None)
                    {
                        world.Reset(row, seed++, _moments);
                    }
                }
            }

            return (Stopwatch.GetElapsedTime(start).TotalSeconds, seed - world.Count);
        }

        private static MomentBatch Commands(World world, int step)
        {
            var commands = new MomentBatch(world.Schema.Motor, world.Count);
            for (var row = 0; row < world.Count; row++)
            {
                commands.Category(0, row) = (int)((uint)((step * 16) + row + 1) * 2654435761u >> 19) & 1;
                commands.SetPresent(0, row);
            }

            return commands;
        }
    }
}
