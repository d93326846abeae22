// How a policy is learnt in dreams: how much is really lived, how futures are imagined, how what came of them is learnt from.
namespace Umwelt.Agents;

/// <summary>How a policy is learnt in dreams.</summary>
public sealed record DreamingOptions
{
    /// <summary>How often there is living, learning of the model, and improving in its dreams.</summary>
    public int Cycles { get; init; } = 8;

    /// <summary>Real moments lived before the first model.</summary>
    public long FirstMoments { get; init; } = 2000;

    /// <summary>Real moments lived before each further one.</summary>
    public long Moments { get; init; } = 1000;

    /// <summary>Who lives the first moments: an occupant of the world; empty for commands drawn evenly and each by itself.</summary>
    public string FirstOccupant { get; init; } = "";

    /// <summary>Episodes lived side by side.</summary>
    public int LivedRows { get; init; } = 4;

    /// <summary>The most moments of an episode that is lived; 0 for as long as it lasts.</summary>
    public long LongestEpisode { get; init; }

    /// <summary>Improvements of the policy in each cycle; each imagines futures of its own.</summary>
    public int Updates { get; init; } = 300;

    /// <summary>Improvements between two checkpoints.</summary>
    public int CheckpointEvery { get; init; } = 100;

    /// <summary>Futures of an improvement.</summary>
    public int Rows { get; init; } = 64;

    /// <summary>Moments of a future.</summary>
    public int Horizon { get; init; } = 16;

    /// <summary>Real moments that a future's start is remembered with, at most.</summary>
    public int Prime { get; init; } = 8;

    /// <summary>What a moment's reward counts compared with that of the moment before.</summary>
    public double Discount { get; init; } = 0.99;

    /// <summary>How far what came in a dream is trusted rather than what was thought of the next moment, from 0 to 1 (λ).</summary>
    public double Trace { get; init; } = 0.95;

    /// <summary>How far beyond what was lived a dream may go, as a share of the extent of each number; what comes after that does not count.</summary>
    public double Beyond { get; init; } = 0.25;

    /// <summary>How often each future is learnt from.</summary>
    public int Epochs { get; init; } = 2;

    /// <summary>Moments of a step of learning.</summary>
    public int Batch { get; init; } = 512;

    /// <summary>The learning rate.</summary>
    public double Rate { get; init; } = 5e-4;

    /// <summary>How much more or less probable a command may become before it is learnt no further.</summary>
    public double Clip { get; init; } = 0.2;

    /// <summary>What learning worth counts beside learning what to do.</summary>
    public double ValueShare { get; init; } = 0.5;

    /// <summary>What being undecided counts beside learning what to do.</summary>
    public double Entropy { get; init; } = 3e-3;

    /// <summary>The largest norm of a step's gradients.</summary>
    public double GradientNorm { get; init; } = 1;

    /// <summary>Features of the hidden layers.</summary>
    public IReadOnlyList<int> Hidden { get; init; } = [64, 64];

    /// <summary>The logarithm of the deviation of numbers at first, in halves of their range.</summary>
    public double LogDeviation { get; init; } = -0.5;

    /// <summary>Says what can't be.</summary>
    /// <exception cref="ArgumentException">It names the key.</exception>
    public void Validate()
    {
        Check(Cycles is >= 1 and <= 100_000, "cycles", Cycles, "is from 1 to 100000");
        Check(LivedRows is >= 1 and <= 4096, "livedRows", LivedRows, "is from 1 to 4096");
        Check(FirstMoments >= 4L * LivedRows, "firstMoments", FirstMoments, $"is at least four a row, {4L * LivedRows}");
        Check(Moments >= LivedRows, "moments", Moments, $"is at least one a row, {LivedRows}");
        Check(FirstOccupant is not null, "firstOccupant", 0, "is a name");
        Check(LongestEpisode is 0 or > 1, "longestEpisode", LongestEpisode, "is 0 or more than 1");
        Check(Updates >= 1, "updates", Updates, "is 1 or more");
        Check(CheckpointEvery >= 1, "checkpointEvery", CheckpointEvery, "is 1 or more");
        Check(Rows is >= 1 and <= 4096, "rows", Rows, "is from 1 to 4096");
        Check(Horizon is >= 1 and <= 4096, "horizon", Horizon, "is from 1 to 4096");
        Check(Prime is >= 1 and <= 4096, "prime", Prime, "is from 1 to 4096");
        Check(Discount is >= 0 and <= 1, "discount", Discount, "is from 0 to 1");
        Check(Trace is >= 0 and <= 1, "trace", Trace, "is from 0 to 1");
        Check(Beyond >= 0, "beyond", Beyond, "is at least 0");
        Check(Epochs is >= 1 and <= 1000, "epochs", Epochs, "is from 1 to 1000");
        Check(Batch >= 1, "batch", Batch, "is 1 or more");
        Check(Rate > 0, "rate", Rate, "is above 0");
        Check(Clip > 0, "clip", Clip, "is above 0");
        Check(ValueShare >= 0, "valueShare", ValueShare, "is at least 0");
        Check(Entropy >= 0, "entropy", Entropy, "is at least 0");
        Check(GradientNorm > 0, "gradientNorm", GradientNorm, "is above 0");
        Check(Hidden is not null && Hidden.Count <= 16 && Hidden.All(static size => size is >= 1 and <= 1 << 14), "hidden", Hidden?.Count ?? 0, "are at most 16 layers of 1 to 16384 features");
        Check(double.IsFinite(LogDeviation), "logDeviation", LogDeviation, "is a number");
    }

    private static void Check(bool holds, string key, double value, string law)
    {
        if (!holds)
        {
            throw new ArgumentException(FormattableString.Invariant($"dreams.{key} {law}, not {value}"));
        }
    }
}
