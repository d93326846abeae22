// `umwelt bench play`: one life through a real WebSocket, server and client on this machine. First as fast as it goes, beside
// the same world stepped directly; then at the world's own pace, from a command that is sent at any instant of a tick to the
// moment that holds it.
using System.Diagnostics;
using System.Globalization;
using Umwelt.Moments;
using Umwelt.Server;
using Umwelt.Storage;

namespace Umwelt.Cli.Bench;

internal sealed class PlayBenchmark : IBenchmark
{
    private const double SecondsAtSpeed = 3;
    private const double SecondsAtPace = 15;

    public static string Name => "play";

    public static string Summary => "one life through a WebSocket: its share of the world's own speed, and key to frame; a preset names the world, or a model's folder (dream: the house's, of the usual size)";

    public static BenchmarkReport Run(BenchmarkOptions options, CancellationToken cancellation) =>
        RunAsync(options, options.Preset ?? "dream", cancellation).GetAwaiter().GetResult();

    private static async Task<BenchmarkReport> RunAsync(BenchmarkOptions options, string preset, CancellationToken cancellation)
    {
        using var world = new ServedWorld(preset);
        var name = world.Name;
        // Speeds of this machine wander, so the two are measured by turns, and the best of each counts.
        double direct = 0, served = 0;
        var server = await UmweltServer.StartAsync(world.Options, cancellation: cancellation).ConfigureAwait(false);
        await using (server.ConfigureAwait(false))
        {
            for (var round = 0; round < Math.Max(2, (int)Math.Round(3 * options.Repeats)); round++)
            {
                options.Progress?.Report("the world itself");
                direct = Math.Max(direct, Direct(world, cancellation));
                options.Progress?.Report("through a WebSocket");
                served = Math.Max(served, await ServedAsync(server.Address, name, cancellation).ConfigureAwait(false));
            }

            options.Progress?.Report("at its own pace");
            var delays = await DelaysAsync(server.Address, name, SecondsAtPace * options.Repeats, cancellation).ConfigureAwait(false);
            double p50 = Percentiles.Of(delays, 0.5), p99 = Percentiles.Of(delays, 0.99);
            return new BenchmarkReport(
                ["measure", "figure"],
                [
                    ["moments/s, the world itself", direct.ToString("F0", CultureInfo.InvariantCulture)],
                    ["moments/s, through a WebSocket", served.ToString("F0", CultureInfo.InvariantCulture)],
                    ["share", (served / direct).ToString("F3", CultureInfo.InvariantCulture)],
                    ["command to frame, middle, ms", p50.ToString("F1", CultureInfo.InvariantCulture)],
                    ["command to frame, 99 of 100, ms", p99.ToString("F1", CultureInfo.InvariantCulture)],
                ],
                new Dictionary<string, double?>(StringComparer.Ordinal)
                {
                    ["share_of_dream"] = served / direct,
                    ["p50_ms"] = p50,
                    ["p99_ms"] = p99,
                    ["moments_per_second"] = served,
                    ["world_moments_per_second"] = direct,
                    ["commands"] = delays.Count,
                },
                [FormattableString.Invariant($"{name}; server and client in one process; commands at a random instant of the tick, so that half a tick of each delay is waiting for the next")]);
        }
    }

    private static double Direct(ServedWorld served, CancellationToken cancellation)
    {
        using var world = served.Open();
        var moments = new MomentBatch(world.Schema, 1);
        var commands = new MomentBatch(world.Schema.Motor, 1);
        var still = new StillOccupant(world.Schema.Motor);
        long seed = 1, count = 0;
        world.Reset(0, seed, moments);
        still.Act(moments, commands, [true]);
        var start = Stopwatch.GetTimestamp();
        do
        {
            cancellation.ThrowIfCancellationRequested();
            for (var i = 0; i < 50; i++, count++)
            {
                if (moments.Endings[0] != Ending.None)
                {
                    world.Reset(0, ++seed, moments);
                }

                world.Step(commands, moments);
            }
        }
        while (Stopwatch.GetElapsedTime(start).TotalSeconds < SecondsAtSpeed);

        return count / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static async Task<double> ServedAsync(Uri address, string name, CancellationToken cancellation)
    {
        using var session = await PlaySession.OpenAsync(address, name, 1, cancellation).ConfigureAwait(false);
        await session.SendAsync("""{"type":"speed","value":0}""", cancellation).ConfigureAwait(false);
        for (var i = 0; i < 100; i++)
        {
            await session.NextAsync(cancellation).ConfigureAwait(false);
        }

        long count = 0;
        var start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start).TotalSeconds < SecondsAtSpeed)
        {
            await session.NextAsync(cancellation).ConfigureAwait(false);
            count++;
        }

        return count / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static async Task<List<double>> DelaysAsync(Uri address, string name, double seconds, CancellationToken cancellation)
    {
        using var session = await PlaySession.OpenAsync(address, name, 1, cancellation).ConfigureAwait(false);
        var stream = RandomStream.Of(1, 0, 0);
        var delays = new List<double>();
        var start = Stopwatch.GetTimestamp();
        for (uint sequence = 1; Stopwatch.GetElapsedTime(start).TotalSeconds < seconds; sequence++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(stream.NextSingle() * 60), cancellation).ConfigureAwait(false);
            var sent = Stopwatch.GetTimestamp();
            await session.SendAsync(FormattableString.Invariant($$"""{"type":"command","sequence":{{sequence}},"motor":{} }"""), cancellation).ConfigureAwait(false);
            do
            {
                await session.NextAsync(cancellation).ConfigureAwait(false);
            }
            while (session.Sequence != sequence);

            delays.Add(Stopwatch.GetElapsedTime(sent, session.Came).TotalMilliseconds);
        }

        return delays;
    }
}
