// What a world model is asked while it learns. Each next moment is asked one question of a stated mixture: which channels are
// given, which are to be inferred. Independent levels alone would almost never hit the questions that people ask.
using System.Collections.Immutable;

namespace Umwelt.Learning;

/// <summary>Shares of questions, and how histories are corrupted.</summary>
public sealed record WorldObjective
{
    /// <summary>Given motors, infer everything else.</summary>
    public double Simulate { get; init; } = 0.5;

    /// <summary>Given nothing, infer motors.</summary>
    public double Act { get; init; } = 0.1;

    /// <summary>Given senses, infer motors.</summary>
    public double Inverse { get; init; } = 0.08;

    /// <summary>Given all senses or one of them, infer words.</summary>
    public double Caption { get; init; } = 0.12;

    /// <summary>Given words, infer senses.</summary>
    public double Imagine { get; init; } = 0.08;

    /// <summary>Each channel at a level of its own.</summary>
    public double Independent { get; init; } = 0.12;

    /// <summary>The share of questions whose history is absent.</summary>
    public double Forgets { get; init; } = 0.04;

    /// <summary>The same where words are asked of senses or senses of words.</summary>
    public double ForgetsWords { get; init; } = 0.3;

    /// <summary>The share of questions whose last values must not be looked at, though they are remembered.</summary>
    public double Blind { get; init; } = 0.08;

    /// <summary>The share of past channels that are clean.</summary>
    public double Clean { get; init; } = 0.5;

    /// <summary>The share of past channels that are absent.</summary>
    public double Absent { get; init; } = 0.03;

    /// <summary>The highest level of noise of the rest.</summary>
    public double Noise { get; init; } = 0.2;

    /// <summary>The share of stretches whose end is lived without senses, by commands alone: what is remembered must suffice for long.</summary>
    public double Blindfolds { get; init; }

    /// <summary>Moments of a stretch; a blindfold begins anywhere in it and lasts until its end.</summary>
    public int BlindfoldEvery { get; init; } = 64;

    /// <summary>The share of lanes that take in, within a step, what the model dreams with the true motors instead of what followed.</summary>
    public double Dreamed { get; init; }

    /// <summary>The step before which no lane is dreamed: there is nothing to learn from a model that knows nothing.</summary>
    public long DreamedAfter { get; init; }

    /// <summary>The weight of slots that are to stand for what they infer, so that a dream can go on without rendering.</summary>
    public double Reentry { get; init; } = 0.1;

    /// <summary>Moments after which a lane forgets on average, at the beginning of a step; 0 for never.</summary>
    public double ForgetEvery { get; init; } = 4000;

    /// <summary>How much channels weigh, by name; 1 unless said.</summary>
    public ImmutableDictionary<string, double> Weights { get; init; } = ImmutableDictionary<string, double>.Empty;

    /// <summary>Says what can't be.</summary>
    /// <exception cref="ArgumentException">It names the key.</exception>
    public void Validate()
    {
        (string Key, double Value)[] shares =
        [
            ("simulate", Simulate), ("act", Act), ("inverse", Inverse), ("caption", Caption), ("imagine", Imagine), ("independent", Independent),
            ("forgets", Forgets), ("forgetsWords", ForgetsWords), ("blind", Blind), ("clean", Clean), ("absent", Absent), ("noise", Noise), ("blindfolds", Blindfolds), ("dreamed", Dreamed),
        ];
        foreach (var (key, value) in shares)
        {
            if (!(value is >= 0 and <= 1))
            {
                throw new ArgumentException($"objective.{key} is from 0 to 1, not {value}");
            }
        }

        if (!(Reentry >= 0 && ForgetEvery >= 0 && double.IsFinite(Reentry) && double.IsFinite(ForgetEvery)))
        {
            throw new ArgumentException($"objective.reentry and objective.forgetEvery are not negative, not {Reentry} and {ForgetEvery}");
        }

        if (BlindfoldEvery < 1)
        {
            throw new ArgumentException($"objective.blindfoldEvery is at least 1, not {BlindfoldEvery}");
        }

        if (DreamedAfter < 0)
        {
            throw new ArgumentException($"objective.dreamedAfter is not negative, not {DreamedAfter}");
        }

        foreach (var (name, weight) in Weights)
        {
            if (!(weight >= 0 && double.IsFinite(weight)))
            {
                throw new ArgumentException($"objective.weights.{name} is not negative, not {weight}");
            }
        }
    }
}
