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
public readonly record struct TextRequest(string Prompt, long Seed = 0);

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
        var texts = new List<Continuation>();
        var state = model.CreateState(requests.Count);
        try
        {
            for (var i = 0; i < requests.Count; i++)
            {
                var text = new Continuation(i, requests[i].Seed, Encode(requests[i].Prompt), model.Tokenizer.StartDecoding(skipSpecial: true), new StopText(options.Stop));
                texts.Add(text);
                Begin(text, state);
            }

            for (var made = 0; texts.Count > 0; made++)
            {
                cancellation.ThrowIfCancellationRequested();
                foreach (var text in texts)
                {
                    var piece = text.Add(choice, model.Tokenizer, options.Tokens, RandomStream.Of(text.Seed, Channel, made).NextDouble());
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
                    Step(texts, state);
                }
            }
        }
        finally
        {
            state.Dispose();
        }
    }

    private List<int> Encode(string prompt)
    {
        var tokens = new List<int>();
        model.Tokenizer.Encode(prompt, tokens, SpecialTokens.AsText);
        if (tokens.Count == 0)
        {
            // Something has to be read before something can be said: the end of another text, a line's end, or whatever there is.
            var end = model.Tokenizer.AddedTokens.FirstOrDefault(token => model.Tokenizer.IsSpecial(token.Id));
            tokens.AddRange(end is not null ? [end.Id] : model.Tokenizer.Encode("\n") is [var line, ..] ? [line] : [0]);
        }

        return tokens;
    }

    private void Begin(Continuation text, StackState all)
    {
        using var scope = model.Engine.Scope();
        using var alone = model.CreateState(1);
        model.Read(model.Engine.From(text.Tokens.ToArray(), [1, text.Tokens.Count]), alone).Read<float>(text.Scores = new float[model.Vocabulary]);
        all.Scatter(alone, [text.Request]);
    }

    private void Step(List<Continuation> texts, StackState state)
    {
        using var scope = model.Engine.Scope();
        var scores = model.Step(model.Engine.From(texts.Select(text => text.Tokens[^1]).ToArray(), [texts.Count, 1]), state);
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

        public string Add(TokenChoice choice, Tokenizer tokenizer, int most, double uniform)
        {
            var token = choice.Choose(Scores, tokens, uniform);
            tokens.Add(token);
            var piece = stop.Add(decoder.Add(token));
            IsDone = stop.HasEnded || tokenizer.IsSpecial(token) || ++_made >= most;
            return IsDone && !stop.HasEnded ? piece + stop.Add(decoder.End()) + stop.End() : piece;
        }
    }
}
