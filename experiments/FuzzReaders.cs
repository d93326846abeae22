// Claim: no file can harm a reader. Each reader is given a million broken files, made from sound ones by damage that knows the format;
// every outcome must be data or an InvalidFileException, within two seconds and a stated amount of memory.
// A failure prints the seed that makes its file again.
using System.Diagnostics;
using Umwelt.Fuzzing;

namespace Umwelt;

/// <summary>Feeds broken files to the readers of Umwelt.Storage, Umwelt.Moments, Umwelt.Networks and Umwelt.Models.</summary>
public sealed class FuzzReaders : IExperiment
{
    private const long FilesForEach = 1_000_000;
    private const int MostFailures = 20;

    /// <inheritdoc/>
    public static string Name => "fuzz-readers";

    /// <inheritdoc/>
    public static string Claim =>
        "A million broken files for each reader (safetensors, its index, PNG, WAV, Parquet, CSV, JSON-lines, recordings, tokenizer.json, config.json) give data or a clear error, "
        + "never anything else.";

    /// <inheritdoc/>
    public static ExperimentResult Run(ExperimentOptions options, IProgress<string> progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(progress);
        var figures = new Dictionary<string, double>(StringComparer.Ordinal);
        var failures = 0L;
        foreach (var target in FuzzTarget.All.Concat([new ParquetFuzz(), new CsvFuzz(), new JsonLinesFuzz(), new RecordingFuzz(), new TokenizerFuzz(), new LlamaConfigFuzz()]))
        {
            var tally = RunTarget(target, options, progress, cancellation);
            failures += tally.Failures;
            figures[$"{target.Name}_files"] = tally.Files;
            figures[$"{target.Name}_read"] = tally.Files - tally.Refused - tally.Failures;
            figures[$"{target.Name}_refused"] = tally.Refused;
            figures[$"{target.Name}_failures"] = tally.Failures;
            figures[$"{target.Name}_slowest_ms"] = tally.SlowestMilliseconds;
            figures[$"{target.Name}_most_share_of_memory_bound"] = tally.MostShareOfBound;
        }

        figures["failures"] = failures;
        return new ExperimentResult(
            figures,
            ["failures = 0: every outcome is data or an InvalidFileException that names the file", FuzzTarget.TimeBound, $"{FuzzTarget.MemoryBound}; {TokenizerFuzz.TokenizerMemoryBound}; {LlamaConfigFuzz.ConfigMemoryBound}"],
            failures == 0);
    }

    private static FuzzTally RunTarget(FuzzTarget target, ExperimentOptions options, IProgress<string> progress, CancellationToken cancellation)
    {
        var files = options.Scaled(FilesForEach);
        var tally = new FuzzTally();
        var workers = new FuzzWorker[Math.Max(1, Environment.ProcessorCount)];
        for (var i = 0; i < workers.Length; i++)
        {
            workers[i] = new FuzzWorker(target, options.Seed, i, workers.Length, files, cancellation);
        }

        var clock = Stopwatch.StartNew();
        var nextReport = TimeSpan.FromSeconds(5);
        var stuck = Array.Empty<FuzzWorker>();
        while (stuck.Length == 0 && !Array.TrueForAll(workers, static worker => worker.Finished))
        {
            Thread.Sleep(20);
            stuck = Array.FindAll(workers, static worker => worker.IsStuck);
            if (clock.Elapsed > nextReport)
            {
                nextReport += TimeSpan.FromSeconds(5);
                progress.Report($"{target.Name}: {workers.Sum(static worker => worker.Tally.Files):N0} of {files:N0} files");
            }
        }

        foreach (var worker in stuck)
        {
            worker.Abandon();
        }

        cancellation.ThrowIfCancellationRequested();
        foreach (var worker in workers)
        {
            tally.Add(worker.Tally);
        }

        foreach (var failure in workers.SelectMany(static worker => worker.Tally.Texts).Take(MostFailures))
        {
            progress.Report(failure);
        }

        progress.Report($"{target.Name}: {tally.Files:N0} files in {clock.Elapsed.TotalSeconds:F1} s, {tally.Refused:N0} refused, {tally.Failures} failures");
        return tally;
    }
}
