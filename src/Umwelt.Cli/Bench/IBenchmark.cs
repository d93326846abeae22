// What `umwelt bench NAME` runs: it measures, fills a table for people and a flat list of figures for programs.
namespace Umwelt.Cli.Bench;

internal interface IBenchmark
{
    static abstract string Name { get; }

    static abstract string Summary { get; }

    static abstract BenchmarkReport Run(BenchmarkOptions options, CancellationToken cancellation);
}

/// <summary>How much to measure. A preset names a size a benchmark knows; repeats scale its default number of timings.</summary>
internal sealed record BenchmarkOptions(double Repeats = 1.0, string? Preset = null, IProgress<string>? Progress = null);

/// <summary>A table, the figures (null where a peer is not installed) and notes such as the versions of peers.</summary>
internal sealed record BenchmarkReport(
    IReadOnlyList<string> Columns,
    IReadOnlyList<IReadOnlyList<string>> Rows,
    IReadOnlyDictionary<string, double?> Figures,
    IReadOnlyList<string> Notes);
