// From a Llama-style folder to a text model's: everything is checked before anything is written, weights pass through block by
// block. Tables that have rows for more tokens than the tokenizer knows lose those rows, since nobody could say them.
using System.Collections.Immutable;
using Umwelt.Networks.Text;
using Umwelt.Storage;

namespace Umwelt.Models.Internal.Text.Llama;

internal static class LlamaImporter
{
    private const string GenerationName = "generation_config.json";
    private const string WeightsName = "model.safetensors";

    public static LlamaImport Run(string folder, string target, IProgress<double>? progress, CancellationToken cancellation)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        var config = ReadConfig(folder);
        var tokenizer = ReadTokenizer(folder, config);
        var notes = new List<string>();
        if (config.Unknown.Length > 0)
        {
            notes.Add($"{LlamaConfig.FileName} holds keys that are not known here and were passed over: {string.Join(", ", config.Unknown)}");
        }

        using var weights = OpenWeights(folder);
        LlamaTensor[] tensors = [.. LlamaTensors.Of(config, tokenizer.VocabularySize)];
        Check(weights, config, tensors, notes);
        if (config.Vocabulary > tokenizer.VocabularySize)
        {
            notes.Add($"the tables of tokens have {config.Vocabulary} rows, the tokenizer {tokenizer.VocabularySize} tokens; the rows that no token has were left out");
        }

        var options = config.ToOptions();
        using var made = new AtomicFolder(target);
        tokenizer.Write(Path.Combine(made.Temporary, Tokenizer.FileName));
        TextModelFile.Write(made.Temporary, options, tokenizer.VocabularySize, EndTokens(folder, config, tokenizer));
        Copy(weights, tensors, Path.Combine(made.Temporary, WeightsName), progress, cancellation);
        made.Commit();
        return new LlamaImport(config.Architecture, options, tokenizer.VocabularySize, tensors.Sum(Count), notes);
    }

    private static LlamaConfig ReadConfig(string folder)
    {
        var path = Path.Combine(folder, LlamaConfig.FileName);
        using var stream = Open(path) ?? throw new InvalidFileException(
            path, $"it is missing; a Llama-style folder holds {LlamaConfig.FileName}, {Tokenizer.FileName} and {WeightsName} or shards with {SafetensorsIndex.FileName}");
        return LlamaConfig.Read(stream, path);
    }

    private static Tokenizer ReadTokenizer(string folder, LlamaConfig config)
    {
        var path = Path.Combine(folder, Tokenizer.FileName);
        using var stream = Open(path) ?? throw new InvalidFileException(path, "it is missing; other forms of tokenizers, such as tokenizer.model, are not read");
        var tokenizer = Tokenizer.Read(stream, path);
        return tokenizer.VocabularySize <= config.Vocabulary
            ? tokenizer
            : throw new InvalidFileException(path, $"it has {tokenizer.VocabularySize} tokens, more than the {config.Vocabulary} of vocab_size in {LlamaConfig.FileName}");
    }

    // How a text ends may be said in either file.
    private static ImmutableArray<int> EndTokens(string folder, LlamaConfig config, Tokenizer tokenizer)
    {
        var path = Path.Combine(folder, GenerationName);
        using var stream = Open(path);
        var more = stream is null ? [] : LlamaConfig.ReadEndTokens(stream, path);
        return [.. config.EndTokens.Concat(more).Where(token => token < tokenizer.VocabularySize).Distinct()];
    }

    private static SafetensorsShards OpenWeights(string folder)
    {
        try
        {
            return SafetensorsShards.Open(folder);
        }
        catch (FileNotFoundException)
        {
            throw new InvalidFileException(Path.Combine(folder, WeightsName), $"it is missing, and so is {SafetensorsIndex.FileName}; weights in other formats are not read");
        }
    }

    private static void Check(SafetensorsShards weights, LlamaConfig config, LlamaTensor[] tensors, List<string> notes)
    {
        var present = weights.Names.ToHashSet(StringComparer.Ordinal);
        foreach (var tensor in tensors)
        {
            if (!present.Remove(tensor.Theirs))
            {
                throw new InvalidFileException(weights.Path, $"it lacks '{tensor.Theirs}'{(tensor.Theirs == LlamaTensors.Head ? $", and tie_word_embeddings in {LlamaConfig.FileName} is not true" : "")}");
            }

            var entry = weights[tensor.Theirs];
            if (!WeightCopy.CanRead(entry.Type))
            {
                throw new InvalidFileException(weights.Path, $"'{tensor.Theirs}' is of type {entry.Type.FormatName()}, which is not supported; known are F32, F16 and BF16");
            }

            long[] wanted = tensor.IsTable ? [config.Vocabulary, .. tensor.Shape[1..]] : tensor.Shape;
            if (!entry.Shape.AsSpan().SequenceEqual(wanted))
            {
                throw new InvalidFileException(weights.Path, $"'{tensor.Theirs}' is [{string.Join(", ", entry.Shape)}]; after {LlamaConfig.FileName} it should be [{string.Join(", ", wanted)}]");
            }
        }

        present.RemoveWhere(name => name.EndsWith(LlamaTensors.FrequenciesSuffix, StringComparison.Ordinal));
        if (config.IsTied && present.Remove(LlamaTensors.Head))
        {
            notes.Add($"'{LlamaTensors.Head}' was passed over: tie_word_embeddings says that it is the embedding");
        }

        if (present.Count > 0)
        {
            throw new InvalidFileException(weights.Path, $"it holds {ConfigObject.Quote(present.Order(StringComparer.Ordinal).First())}, which a model of type {config.Architecture} has not");
        }
    }

    private static void Copy(SafetensorsShards weights, LlamaTensor[] tensors, string path, IProgress<double>? progress, CancellationToken cancellation)
    {
        var writer = new SafetensorsWriter();
        var (done, all) = (0L, tensors.Sum(Count) * sizeof(float));
        foreach (var tensor in tensors)
        {
            writer.Add(tensor.Ours, SafetensorsType.Float32, tensor.Shape, stream => WeightCopy.Write(weights, tensor.Theirs, Count(tensor), stream, Report, cancellation));
        }

        writer.Write(path);

        void Report(long bytes) => progress?.Report((double)(done += bytes) / all);
    }

    private static long Count(LlamaTensor tensor) => tensor.Shape.Aggregate(1L, (product, length) => product * length);

    private static FileStream? Open(string path)
    {
        try
        {
            return File.OpenRead(path);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }
}
