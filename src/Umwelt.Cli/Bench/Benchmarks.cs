// Every benchmark that `umwelt bench` knows, in the order in which it lists them.
namespace Umwelt.Cli.Bench;

/// <summary>A benchmark as a value: what <see cref="IBenchmark"/> says of a type, without reflection.</summary>
internal sealed record BenchmarkEntry(
    string Name, string Summary, Func<BenchmarkOptions, CancellationToken, BenchmarkReport> Run)
{
    public static BenchmarkEntry Of<TBenchmark>()
        where TBenchmark : IBenchmark => new(TBenchmark.Name, TBenchmark.Summary, TBenchmark.Run);
}

internal static class Benchmarks
{
    public static IReadOnlyList<BenchmarkEntry> All { get; } =
    [
        BenchmarkEntry.Of<GemmBenchmark>(),
        BenchmarkEntry.Of<AttentionBenchmark>(),
        BenchmarkEntry.Of<ElementwiseBenchmark>(),
        BenchmarkEntry.Of<ConvolutionBenchmark>(),
        BenchmarkEntry.Of<TrainBenchmark>(),
        BenchmarkEntry.Of<MixersBenchmark>(),
        BenchmarkEntry.Of<DataBenchmark>(),
        BenchmarkEntry.Of<BridgeBenchmark>(),
        BenchmarkEntry.Of<AppBenchmark>(),
        BenchmarkEntry.Of<HouseBenchmark>(),
        BenchmarkEntry.Of<PlayBenchmark>(),
        BenchmarkEntry.Of<LoadBenchmark>(),
        BenchmarkEntry.Of<SoakBenchmark>(),
        BenchmarkEntry.Of<TokenizerBenchmark>(),
        BenchmarkEntry.Of<DreamBenchmark>(),
        BenchmarkEntry.Of<ImagineBenchmark>(),
        BenchmarkEntry.Of<LearnBenchmark>(),
        BenchmarkEntry.Of<TextBenchmark>(),
    ];
}
