// Lets a GPT continue a text, character by character: softmax at a temperature, one random number a character.
using System.Text;
using Umwelt.Storage;
using Umwelt.Tensors;

namespace Umwelt.Cli.Gpt;

internal sealed class GptSpeaker(Engine engine, GptModel model, CharacterText text)
{
    /// <summary>The prompt and what the model adds to it, the same for the same seed; each piece is handed over as it comes.</summary>
    public string Speak(string prompt, int characters, float temperature, ulong seed, Action<string>? piece, CancellationToken cancellation)
    {
        using var noGradient = engine.NoGradient();
        var stream = RandomStream.Of((long)seed, 2);
        var tokens = new List<int>(text.Encode(prompt));
        if (tokens.Count == 0)
        {
            tokens.Add(0);
        }

        var spoken = new StringBuilder(prompt);
        piece?.Invoke(prompt);
        var probabilities = new float[model.Sizes.Vocabulary];
        for (var i = 0; i < characters; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = engine.Scope();
            var seen = tokens.TakeLast(model.Sizes.Context).ToArray();
            var logits = model.Logits(engine.From(seen, [1, seen.Length])).Select(1, seen.Length - 1);
            (logits / temperature).Softmax().Read<float>(probabilities);
            tokens.Add(Draw(probabilities, stream.NextSingle()));
            var character = text[tokens[^1]];
            spoken.Append(character);
            piece?.Invoke(character);
        }

        return spoken.ToString();
    }

    private static int Draw(float[] probabilities, float uniform)
    {
        var sum = 0f;
        for (var i = 0; i < probabilities.Length; i++)
        {
            sum += probabilities[i];
            if (uniform < sum)
            {
                return i;
            }
        }

        return probabilities.Length - 1;
    }
}
