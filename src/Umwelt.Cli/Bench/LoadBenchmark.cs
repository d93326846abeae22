// `umwelt bench load`: how many sessions one server keeps at the world's own pace on this machine, clients included, so that no
// moment is lost and 99 of 100 come within 50 ms of when they are due. When moments are due is taken from the clients' own
// clocks: a session ticks on a grid, and its earliest moment shows where the grid lies.
using System.Diagnostics;
using System.Globalization;
using Umwelt.Server;

namespace Umwelt.Cli.Bench;

internal sealed class LoadBenchmark : IBenchmark
{
    private const double MostDelay = 50;
    private const double SecondsOfTrial = 5;
    private const double SecondsOfProof = 60;
    private const int MostSessions = 4096;

    public static string Name => "load";

    public static string Summary => "sessions at the world's own pace, none late and nothing lost; a preset names the world (house), 'dream', or a model's folder";

    public static BenchmarkReport Run(BenchmarkOptions options, CancellationToken cancellation) =>
        RunAsync(options, options.Preset ?? "house", cancellation).GetAwaiter().GetResult();

    private static async Task<BenchmarkReport> RunAsync(BenchmarkOptions options, string preset, CancellationToken cancellation)
    {
        using var world = new ServedWorld(preset);
        var rows = new List<IReadOnlyList<string>>();
        double rate;
        using (var opened = world.Open())
        {
            rate = opened.Schema.Rate;
        }

        // Doubling finds the first number that is too many, halving the largest that is not, and a minute proves it.
        int good = 0, bad = MostSessions + 1;
        for (var next = 12; next <= MostSessions && bad > MostSessions; next *= 2)
        {
            if (Holds(await TryAsync(next, SecondsOfTrial).ConfigureAwait(false)))
            {
                good = next;
            }
            else
            {
                bad = next;
            }
        }

        while (bad - good > Math.Max(1, good / 12))
        {
            var next = (good + bad) / 2;
            if (Holds(await TryAsync(next, SecondsOfTrial).ConfigureAwait(false)))
            {
                good = next;
            }
            else
            {
                bad = next;
            }
        }

        Trial proof = default;
        while (good > 0)
        {
            proof = await TryAsync(good, SecondsOfProof * Math.Min(1, options.Repeats)).ConfigureAwait(false);
            if (Holds(proof))
            {
                break;
            }

            good = good * 9 / 10;
        }

        return new BenchmarkReport(
            ["sessions", "seconds", "p50 ms", "p99 ms", "lost"],
            rows,
            new Dictionary<string, double?>(StringComparer.Ordinal)
            {
                ["sessions"] = good,
                ["p99_ms"] = good > 0 ? proof.P99 : null,
                ["p50_ms"] = good > 0 ? proof.P50 : null,
                ["lost"] = good > 0 ? proof.Lost : null,
                ["moments_per_second"] = good * rate,
            },
            [string.Create(CultureInfo.InvariantCulture, $"{world.Name} at {rate:0.###} moments a second each; server and all clients in one process, on {Environment.ProcessorCount} cores")]);

        async Task<Trial> TryAsync(int sessions, double seconds)
        {
            options.Progress?.Report(string.Create(CultureInfo.InvariantCulture, $"{sessions} sessions"));
            var trial = await MeasureAsync(world, rate, sessions, seconds, cancellation).ConfigureAwait(false);
            rows.Add([.. new[] { sessions, seconds, trial.P50, trial.P99, trial.Lost }.Select(figure => figure.ToString("0.#", CultureInfo.InvariantCulture))]);
            return trial;
        }
    }

    private static bool Holds(in Trial trial) => trial.P99 <= MostDelay && trial.Lost == 0;

    private static async Task<Trial> MeasureAsync(ServedWorld world, double rate, int count, double seconds, CancellationToken cancellation)
    {
        var limits = new ServerLimits { MostSessions = count, SessionsPerClient = count, MostConnections = count + 16 };
        var server = await UmweltServer.StartAsync(world.Options with { Limits = limits }, cancellation: cancellation).ConfigureAwait(false);
        await using (server.ConfigureAwait(false))
        {
            var sessions = new List<PlaySession>();
            try
            {
                for (var i = 0; i < count; i++)
                {
                    sessions.Add(await PlaySession.OpenAsync(server.Address, world.Name, i + 1, cancellation).ConfigureAwait(false));
                }

                var until = Stopwatch.GetTimestamp() + (long)((seconds + 1) * Stopwatch.Frequency);
                var lives = await Task.WhenAll(sessions.Select(session => Task.Run(() => LiveAsync(session, rate, until, cancellation), cancellation))).ConfigureAwait(false);
                var delays = lives.SelectMany(life => life.Delays).ToArray();
                return new Trial(Percentiles.Of(delays, 0.5), Percentiles.Of(delays, 0.99), lives.Sum(life => life.Lost));
            }
            finally
            {
                foreach (var session in sessions)
                {
                    session.Dispose();
                }
            }
        }
    }

    private static async Task<(List<double> Delays, long Lost)> LiveAsync(PlaySession session, double rate, long until, CancellationToken cancellation)
    {
        // What waited while the others came in is no part of the measure.
        var begin = Stopwatch.GetTimestamp() + Stopwatch.Frequency;
        do
        {
            await session.NextAsync(cancellation).ConfigureAwait(false);
        }
        while (session.Came < begin);

        var period = Stopwatch.Frequency / rate;
        var places = new List<double>();
        long lost = 0, tick = 0;
        var (first, last) = (session.Came, session.Number);
        while (session.Came < until)
        {
            await session.NextAsync(cancellation).ConfigureAwait(false);
            var passed = session.IsFirst ? 1 : session.Number - last;
            lost += passed - 1;
            tick += passed;
            last = session.Number;
            places.Add(session.Came - first - (tick * period));
        }

        var earliest = places.DefaultIfEmpty(0).Min();
        return ([.. places.Select(place => (place - earliest) * 1000 / Stopwatch.Frequency)], lost);
    }

    private readonly record struct Trial(double P50, double P99, long Lost);
}
