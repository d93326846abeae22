// `umwelt bench house`: moments a second of the house on one thread, sight, sound, words and all, with whole episodes and
// their resets, while the explorer walks through it. The best of several rounds counts; bytes are those of the last one.
using System.Diagnostics;
using Umwelt.Moments;
using Umwelt.Worlds;

namespace Umwelt.Cli.Bench;

internal sealed class HouseBenchmark : IBenchmark
{
    private const int Rounds = 6;
    private const int Moments = 12_000;

    public static string Name => "house";

    public static string Summary => "moments of the house with sight and sound, one thread; presets small (32), usual (64), large (128), largest (256)";

    public static BenchmarkReport Run(BenchmarkOptions options, CancellationToken cancellation)
    {
        var size = options.Preset switch
        {
            null or "usual" => 64,
            "small" => 32,
            "large" => 128,
            "largest" => 256,
            _ => throw new MisuseException(Misuse.Unknown("preset", options.Preset, ["small", "usual", "large", "largest"], "Without one, pictures are 64 wide.")),
        };
        Case[] cases =
        [
            new("one house", "", 1, false, "explorer"),
            new("sixteen houses", "batch16_", 16, false, "explorer"),
            new("random houses", "random_", 1, true, "explorer"),
            new("one house, random commands", "blind_", 1, false, "random"),
        ];
        var rows = new List<IReadOnlyList<string>>();
        var figures = new Dictionary<string, double?>(StringComparer.Ordinal);
        foreach (var item in cases)
        {
            options.Progress?.Report(item.Name);
            var (seconds, bytes) = Measure(item, size, Math.Max(2, (int)Math.Round(Rounds * options.Repeats)), cancellation);
            figures[item.Key + "moments_per_second"] = 1 / seconds;
            figures[item.Key + "managed_bytes_per_moment"] = bytes;
            rows.Add([item.Name, Invariant($"{1 / seconds:F0}"), Invariant($"{seconds * 1e6:F1}"), Invariant($"{bytes:F1}")]);
        }

        return new BenchmarkReport(
            ["case", "moments/s", "us a moment", "bytes a moment"],
            rows,
            figures,
            [Invariant($"pictures {size} x {size}, 400 stereo samples a moment; occupants and resets included; random houses are laid out anew for each episode")]);
    }

    private static (double Seconds, double Bytes) Measure(Case item, int size, int rounds, CancellationToken cancellation)
    {
        using var world = new HouseWorld(item.Rows, new HouseOptions { Size = size, IsRandom = item.IsRandom });
        var moments = new MomentBatch(world.Schema, item.Rows);
        var commands = new MomentBatch(world.Schema.Motor, item.Rows);
        var occupant = world.CreateOccupant(item.Occupant);
        var all = new bool[item.Rows];
        Array.Fill(all, true);
        long seed = 0;
        for (var row = 0; row < item.Rows; row++)
        {
            Reset(row);
        }

        // Larger pictures take longer; fewer of them will do.
        var steps = Math.Max(1200, Moments * 64 / size * 64 / size) / item.Rows;
        double best = double.PositiveInfinity, bytes = 0;
        for (var round = 0; round <= rounds; round++)
        {
            cancellation.ThrowIfCancellationRequested();
            var before = GC.GetAllocatedBytesForCurrentThread();
            var start = Stopwatch.GetTimestamp();
            for (var i = 0; i < steps; i++)
            {
                occupant.Act(moments, commands, all);
                world.Step(commands, moments, all);
                for (var row = 0; row < item.Rows; row++)
                {
                    if (moments.Endings[row] != Ending.None)
                    {
                        Reset(row);
                    }
                }
            }

            var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds / (steps * item.Rows);
            bytes = (GC.GetAllocatedBytesForCurrentThread() - before) / (double)(steps * item.Rows);
            best = round == 0 ? best : Math.Min(best, seconds);
        }

        return (best, bytes);

        void Reset(int row)
        {
            world.Reset(row, seed, moments);
            occupant.Reset(row, seed++);
        }
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);

    private sealed record Case(string Name, string Key, int Rows, bool IsRandom, string Occupant);
}
