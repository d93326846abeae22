// Llama-style folders (config.json, model.safetensors or shards with an index, tokenizer.json), which most published language
// models come in: one becomes a text model, and a text model made of the same layers becomes one. What either side has no word
// for is refused by name; nothing is dropped in silence.
using Umwelt.Models.Internal.Text.Llama;
using Umwelt.Storage;

namespace Umwelt.Models;

/// <summary>What came of an import.</summary>
/// <param name="Architecture">What config.json calls it: llama, mistral, qwen2 or qwen3.</param>
/// <param name="Options">How the text model is made.</param>
/// <param name="Tokens">How many tokens it knows.</param>
/// <param name="Parameters">How many numbers it has learnt.</param>
/// <param name="Notes">What was left out or passed over, in words.</param>
public sealed record LlamaImport(string Architecture, TextModelOptions Options, int Tokens, long Parameters, IReadOnlyList<string> Notes);

/// <summary>How a Llama-style folder is written.</summary>
public sealed record LlamaExportOptions
{
    /// <summary>Whether weights are rounded to bfloat16, which halves the files; otherwise they stay as they are.</summary>
    public bool RoundsToBFloat16 { get; init; }

    /// <summary>Bytes above which weights are spread over several files with an index.</summary>
    public long LargestFile { get; init; } = 5_000_000_000;
}

/// <summary>Reads and writes Llama-style folders.</summary>
public static class LlamaFolder
{
    /// <summary>
    /// Makes the folder of a text model out of a Llama-style one: Llama 1 to 3, Mistral, Qwen 2 and Qwen 3 without experts.
    /// Weights of 16 bits become the float32 of the same value. Nothing is held in memory but a block of a tensor.
    /// </summary>
    /// <param name="folder">Holds config.json, tokenizer.json and model.safetensors or its shards with their index.</param>
    /// <param name="target">Where nothing stands yet; it appears whole or not at all.</param>
    /// <param name="progress">The share that is done.</param>
    /// <param name="cancellation">Leaves nothing behind.</param>
    /// <exception cref="InvalidFileException">A file is missing, damaged, or asks for what this program can't do; it is named, and what in it.</exception>
    public static LlamaImport Import(string folder, string target, IProgress<double>? progress = null, CancellationToken cancellation = default) =>
        LlamaImporter.Run(folder, target, progress, cancellation);

    /// <summary>Writes a text model as a Llama-style folder; read back, it scores equally.</summary>
    /// <param name="model">Of layers of attention with swiglu feed-forwards, all alike.</param>
    /// <param name="target">Where nothing stands yet; it appears whole or not at all.</param>
    /// <param name="options">How it is written.</param>
    /// <param name="progress">The share that is done.</param>
    /// <param name="cancellation">Leaves nothing behind.</param>
    /// <returns>What config.json calls it: llama, mistral, qwen2 or qwen3, whichever has words for its layers.</returns>
    /// <exception cref="NotSupportedException">The model has something that the format has no word for; it is named.</exception>
    public static string Export(TextModel model, string target, LlamaExportOptions? options = null, IProgress<double>? progress = null, CancellationToken cancellation = default) =>
        LlamaExporter.Run(model, target, options ?? new LlamaExportOptions(), progress, cancellation);
}
