// How fast a recording feeds training: shuffled windows and lanes of moments as the house has them, from more data than the
// collector could ever hold. The recording is made for the purpose, of noise, and deleted afterwards.
using System.Diagnostics;
using System.Globalization;
using Umwelt.Moments;
using Umwelt.Storage;

namespace Umwelt.Cli.Bench;

internal sealed class DataBenchmark : IBenchmark
{
    private const int Moments = 160_000;
    private const int EpisodeLength = 1200;
    private const int Streams = 4;
    private const int Length = 32;
    private const int BatchSize = 16;
    private const int Noises = 64;

    public static string Name => "data";

    public static string Summary => "windows and lanes of house moments read from a recording of more than 2 GB, on one thread";

    public static BenchmarkReport Run(BenchmarkOptions options, CancellationToken cancellation)
    {
        var folder = Directory.CreateTempSubdirectory("umwelt-bench-data-").FullName;
        try
        {
            var path = Path.Combine(folder, "recording");
            var clock = Stopwatch.StartNew();
            Record(path, options.Progress, cancellation);
            var recordingSeconds = clock.Elapsed.TotalSeconds;

            clock.Restart();
            using var recording = Recording.Open(path);
            var openMilliseconds = clock.Elapsed.TotalMilliseconds;
            var bytes = new DirectoryInfo(path).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
            var mix = new DataMix(recording);
            var batches = Math.Max(50, (int)(600 * options.Repeats));
            var windows = Measure("windows", new WindowBatches(mix, new WindowOptions { Length = Length, BatchSize = BatchSize, Seed = 1 }), batches, options, cancellation);
            var lanes = Measure("lanes", new LaneBatches(mix, new LaneOptions { Length = Length, BatchSize = BatchSize, Seed = 1, ResetEvery = 1000 }), batches, options, cancellation);
            var managed = Math.Max(windows.Megabytes, lanes.Megabytes);
            return new BenchmarkReport(
                ["batches", "moments/s", "GB/s", "managed bytes a batch"],
                [Row("windows", windows, recording), Row("lanes", lanes, recording)],
                new Dictionary<string, double?>(StringComparer.Ordinal)
                {
                    ["moments_per_second"] = Math.Min(windows.Rate, lanes.Rate),
                    ["windows_moments_per_second"] = windows.Rate,
                    ["lanes_moments_per_second"] = lanes.Rate,
                    ["managed_megabytes"] = managed,
                    ["windows_managed_bytes_per_batch"] = windows.BytesPerBatch,
                    ["lanes_managed_bytes_per_batch"] = lanes.BytesPerBatch,
                    ["recording_gigabytes"] = bytes / 1e9,
                    ["recorded_moments_per_second"] = Moments / recordingSeconds,
                    ["open_ms"] = openMilliseconds,
                },
                [
                    string.Create(CultureInfo.InvariantCulture, $"{BatchSize} sequences of {Length} moments, one thread, nothing read ahead; the recording has {bytes / 1e9:F2} GB and lies where the system keeps temporary files"),
                    "managed_megabytes: the heap with the pools in it, the most after any batch; the system's cache of files is not counted",
                    string.Create(CultureInfo.InvariantCulture, $"recording took {recordingSeconds:F1} s with every segment flushed to the disk, opening {openMilliseconds:F1} ms"),
                ]);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static IReadOnlyList<string> Row(string name, Measured measured, Recording recording) =>
    [
        name,
        measured.Rate.ToString("N0", CultureInfo.InvariantCulture),
        (measured.Rate * recording.Schema.ByteCount / 1e9).ToString("F2", CultureInfo.InvariantCulture),
        measured.BytesPerBatch.ToString("F1", CultureInfo.InvariantCulture),
    ];

    private static Measured Measure(string name, BatchSource source, int batches, BenchmarkOptions options, CancellationToken cancellation)
    {
        var batch = source.CreateBatch();
        var warm = Math.Max(batches / 4, 1);
        double megabytes = 0;
        var allocated = 0L;
        var clock = new Stopwatch();
        for (var i = -warm; i < batches; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            if (i == 0)
            {
                allocated = GC.GetAllocatedBytesForCurrentThread();
            }

            clock.Start();
            source.Next(batch);
            clock.Stop();
            if (i < 0)
            {
                clock.Reset();
            }

            megabytes = Math.Max(megabytes, GC.GetTotalMemory(forceFullCollection: false) / 1e6);
            if (i % 50 == 0)
            {
                options.Progress?.Report($"{name}: batch {Math.Max(i, 0)} of {batches}");
            }
        }

        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        return new Measured((double)batches * BatchSize * Length / clock.Elapsed.TotalSeconds, (double)allocated / batches, megabytes);
    }

    // As the house records: a sense that is always there, a motor that the first moment lacks, a word now and then.
    private static void Record(string path, IProgress<string>? progress, CancellationToken cancellation)
    {
        var schema = new Schema(
            20,
            new ImageChannel("sight", 64, 64),
            new SoundChannel("hearing", 400, 2),
            new VectorChannel("motor", 3, ChannelRole.Motor) { Minimum = [-1, -1, -1], Maximum = [1, 1, 1] },
            new CategoryChannel("use", 2, ChannelRole.Motor),
            new TextChannel("speech"),
            new VectorChannel("reward", 1, ChannelRole.Reward));
        var moments = new MomentBatch(schema, Noises);
        var random = RandomStream.Of(1);
        for (var row = 0; row < Noises; row++)
        {
            for (var channel = 0; channel < schema.Channels.Length; channel++)
            {
                moments.SetPresent(channel, row);
            }

            for (var channel = 0; channel < 2; channel++)
            {
                foreach (ref var value in moments.Bytes(channel, row))
                {
                    value = (byte)random.NextUInt32();
                }
            }

            moments.Vector(2, row)[0] = random.NextSingle();
            moments.Category(3, row) = random.NextInt32(2);
            moments.SetText(4, row, row % 16 == 0 ? "the blue room" : "");
        }

        var first = new MomentBatch(schema, 1);
        first.Copy(moments, 0, 0);
        first.SetAbsent(2, 0);
        first.SetAbsent(3, 0);
        using var writer = RecordingWriter.Create(path, schema, new Provenance { Origin = "noise", Access = "nobody needs to" });
        for (var k = 0; k < Moments / Streams; k++)
        {
            cancellation.ThrowIfCancellationRequested();
            for (var stream = 0; stream < Streams; stream++)
            {
                if (k % EpisodeLength == 0)
                {
                    writer.BeginEpisode((k / EpisodeLength * Streams) + stream, stream);
                    writer.Write(first, 0, stream: stream);
                    continue;
                }

                writer.Write(moments, (k + (stream * 7)) % Noises, stream: stream);
            }

            if (k % 1000 == 0)
            {
                progress?.Report($"recording: {k * Streams:N0} of {Moments:N0} moments");
            }
        }
    }

    private sealed record Measured(double Rate, double BytesPerBatch, double Megabytes);
}
