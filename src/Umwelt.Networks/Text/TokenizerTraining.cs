// Learns a byte-pair tokenizer from text: count the pieces on many threads, then merge the most frequent pairs of bytes, and of what they
// became, until the vocabulary is full. The same texts give the same tokenizer whatever the number of threads.
using Umwelt.Networks.Text.Internal;

namespace Umwelt.Networks.Text;

/// <summary>How a tokenizer is trained.</summary>
public sealed record TokenizerTraining
{
    private const int MostTokens = 1 << 22;
    private const int MostThreads = 256;

    /// <summary>How many tokens it shall have, the special ones and the 256 bytes included; fewer if the text has nothing more to merge.</summary>
    public int VocabularySize { get; init; } = 32_768;

    /// <summary>How text is cut into pieces.</summary>
    public SplitPattern Pattern { get; init; } = SplitPattern.Llama3;

    /// <summary>Tokens that steer; they are numbered from 0 on.</summary>
    public IReadOnlyList<string> SpecialTokens { get; init; } = ["<|endoftext|>"];

    /// <summary>How often a pair must occur to be merged.</summary>
    public int FewestOccurrences { get; init; } = 2;

    /// <summary>How many threads count.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Trains on files, each a text of its own. Their bytes are taken as they are: plain text in UTF-8 is meant.</summary>
    public Tokenizer OnFiles(IReadOnlyList<string> paths, IProgress<TokenizerProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(paths);
        var length = paths.Sum(path => new FileInfo(path) is { Exists: true } file ? file.Length : 0);
        return On(paths.Select(path => (Func<Stream>)(() => File.OpenRead(path))), length, progress, cancellation);
    }

    /// <summary>Trains on a text in UTF-8.</summary>
    public Tokenizer OnText(byte[] text, IProgress<TokenizerProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        return On([() => new MemoryStream(text)], text.Length, progress, cancellation);
    }

    private Tokenizer On(IEnumerable<Func<Stream>> streams, long length, IProgress<TokenizerProgress>? progress, CancellationToken cancellation)
    {
        Validate();
        var counts = new WordCounter(Splitter.Of(Pattern), Threads, progress, cancellation).Count(streams, length);
        var merges = new MergeLearner(counts, SpecialTokens, FewestOccurrences).Learn(VocabularySize, progress, cancellation);
        return new Tokenizer(TokenizerDefinitions.OfMerges(Pattern, SpecialTokens, merges));
    }

    private void Validate()
    {
        const int Bytes = 256;
        if (VocabularySize < Bytes + SpecialTokens.Count || VocabularySize > MostTokens)
        {
            throw new ArgumentException(
                $"A vocabulary has from {Bytes + SpecialTokens.Count} tokens (the bytes and the special tokens) to {MostTokens}, not {VocabularySize}.");
        }

        if (FewestOccurrences < 1)
        {
            throw new ArgumentException($"A pair must occur at least once to be merged, not {FewestOccurrences} times.");
        }

        if (Threads is < 1 or > MostThreads)
        {
            throw new ArgumentException($"From 1 to {MostThreads} threads can count, not {Threads}.");
        }

        if (SpecialTokens.Any(token => token.EnumerateRunes().Count() < 2) || SpecialTokens.Distinct(StringComparer.Ordinal).Count() < SpecialTokens.Count)
        {
            throw new ArgumentException("Special tokens have two characters at least and differ from each other.");
        }
    }
}
