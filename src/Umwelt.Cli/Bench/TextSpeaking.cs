// What `umwelt bench text` times of speaking: the generator that `umwelt say` uses, from a prompt of a few hundred tokens,
// with weights as they are and as brain floats. Tokens are whole characters here, so every piece is one token.
using System.Diagnostics;
using Umwelt.Models;
using Umwelt.Networks;
using Umwelt.Networks.Text;
using Umwelt.Tensors;

namespace Umwelt.Cli.Bench;

internal sealed class TextSpeaking : IDisposable
{
    private const int Vocabulary = 8192;
    private const int FirstCharacter = 0x4E00;
    private const int History = 256;
    private const int TokensEachRound = 96;
    private static readonly StackOptions Stack = new() { Layers = "attentionx8", Width = 512, Heads = 8, Context = 512 };
    private static readonly SamplingOptions Likeliest = new() { Temperature = 0, Tokens = TokensEachRound };
    private readonly Engine _engine;
    private readonly TextModel _model;
    private readonly string _prompt;

    public TextSpeaking(int threads)
    {
        _engine = new Engine(new CpuBackend(threads));
        var characters = string.Concat(Enumerable.Range(0, Vocabulary).Select(i => (char)(FirstCharacter + i)));
        _model = new TextModel(_engine, Tokenizer.OfCharacters(characters), new TextModelOptions { IsTied = true, Stack = Stack }, seed: 1);
        _prompt = string.Concat(Enumerable.Range(0, History).Select(i => characters[i * 31]));
    }

    public static string Setting => $"8 layers, {Stack.Width} wide, {Stack.Heads} heads, vocabulary {Vocabulary}, tied head, after {History} tokens, batch 1";

    public long Parameters => _model.Parameters.Count;

    /// <summary>Bytes of weights that a token reads where they are brain floats: all of them, since the head is the embedding.</summary>
    public double NarrowBytes => sizeof(ushort) * (double)_model.Parameters.Parameters.Where(parameter => parameter.Value.Rank == 2).Sum(parameter => parameter.Value.Count);

    /// <summary>Seconds a token in the best round so far: with brain floats, the likeliest token each time.</summary>
    public double Narrow { get; private set; } = double.MaxValue;

    /// <summary>With brain floats, tokens drawn at the usual temperature.</summary>
    public double Sampling { get; private set; } = double.MaxValue;

    /// <summary>With weights as they were learnt.</summary>
    public double Exact { get; private set; } = double.MaxValue;

    /// <summary>What the collector has to deal with after a token, its text included.</summary>
    public double ManagedBytes { get; private set; } = double.MaxValue;

    public void Measure()
    {
        _model.Format = WeightFormat.Float32;
        Exact = Math.Min(Exact, SecondsOfToken(Likeliest).Seconds);
        _model.Format = WeightFormat.BFloat16;
        Sampling = Math.Min(Sampling, SecondsOfToken(Likeliest with { Temperature = 0.8 }).Seconds);
        var (seconds, bytes) = SecondsOfToken(Likeliest);
        (Narrow, ManagedBytes) = (Math.Min(Narrow, seconds), Math.Min(ManagedBytes, bytes));
    }

    public string Request(int threads) =>
        $$"""{"task": "decode", "vocabulary": {{Vocabulary}}, "context": {{Stack.Context}}, "width": {{Stack.Width}}, "layers": {{_model.Stack.TimeMixers.Count}}, "heads": {{Stack.Heads}}, "hidden": {{Stack.HiddenOf(isGated: true)}}, "tied": true, "history": {{History}}, "times": {{TokensEachRound}}, "threads": {{threads}}}""";

    public void Dispose()
    {
        _model.Dispose();
        _engine.Dispose();
    }

    // The first pieces come with the reading of the prompt and the packing of weights, and after the last one the state goes.
    private (double Seconds, double Bytes) SecondsOfToken(SamplingOptions options)
    {
        const int First = 8;
        var (tokens, start, bytes, seconds) = (0, 0L, 0L, 0.0);
        foreach (var _ in new TextGenerator(_model, options).Stream([new TextRequest(_prompt, 1)]))
        {
            if (++tokens == First)
            {
                (bytes, start) = (GC.GetAllocatedBytesForCurrentThread(), Stopwatch.GetTimestamp());
            }

            if (tokens == TokensEachRound)
            {
                (seconds, bytes) = (Stopwatch.GetElapsedTime(start).TotalSeconds, GC.GetAllocatedBytesForCurrentThread() - bytes);
            }
        }

        return (seconds / (TokensEachRound - First), bytes / (double)(TokensEachRound - First));
    }
}
