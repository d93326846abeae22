// From how surprising a moment an alarm is raised, so that false ones are as rare as somebody asks. Two ways that hold whatever surprises are
// like: from surprises of usual moments, the line above which only so many of them and the next one lie (conformal prediction: Vovk, Gammerman
// and Shafer, Algorithmic Learning in a Random World, 2005, proposition 2.3); or from their mean and deviation alone, by the inequality of
// Cantelli, shared out among the channels, which is far more careful than it needs to be.
using System.Globalization;

namespace Umwelt.Cli.Watch;

/// <summary>A line and what is promised of it.</summary>
/// <param name="Height">Deviations above the mean, of the channel that surprises most.</param>
/// <param name="Promise">What the rate rests on, for people.</param>
internal sealed record AlarmLine(double Height, string Promise)
{
    /// <summary>By usual moments, whose heights these are.</summary>
    /// <exception cref="ArgumentException">They are too few for the rate; it says how many are needed.</exception>
    public static AlarmLine Of(IReadOnlyCollection<double> usual, double rate)
    {
        // Of n usual moments and one more, each is as likely as any other to be the k-th.
        var rank = (long)Math.Ceiling((usual.Count + 1) * (1 - rate) - 1e-9);
        if (rank > usual.Count)
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"a false alarm in {1 / rate:0.#} moments can't be told from {usual.Count} usual ones; there have to be {Math.Ceiling((1 / rate) - 1e-9) - 1:0} or more"), nameof(usual));
        }

        return new AlarmLine(usual.Order().ElementAt((int)rank - 1), string.Create(CultureInfo.InvariantCulture, $"at most {rate:0.#####} of moments like the {usual.Count} usual ones"));
    }

    /// <summary>By the mean and deviation of each channel alone.</summary>
    public static AlarmLine Of(int channels, double rate) => new(
        Math.Sqrt((channels / rate) - 1),
        string.Create(CultureInfo.InvariantCulture, $"at most {rate:0.#####} of moments like those the model was measured on, whatever their surprises are like"));
}
