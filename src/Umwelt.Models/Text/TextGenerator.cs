// Lets a text model continue texts, many at once: each prompt is read once, and then every token is one step of the state.
// What a text becomes depends on its prompt and seed alone, never on the others of the batch.
using Umwelt.Models.Internal.Text;
using Umwelt.Networks;
using Umwelt.Networks.Text;
using Umwelt.Storage;
using Umwelt.Tensors;

namespace Umwelt.Models;

/// <summary>A text to be continued.</summary>
/// <param name="Prompt">How it begins.</param>
/// <param name="Seed">Another seed, another continuation.</param>
/// <param name="Specials">What the spelling of a special token in the prompt means. What strangers wrote is text.</param>
public readonly record struct TextRequest(string Prompt, long Seed = 0, SpecialTokens Specials = SpecialTokens.AsText);

/// <summary>A piece of a continuation.</summary>
/// <param name="Request">Which request it belongs to.</param>
/// <param name="Text">Never half a character.</param>
public readonly record struct TextPiece(int Request, string Text);

/// <summary>Continues texts.</summary>
/// <param name="model">Learns the next token.</param>
/// <param name="options">How tokens are chosen.</param>
public sealed class TextGenerator(TextModel model, SamplingOptions options)
{
    private const int Channel = 0x736179;

    // Places for tokens to come that are there from the start; beyond them the list grows.
    private const int MostSetAside = 4096;

    // So many tokens of a prompt are read at once: a long one takes no more memory for it, and can be cancelled between.
    private const int PromptStretch = 512;

    /// <summary>The whole continuation of a prompt.</summary>
    public string Continue(string prompt, long seed = 0, CancellationToken cancellation = default) =>
        string.Concat(Stream([new TextRequest(prompt, seed)], cancellation).Select(piece => piece.Text));

    /// <summary>The whole continuations of many prompts.</summary>
    public IReadOnlyList<string> Continue(IReadOnlyList<TextRequest> requests, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(requests);
        var texts = new System.Text.StringBuilder[requests.Count];
        for (var i = 0; i < texts.Length; i++)
        {
            texts[i] = new System.Text.StringBuilder();
        }

        foreach (var piece in Stream(requests, cancellation))
        {
            texts[piece.Request].Append(piece.Text);
        }

        return [.. texts.Select(text => text.ToString())];
    }

    /// <summary>The continuations, piece by piece as they come. The engine is used until the last piece is taken.</summary>
    public IEnumerable<TextPiece> Stream(IReadOnlyList<TextRequest> requests, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(requests);
        options.Validate();
        if (model.Options.Objective != TextObjective.Next)
        {
            throw new InvalidOperationException("This model learnt to fill in hidden tokens; it can't continue a text.");
        }

        return requests.Count == 0 || options.Tokens == 0 ? [] : Pieces(requests, cancellation);
    }

    private IEnumerable<TextPiece> Pieces(IReadOnlyList<TextRequest> requests, CancellationToken cancellation)
    {
        var choice = new TokenChoice(model.Vocabulary, options);
        var ends = model.EndTokens.ToHashSet();
        List<Continuation> texts =
            [.. requests.Select((request, i) => new Continuation(i, request.Seed, Encode(request), model.Tokenizer.StartDecoding(skipSpecial: true), new StopText(options.Stop)))];
        var most = (int)Math.Min(texts.Max(text => text.Tokens.Count) + (long)options.Tokens, int.MaxValue);
        var last = new int[requests.Count];
        var state = model.CreateState(requests.Count, most);
        try
        {
            foreach (var text in texts)
            {
                Begin(text, state, most, cancellation);
            }

            for (var made = 0; texts.Count > 0; made++)
            {
                cancellation.ThrowIfCancellationRequested();
                foreach (var text in texts)
                {
                    var piece = text.Add(choice, ends, options.Tokens, RandomStream.Of(text.Seed, Channel, made).NextDouble());
                    if (piece.Length > 0)
                    {
                        yield return new TextPiece(text.Request, piece);
                    }
                }

                if (texts.Exists(text => text.IsDone))
                {
                    int[] rows = [.. Enumerable.Range(0, texts.Count).Where(i => !texts[i].IsDone)];
                    var left = state.Gather(rows);
                    state.Dispose();
                    state = left;
                    texts = [.. rows.Select(row => texts[row])];
                }

                if (texts.Count > 0)
                {
                    Step(texts, last.AsMemory(0, texts.Count), state);
                }
            }
        }
        finally
        {
            state.Dispose();
        }
    }

    private List<int> Encode(TextRequest request)
    {
        var tokenizer = model.Tokenizer;
        var tokens = new List<int>(request.Prompt.Length + Math.Min(options.Tokens, MostSetAside));
        tokenizer.Encode(request.Prompt, tokens, request.Specials);
        if (!tokens.Take(tokenizer.Prefix.Count).SequenceEqual(tokenizer.Prefix))
        {
            tokens.InsertRange(0, tokenizer.Prefix);
        }

        if (tokens.Count == 0)
        {
            // Something has to be read before something can be said: the end of another text, a line's end, or whatever there is.
            tokens.Add(model.EndTokens is [var end, ..] ? end : tokenizer.Encode("\n") is [var line, ..] ? line : 0);
        }

        return tokens;
    }

    private void Begin(Continuation text, StackState all, int most, CancellationToken cancellation)
    {
        using var alone = model.CreateState(1, most);
        int[] tokens = [.. text.Tokens];
        for (var at = 0; at < tokens.Length; at += PromptStretch)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = model.Engine.Scope();
            var length = Math.Min(PromptStretch, tokens.Length - at);
            var scores = model.Read(model.Engine.From((ReadOnlySpan<int>)tokens.AsSpan(at, length), [1, length]), alone);
            if (at + length == tokens.Length)
            {
                scores.Read<float>(text.Scores = new float[model.Vocabulary]);
            }
        }

        all.Scatter(alone, [text.Request]);
    }

    private void Step(List<Continuation> texts, Memory<int> last, StackState state)
    {
        for (var i = 0; i < texts.Count; i++)
        {
            last.Span[i] = texts[i].Tokens[^1];
        }

        using var scope = model.Engine.Scope();
        var scores = model.Step(model.Engine.From<int>((ReadOnlySpan<int>)last.Span, [texts.Count, 1]), state);
        for (var i = 0; i < texts.Count; i++)
        {
            scores.Select(0, i).Read<float>(texts[i].Scores);
        }
    }

    private sealed class Continuation(int request, long seed, List<int> tokens, TokenDecoder decoder, StopText stop)
    {
        private int _made;

        public int Request => request;

        public long Seed => seed;

        public List<int> Tokens => tokens;

        public float[] Scores { get; set; } = [];

        public bool IsDone { get; private set; }

        public string Add(TokenChoice choice, HashSet<int> ends, int most, double uniform)
        {
            var token = choice.Choose(Scores, tokens, uniform);
            tokens.Add(token);
            var isEnd = ends.Contains(token);
            var piece = isEnd ? "" : stop.Add(decoder.Add(token));
            IsDone = isEnd || stop.HasEnded || ++_made >= most;
            return IsDone && !stop.HasEnded ? piece + stop.Add(decoder.End()) + stop.End() : piece;
        }
    }
}
