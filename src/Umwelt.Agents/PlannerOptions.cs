// How a planner thinks. The budget is the dial between speed and quality, and means the same for every planner: moments
// imagined for one decision, however they are spent.
namespace Umwelt.Agents;

/// <summary>How a planner thinks.</summary>
public sealed record PlannerOptions
{
    /// <summary>Moments imagined for a decision, at most.</summary>
    public int Budget { get; init; } = 256;

    /// <summary>Time for a decision, at most; null for as long as the budget takes. What depends on it can't be repeated to the bit.</summary>
    public TimeSpan? Time { get; init; }

    /// <summary>How many moments ahead is planned.</summary>
    public int Horizon { get; init; } = 16;

    /// <summary>How many moments of a plan are done before there is another one.</summary>
    public int Hold { get; init; } = 1;

    /// <summary>What a moment's score counts compared with that of the moment before.</summary>
    public double Discount { get; init; } = 0.99;

    /// <summary>Futures that are imagined side by side, at most.</summary>
    public int Rows { get; init; } = 64;

    /// <summary>What is wanted; null for the world's reward.</summary>
    public MomentScores? Goal { get; init; }

    /// <summary>What comes after the horizon, as a score of its last moment; null for nothing.</summary>
    public MomentScores? Value { get; init; }

    /// <summary>Where a planner's chances come from, with a row's own seed.</summary>
    public long Seed { get; init; }

    /// <summary>Rounds in which a sampling planner improves its guess, if the budget suffices for a few plans in each.</summary>
    public int Rounds { get; init; } = 4;

    /// <summary>How alike what chance does in one planned moment and in the next is, from 0 to below 1.</summary>
    public double Persistence { get; init; } = 0.5;

    /// <summary>How far first guesses spread, as a share of half a motor's range.</summary>
    public double Spread { get; init; } = 0.6;

    /// <summary>What is left of that spread at least while guesses improve.</summary>
    public double LeastSpread { get; init; } = 0.02;

    /// <summary>The share of plans that a guess is improved by.</summary>
    public double Elite { get; init; } = 0.2;

    /// <summary>How evenly path-integral planning weighs its plans, in deviations of their scores.</summary>
    public double Temperature { get; init; } = 0.5;

    /// <summary>How much tree search likes what it knows little of.</summary>
    public double Curiosity { get; init; } = 1.5;

    /// <summary>Into how many choices tree search divides the range of a number; whole numbers of two or more.</summary>
    public int Levels { get; init; } = 3;

    /// <summary>Says what can't be.</summary>
    /// <exception cref="ArgumentException">It names the key.</exception>
    public void Validate()
    {
        Check(Budget >= 1, "budget", Budget, "is 1 or more");
        Check(Time is null || Time > TimeSpan.Zero, "time", Time?.TotalSeconds ?? 0, "is above 0");
        Check(Horizon is >= 1 and <= 4096, "horizon", Horizon, "is from 1 to 4096");
        Check(Hold >= 1 && Hold <= Horizon, "hold", Hold, $"is from 1 to the horizon, {Horizon}");
        Check(Discount is > 0 and <= 1, "discount", Discount, "is above 0 and at most 1");
        Check(Rows is >= 1 and <= 4096, "rows", Rows, "is from 1 to 4096");
        Check(Rounds >= 1, "rounds", Rounds, "is 1 or more");
        Check(Persistence is >= 0 and < 1, "persistence", Persistence, "is from 0 to below 1");
        Check(Spread is > 0 and <= 4, "spread", Spread, "is above 0 and at most 4");
        Check(LeastSpread > 0 && LeastSpread <= Spread, "leastSpread", LeastSpread, $"is above 0 and at most the spread, {Spread}");
        Check(Elite is > 0 and <= 1, "elite", Elite, "is above 0 and at most 1");
        Check(Temperature > 0, "temperature", Temperature, "is above 0");
        Check(Curiosity >= 0, "curiosity", Curiosity, "is at least 0");
        Check(Levels is >= 2 and <= 64, "levels", Levels, "is from 2 to 64");
    }

    private static void Check(bool holds, string key, double value, string law)
    {
        if (!holds)
        {
            throw new ArgumentException(FormattableString.Invariant($"{key} {law}, not {value}"));
        }
    }
}
