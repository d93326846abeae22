// `umwelt bench soak`: half an hour of eight sessions coming and going, as people do: they stay for seconds, keep moments, let
// somebody act, break off and come back. Memory at the end is compared with that of the fifth minute, when all is warm.
using System.Diagnostics;
using System.Globalization;
using Umwelt.Server;
using Umwelt.Storage;

namespace Umwelt.Cli.Bench;

internal sealed class SoakBenchmark : IBenchmark
{
    private const int Sessions = 8;
    private const double Minutes = 30;
    private const double WarmShare = 1.0 / 6;

    public static string Name => "soak";

    public static string Summary => "memory of a server after half an hour of eight sessions coming and going, against minute 5";

    public static BenchmarkReport Run(BenchmarkOptions options, CancellationToken cancellation) => RunAsync(options, options.Preset ?? "house", cancellation).GetAwaiter().GetResult();

    private static async Task<BenchmarkReport> RunAsync(BenchmarkOptions options, string preset, CancellationToken cancellation)
    {
        using var served = new ServedWorld(preset);
        var world = served.Name;
        var total = TimeSpan.FromMinutes(Minutes * options.Repeats);
        var limits = new ServerLimits { ResumeTime = TimeSpan.FromSeconds(20) };
        var server = await UmweltServer.StartAsync(served.Options with { Limits = limits }, cancellation: cancellation).ConfigureAwait(false);
        await using (server.ConfigureAwait(false))
        {
            var start = Stopwatch.GetTimestamp();
            var people = Enumerable.Range(0, Sessions).Select(person => Task.Run(() => ComeAndGoAsync(server.Address, world, person, start, total, cancellation), cancellation)).ToArray();
            double warm = 0, resident = 0;
            var rows = new List<IReadOnlyList<string>>();
            var step = total / 30;
            for (var i = 1; i <= 30; i++)
            {
                var due = (step * i) - Stopwatch.GetElapsedTime(start);
                await Task.Delay(due > TimeSpan.Zero ? due : TimeSpan.Zero, cancellation).ConfigureAwait(false);
                GC.Collect();
                resident = Environment.WorkingSet / 1e6;
                warm = i == (int)Math.Round(30 * WarmShare) ? resident : warm;
                options.Progress?.Report(string.Create(CultureInfo.InvariantCulture, $"{i} of 30: {resident:F1} MB"));
                rows.Add([(step * i).TotalMinutes.ToString("0.#", CultureInfo.InvariantCulture), resident.ToString("F1", CultureInfo.InvariantCulture)]);
            }

            var visits = (await Task.WhenAll(people).ConfigureAwait(false)).Sum();
            return new BenchmarkReport(
                ["minute", "resident MB"],
                rows,
                new Dictionary<string, double?>(StringComparer.Ordinal)
                {
                    ["memory_ratio"] = resident / warm,
                    ["warm_mb"] = warm,
                    ["end_mb"] = resident,
                    ["visits"] = visits,
                },
                [string.Create(CultureInfo.InvariantCulture, $"{world}; {visits} visits; server and clients in one process")]);
        }
    }

    private static async Task<int> ComeAndGoAsync(Uri address, string world, int person, long start, TimeSpan total, CancellationToken cancellation)
    {
        var stream = RandomStream.Of(5, (uint)person, 0);
        var visits = 0;
        for (; Stopwatch.GetElapsedTime(start) < total; visits++)
        {
            using var session = await PlaySession.OpenAsync(address, world, (person * 1000) + visits, cancellation).ConfigureAwait(false);
            await session.SendAsync("""{"type":"act","occupant":"random"}""", cancellation).ConfigureAwait(false);
            await session.SendAsync("""{"type":"keep"}""", cancellation).ConfigureAwait(false);
            var stay = 20 + (int)(stream.NextSingle() * 400);
            for (var moment = 0; moment < stay; moment++)
            {
                await session.NextAsync(cancellation).ConfigureAwait(false);
            }
        }

        return visits;
    }
}
