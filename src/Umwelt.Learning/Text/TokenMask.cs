// Hides tokens of a text that are then to be said: most are masked, some become any token, some stay. Source: Devlin et al.,
// arXiv 1810.04805, section 3.1.
using Umwelt.Storage;
using Umwelt.Tensors;

namespace Umwelt.Learning;

/// <summary>How tokens are hidden.</summary>
/// <param name="Token">What stands where one is hidden.</param>
/// <param name="Vocabulary">How many tokens there are to say.</param>
/// <param name="Share">The share of places that are to be said.</param>
/// <param name="Masked">The share of those that show the mask.</param>
/// <param name="Random">The share of those that show any token; the rest stay as they are.</param>
public sealed record TokenMask(int Token, int Vocabulary, double Share = 0.15, double Masked = 0.8, double Random = 0.1)
{
    /// <summary>Hides tokens in place, and gives what stood there as targets; nothing is to be said elsewhere.</summary>
    public void Hide(Span<int> tokens, Span<int> targets, RandomStream stream)
    {
        for (var i = 0; i < tokens.Length; i++)
        {
            // Each place takes three words, so that no place depends on what was drawn for another.
            var (isHidden, how, other) = (stream.NextSingle() < Share, stream.NextSingle(), stream.NextSingle());
            targets[i] = isHidden ? tokens[i] : Tensor.IgnoredTarget;
            tokens[i] = !isHidden ? tokens[i] : how < Masked ? Token : how < Masked + Random ? (int)(other * Vocabulary) : tokens[i];
        }
    }
}
