// How well a text model says a text it has not learnt from: windows side by side over the whole text, each token counted once.
using Umwelt.Models;
using Umwelt.Storage;
using Umwelt.Tensors;

namespace Umwelt.Learning;

/// <summary>Measures text models.</summary>
public static class TextEvaluation
{
    private const int RowsAtOnce = 16;
    private const int HiddenBy = 0x65766c;

    /// <summary>The mean loss of a token, the perplexity, and the bits of a byte of text.</summary>
    /// <param name="model">Any text model.</param>
    /// <param name="tokens">The text.</param>
    /// <param name="length">Tokens of a window.</param>
    /// <param name="most">The most windows, spread over the text; 0 for all.</param>
    public static IReadOnlyList<KeyValuePair<string, double>> Measure(TextModel model, int[] tokens, int length, int most = 0)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(tokens);
        var engine = model.Engine;
        var all = (tokens.Length - 1) / length;
        if (all < 1)
        {
            throw new ArgumentException($"{tokens.Length:N0} tokens are too few to measure windows of {length:N0}.", nameof(tokens));
        }

        var windows = most > 0 ? Math.Min(most, all) : all;
        var mask = model.Options.Objective == TextObjective.Masked ? new TokenMask(model.MaskToken, model.Vocabulary) : null;
        var (loss, count, bytes) = (0.0, 0L, 0L);
        using var noGradient = engine.NoGradient();
        for (var first = 0; first < windows; first += RowsAtOnce)
        {
            var batch = new TextBatch(first, Math.Min(RowsAtOnce, windows - first), length);
            for (var row = 0; row < batch.Rows; row++)
            {
                var start = (int)((long)(first + row) * all / windows) * length;
                var given = batch.Tokens.AsSpan(row * length, length);
                var wanted = batch.Targets.AsSpan(row * length, length);
                tokens.AsSpan(start, length).CopyTo(given);
                if (mask is null)
                {
                    tokens.AsSpan(start + 1, length).CopyTo(wanted);
                }
                else
                {
                    mask.Hide(given, wanted, RandomStream.Of(HiddenBy, start));
                }

                foreach (var token in wanted)
                {
                    bytes += token >= 0 ? model.Tokenizer.BytesOf(token).Length : 0;
                }
            }

            using var scope = engine.Scope();
            loss += model.Logits(engine.From(batch.Tokens, [batch.Rows, length])).CrossEntropyOfRows(engine.From(batch.Targets, [batch.Rows, length])).Sum().Item();
            count += batch.Count;
        }

        var mean = loss / Math.Max(1, count);
        return
        [
            new("loss", mean),
            new("perplexity", Math.Exp(mean)),
            new("bits_per_byte", loss / Math.Log(2) / Math.Max(1, bytes)),
        ];
    }
}
