// `umwelt bench text`: a language model learning and speaking, beside PyTorch with the same threads. Learning is the setting
// that everybody knows from tinyshakespeare; speaking is one token after another at batch 1 of a model of 30 million weights.
// Rounds of ours and theirs alternate within one run; the best of either counts, so a busy moment of the machine hurts neither more.
using System.Globalization;
using Umwelt.Cli.Bench.Peers;
using Umwelt.Tensors;

namespace Umwelt.Cli.Bench;

internal sealed class TextBenchmark : IBenchmark
{
    private const int Threads = 2;
    private const int Rounds = 8;

    public static string Name => "text";

    public static string Summary => "a language model learning and speaking, beside PyTorch (preset: train or decode alone)";

    public static BenchmarkReport Run(BenchmarkOptions options, CancellationToken cancellation)
    {
        var rounds = (int)Math.Max(2, Rounds * options.Repeats);
        var figures = new Dictionary<string, double?>(StringComparer.Ordinal);
        var rows = new List<IReadOnlyList<string>>();
        var notes = new List<string> { $"SIMD tier {CpuBackend.Tier}, {Threads} threads; the best of {rounds} alternating rounds" };
        using var peer = PythonPeer.TryStart("text.py");
        notes.Add(peer is null ? "PyTorch is not installed" : peer.Description);
        if (options.Preset is null or "train")
        {
            options.Progress?.Report("learning");
            Train(rounds, peer, figures, rows, notes, cancellation);
        }

        if (options.Preset is null or "decode")
        {
            options.Progress?.Report("speaking");
            Decode(rounds, peer, figures, rows, notes, cancellation);
        }

        return new BenchmarkReport(["what", "tokens/s", "ms a step or token", "GB/s of weights"], rows, figures, notes);
    }

    private static void Train(
        int rounds, PythonPeer? peer, Dictionary<string, double?> figures, List<IReadOnlyList<string>> rows, List<string> notes, CancellationToken cancellation)
    {
        using var ours = new TextLearning(Threads);
        var (theirs, setting) = (new double?(), "");
        for (var round = 0; round < rounds; round++)
        {
            cancellation.ThrowIfCancellationRequested();
            ours.Measure();
            Ask(peer, ours.Request(Threads), ref theirs, ref setting);
        }

        figures["train_vs_pytorch"] = theirs / ours.Best;
        figures["train_tokens_per_second"] = TextLearning.Tokens / ours.Best;
        figures["pytorch_train_tokens_per_second"] = TextLearning.Tokens / theirs;
        figures["train_managed_bytes_per_step"] = ours.ManagedBytes;
        rows.Add(Row("learning, umwelt", ours.Best, TextLearning.Tokens, null));
        rows.Add(Row("learning, PyTorch", theirs, TextLearning.Tokens, null));
        notes.Add($"learning: {TextLearning.Setting}, {ours.Parameters.ToString("N0", CultureInfo.InvariantCulture)} weights; AdamW with clipping, batches drawn from a text; PyTorch's fastest setting {setting}");
    }

    private static void Decode(
        int rounds, PythonPeer? peer, Dictionary<string, double?> figures, List<IReadOnlyList<string>> rows, List<string> notes, CancellationToken cancellation)
    {
        using var memory = new MemoryRate(Threads);
        using var ours = new TextSpeaking(Threads);
        var (theirs, setting) = (new double?(), "");
        for (var round = 0; round < rounds; round++)
        {
            cancellation.ThrowIfCancellationRequested();
            memory.Measure();
            ours.Measure();
            Ask(peer, ours.Request(Threads), ref theirs, ref setting);
        }

        figures["decode_vs_pytorch"] = theirs / ours.Narrow;
        figures["decode_tokens_per_second"] = 1 / ours.Narrow;
        figures["decode_exact_tokens_per_second"] = 1 / ours.Exact;
        figures["decode_sampling_tokens_per_second"] = 1 / ours.Sampling;
        figures["pytorch_decode_tokens_per_second"] = 1 / theirs;
        figures["share_of_bandwidth"] = ours.NarrowBytes / ours.Narrow / memory.Best;
        figures["exact_share_of_bandwidth"] = 2 * ours.NarrowBytes / ours.Exact / memory.Best;
        figures["memory_gigabytes_per_second"] = memory.Best / 1e9;
        figures["weight_megabytes"] = ours.NarrowBytes / 1e6;
        figures["decode_managed_bytes_per_token"] = ours.ManagedBytes;
        rows.Add(Row("speaking, umwelt, bfloat16", ours.Narrow, 1, ours.NarrowBytes));
        rows.Add(Row("the same, drawn at temperature 0.8", ours.Sampling, 1, ours.NarrowBytes));
        rows.Add(Row("speaking, umwelt, float32", ours.Exact, 1, 2 * ours.NarrowBytes));
        rows.Add(Row("speaking, PyTorch", theirs, 1, setting.Contains("bfloat16", StringComparison.Ordinal) ? ours.NarrowBytes : 2 * ours.NarrowBytes));
        rows.Add(["memory, read by two threads", "-", "-", Text(memory.Best / 1e9, "0.0")]);
        notes.Add($"speaking: {TextSpeaking.Setting}, {ours.Parameters.ToString("N0", CultureInfo.InvariantCulture)} weights; the likeliest token each time; PyTorch's fastest setting {setting}");
    }

    private static void Ask(PythonPeer? peer, string request, ref double? best, ref string setting)
    {
        if (peer?.Ask(request) is { } answer && answer.GetProperty("seconds").GetDouble() is var seconds && (best is null || seconds < best))
        {
            best = seconds;
            setting = answer.GetProperty("setting").GetRawText();
        }
    }

    private static string[] Row(string name, double? seconds, int tokens, double? bytes) =>
        [name, Text(tokens / seconds, "0"), Text(seconds * 1e3, "0.000"), Text(bytes / seconds / 1e9, "0.0")];

    private static string Text(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "-";
}
