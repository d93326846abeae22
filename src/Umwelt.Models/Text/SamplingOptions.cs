// How the next token is chosen from its scores. The filters apply in this order: repetition, temperature, top-k, top-p, min-p.
using System.Text;

namespace Umwelt.Models;

/// <summary>How a text is continued.</summary>
public sealed record SamplingOptions
{
    /// <summary>Scores are divided by it; 0 takes the likeliest token always.</summary>
    public double Temperature { get; init; } = 0.8;

    /// <summary>Only so many likeliest tokens; 0 for all.</summary>
    public int TopK { get; init; }

    /// <summary>Only the likeliest tokens that together have this probability. Source: Holtzman et al., arXiv 1904.09751.</summary>
    public double TopP { get; init; } = 1;

    /// <summary>Only tokens at least this share as likely as the likeliest. Source: Nguyen et al., arXiv 2407.01082.</summary>
    public double MinP { get; init; }

    /// <summary>Makes tokens that stand in the text already less likely; 1 does not. Source: Keskar et al., arXiv 1909.05858, section 4.1.</summary>
    public double RepetitionPenalty { get; init; } = 1;

    /// <summary>How many of the last tokens are not to be repeated.</summary>
    public int RepetitionWindow { get; init; } = 64;

    /// <summary>The most tokens to add.</summary>
    public int Tokens { get; init; } = 256;

    /// <summary>Texts that end it; they are not given.</summary>
    public IReadOnlyList<string> Stop { get; init; } = [];

    /// <summary>Says what can't be.</summary>
    /// <exception cref="ArgumentException">It names the key.</exception>
    public void Validate()
    {
        Check(Temperature >= 0 && double.IsFinite(Temperature), "temperature", Temperature, "is at least 0");
        Check(TopK >= 0, "topK", TopK, "is at least 0");
        Check(TopP is > 0 and <= 1, "topP", TopP, "is above 0 and at most 1");
        Check(MinP is >= 0 and <= 1, "minP", MinP, "is from 0 to 1");
        Check(RepetitionPenalty >= 1 && double.IsFinite(RepetitionPenalty), "repetitionPenalty", RepetitionPenalty, "is at least 1");
        Check(RepetitionWindow >= 0, "repetitionWindow", RepetitionWindow, "is at least 0");
        Check(Tokens >= 0, "tokens", Tokens, "is at least 0");
        if (Stop is null || Stop.Any(string.IsNullOrEmpty))
        {
            throw new ArgumentException("stop holds an empty text, which would end at once");
        }

        if (Stop.Any(text => text.EnumerateRunes().Any(rune => rune == Rune.ReplacementChar && !text.Contains('\uFFFD', StringComparison.Ordinal))))
        {
            throw new ArgumentException("stop holds half a character");
        }
    }

    private static void Check(bool holds, string key, double value, string law)
    {
        if (!holds)
        {
            throw new ArgumentException($"{key} {law}, not {value}");
        }
    }
}
