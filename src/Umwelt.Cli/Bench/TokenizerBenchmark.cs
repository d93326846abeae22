// How fast text becomes tokens: 10 MB of English-like text, or of a file, with a vocabulary of 32,768 learnt from other text of its kind,
// on one thread. Each round takes a tokenizer that has seen nothing yet, so its cache of words fills while it is timed.
using System.Diagnostics;
using System.Globalization;
using Umwelt.Networks.Text;

namespace Umwelt.Cli.Bench;

internal sealed class TokenizerBenchmark : IBenchmark
{
    private const int Vocabulary = 32_768;
    private const int Megabyte = 1_000_000;
    private const int TestBytes = 10 * Megabyte;
    private const int TrainingBytes = 20 * Megabyte;

    public static string Name => "tokenizer";

    public static string Summary => "MB/s of English-like text encoded with a 32k vocabulary on one thread; --preset FILE takes a text of your own";

    public static BenchmarkReport Run(BenchmarkOptions options, CancellationToken cancellation)
    {
        options.Progress?.Report("writing text");
        var (training, text) = options.Preset is { } path ? OfFile(path) : Generated();
        var clock = Stopwatch.StartNew();
        var trained = new TokenizerTraining { VocabularySize = Vocabulary, FewestOccurrences = options.Preset is null ? 2 : 1 }
            .OnText(training, new TrainingText(options.Progress), cancellation);
        var trainingSeconds = clock.Elapsed.TotalSeconds;
        using var file = new MemoryStream();
        trained.Write(file);

        var rounds = Math.Max(3, (int)Math.Round(7 * options.Repeats));
        double[] fresh = new double[rounds], again = new double[rounds], decode = new double[rounds];
        var tokens = new List<int>(text.Length);
        var allocated = 0L;
        for (var round = -1; round < rounds; round++)
        {
            // The round before the first compiles the code.
            cancellation.ThrowIfCancellationRequested();
            options.Progress?.Report($"round {Math.Max(round + 1, 1)} of {rounds}");
            file.Position = 0;
            var tokenizer = Tokenizer.Read(file, "trained tokenizer");
            var first = Time(() => Encode(tokenizer, text, tokens));
            allocated = GC.GetAllocatedBytesForCurrentThread();
            Encode(tokenizer, text, tokens);
            allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
            var second = Time(() => Encode(tokenizer, text, tokens));
            var decoded = new System.Buffers.ArrayBufferWriter<byte>(text.Length + 1024);
            var back = Time(() => tokenizer.Decode(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(tokens), decoded));
            if (!decoded.WrittenSpan.SequenceEqual(text))
            {
                throw new CommandFailedException("the text did not come back from its tokens.");
            }

            if (round >= 0)
            {
                (fresh[round], again[round], decode[round]) = (first, second, back);
            }
        }

        var megabytes = text.Length / (double)Megabyte;
        var figures = new Dictionary<string, double?>(StringComparer.Ordinal)
        {
            ["mb_per_second"] = megabytes / Median(fresh),
            ["mb_per_second_again"] = megabytes / Median(again),
            ["decode_mb_per_second"] = megabytes / Median(decode),
            ["allocated_bytes"] = allocated,
            ["bytes_per_token"] = (double)text.Length / tokens.Count,
            ["vocabulary"] = trained.VocabularySize,
            ["training_seconds"] = trainingSeconds,
            ["training_mb"] = training.Length / (double)Megabyte,
        };
        return new BenchmarkReport(
            ["work", "MB/s", "M tokens/s"],
            [Row("encode, nothing seen before", fresh), Row("encode, the same text again", again), Row("decode", decode)],
            figures,
            [
                string.Create(CultureInfo.InvariantCulture, $"{megabytes:0.0} MB, {figures["bytes_per_token"]:0.00} bytes a token, {trained.VocabularySize:N0} tokens; one thread; medians of {rounds} rounds"),
                string.Create(CultureInfo.InvariantCulture, $"learnt from {figures["training_mb"]:0.0} MB in {trainingSeconds:0.0} s on {Environment.ProcessorCount} threads; encoding again allocated {allocated} bytes"),
                options.Preset is null ? "the text is made up: words by Zipf's law, names, numbers, compounds" : $"the text is {options.Preset}, repeated where it is short; the vocabulary is learnt from the same",
            ]);

        IReadOnlyList<string> Row(string work, double[] seconds) =>
        [
            work,
            (megabytes / Median(seconds)).ToString("0.0", CultureInfo.InvariantCulture),
            (tokens.Count / Median(seconds) / 1e6).ToString("0.0", CultureInfo.InvariantCulture),
        ];
    }

    private static void Encode(Tokenizer tokenizer, byte[] text, List<int> tokens)
    {
        tokens.Clear();
        tokenizer.Encode(text, tokens);
    }

    private static (byte[] Training, byte[] Text) Generated()
    {
        var language = new EnglishLikeText();
        return (language.Write(1, TrainingBytes), language.Write(2, TestBytes));
    }

    private static (byte[] Training, byte[] Text) OfFile(string path)
    {
        var bytes = File.Exists(path) ? File.ReadAllBytes(path) : throw new MisuseException($"{path}: there is no such file; --preset takes a text here.");
        if (bytes.Length == 0)
        {
            throw new CommandFailedException($"{path} is empty.");
        }

        var text = new byte[TestBytes];
        for (var at = 0; at < text.Length; at += bytes.Length)
        {
            bytes.AsSpan(0, Math.Min(bytes.Length, text.Length - at)).CopyTo(text.AsSpan(at));
        }

        return (bytes, text);
    }

    private static double Time(Action work)
    {
        var start = Stopwatch.GetTimestamp();
        work();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static double Median(double[] times) => times.Order().ElementAt(times.Length / 2);

    private sealed class TrainingText(IProgress<string>? progress) : IProgress<TokenizerProgress>
    {
        public void Report(TokenizerProgress value) => progress?.Report($"{value.Stage}: {value.Done} of {value.Total}");
    }
}
