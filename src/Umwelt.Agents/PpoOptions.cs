// How proximal policy optimisation learns. The defaults are those commonly used for small worlds of numbers.
namespace Umwelt.Agents;

/// <summary>How proximal policy optimisation learns.</summary>
public sealed record PpoOptions
{
    /// <summary>Real moments lived in all; whole rounds of them are lived, none that goes beyond.</summary>
    public long Moments { get; init; } = 100_000;

    /// <summary>Episodes lived side by side.</summary>
    public int Rows { get; init; } = 8;

    /// <summary>Moments that each row lives between two improvements.</summary>
    public int Length { get; init; } = 128;

    /// <summary>The most moments of an episode, for worlds and dreams that never stop; 0 for as long as they last.</summary>
    public long LongestEpisode { get; init; }

    /// <summary>How often what was lived is learnt from.</summary>
    public int Epochs { get; init; } = 10;

    /// <summary>Moments of a step of learning.</summary>
    public int Batch { get; init; } = 256;

    /// <summary>The learning rate.</summary>
    public double Rate { get; init; } = 3e-4;

    /// <summary>Whether the learning rate falls to nothing along the run.</summary>
    public bool RateFalls { get; init; } = true;

    /// <summary>What a moment's reward counts compared with that of the moment before.</summary>
    public double Discount { get; init; } = 0.99;

    /// <summary>How far back surprise about worth is passed on, from 0 to 1 (λ).</summary>
    public double Trace { get; init; } = 0.95;

    /// <summary>How much more or less probable a command may become before it is learnt no further.</summary>
    public double Clip { get; init; } = 0.2;

    /// <summary>Whether that falls to nothing along the run.</summary>
    public bool ClipFalls { get; init; }

    /// <summary>How far a worth may move in one improvement, in its own units; 0 for as far as it likes.</summary>
    public double ValueClip { get; init; }

    /// <summary>What learning worth counts beside learning what to do.</summary>
    public double ValueShare { get; init; } = 0.5;

    /// <summary>What being undecided counts beside learning what to do.</summary>
    public double Entropy { get; init; }

    /// <summary>The largest norm of a step's gradients.</summary>
    public double GradientNorm { get; init; } = 0.5;

    /// <summary>Features of the hidden layers.</summary>
    public IReadOnlyList<int> Hidden { get; init; } = [64, 64];

    /// <summary>The logarithm of the deviation of numbers at first, in halves of their range.</summary>
    public double LogDeviation { get; init; }

    /// <summary>The senses that are looked at; none for all.</summary>
    public IReadOnlyList<string> Senses { get; init; } = [];

    /// <summary>Whether senses are brought to mean 0 and deviation 1 by what was seen so far.</summary>
    public bool ScalesSenses { get; init; } = true;

    /// <summary>Whether rewards are divided by the deviation of returns so far.</summary>
    public bool ScalesRewards { get; init; } = true;

    /// <summary>Says what can't be.</summary>
    /// <exception cref="ArgumentException">It names the key.</exception>
    public void Validate()
    {
        Check(Rows is >= 1 and <= 4096, "rows", Rows, "is from 1 to 4096");
        Check(Length is >= 1 and <= 1 << 16, "length", Length, "is from 1 to 65536");
        Check(LongestEpisode >= 0, "longestEpisode", LongestEpisode, "is not negative");
        Check(Moments >= (long)Rows * Length, "moments", Moments, $"is at least one round, {(long)Rows * Length}");
        Check(Epochs is >= 1 and <= 1000, "epochs", Epochs, "is from 1 to 1000");
        Check(Batch >= 2 && Batch <= Rows * Length, "batch", Batch, $"is from 2 to a round, {(long)Rows * Length}");
        Check(Rate > 0, "rate", Rate, "is above 0");
        Check(Discount is >= 0 and <= 1, "discount", Discount, "is from 0 to 1");
        Check(Trace is >= 0 and <= 1, "trace", Trace, "is from 0 to 1");
        Check(Clip > 0, "clip", Clip, "is above 0");
        Check(ValueClip >= 0, "valueClip", ValueClip, "is at least 0");
        Check(ValueShare >= 0, "valueShare", ValueShare, "is at least 0");
        Check(Entropy >= 0, "entropy", Entropy, "is at least 0");
        Check(GradientNorm > 0, "gradientNorm", GradientNorm, "is above 0");
        Check(Hidden is not null && Hidden.Count <= 16 && Hidden.All(static size => size is >= 1 and <= 1 << 14), "hidden", Hidden?.Count ?? 0, "are at most 16 layers of 1 to 16384 features");
        Check(Senses is not null && !Senses.Contains(null!), "senses", 0, "are names");
        Check(double.IsFinite(LogDeviation), "logDeviation", LogDeviation, "is a number");
    }

    private static void Check(bool holds, string key, double value, string law)
    {
        if (!holds)
        {
            throw new ArgumentException(FormattableString.Invariant($"{key} {law}, not {value}"));
        }
    }
}
