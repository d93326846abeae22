// How a run goes: how long, how fast, in which portions, and when it looks up. What changes over a run is a schedule.
using System.Text.Json.Serialization;

namespace Umwelt.Learning;

/// <summary>How a run goes.</summary>
public sealed record TrainerOptions
{
    private const int MostRows = 1 << 24;

    /// <summary>Steps of the run.</summary>
    public long Steps { get; init; } = 2000;

    /// <summary>The highest learning rate.</summary>
    public double Rate { get; init; } = 1e-3;

    /// <summary>Steps in which the rate rises.</summary>
    public long WarmUp { get; init; } = 100;

    /// <summary>How it falls.</summary>
    public Decay Decay { get; init; } = Decay.Cosine;

    /// <summary>The share of the run in which it falls; a cosine falls all the time.</summary>
    public double DecayShare { get; init; } = 0.2;

    /// <summary>The share of the highest rate that is left at the end.</summary>
    public double FinalRate { get; init; } = 0.1;

    /// <summary>Rows of a step's batch.</summary>
    public StagedSchedule BatchSize { get; init; } = StagedSchedule.Constant(16);

    /// <summary>Moments, or tokens, of a row.</summary>
    public StagedSchedule Length { get; init; } = StagedSchedule.Constant(64);

    /// <summary>
    /// The most rows computed at once; gradients of further parts are added up, and equal those of the whole batch. 0: the whole
    /// batch at once. Only experts notice: each part has room of its own for the tokens of an expert, and is balanced by itself,
    /// so with them a batch in parts is another batch than the whole, as good but not equal.
    /// </summary>
    public int Portion { get; init; }

    /// <summary>The largest norm of all gradients together; 0 does not clip.</summary>
    public double Clip { get; init; } = 1;

    /// <summary>How much of an average of the weights stays from step to step; 0 keeps none.</summary>
    public double Average { get; init; }

    /// <summary>Whether several losses are each divided by their running size.</summary>
    public bool Balance { get; init; }

    /// <summary>Steps between two evaluations; 0 evaluates only at the end.</summary>
    public long EvaluateEvery { get; init; } = 250;

    /// <summary>Steps between two checkpoints; 0 keeps one only at the end and where a run is stopped.</summary>
    public long CheckpointEvery { get; init; } = 250;

    /// <summary>The rate over the run.</summary>
    [JsonIgnore]
    public RateSchedule Schedule => new(Steps, WarmUp, Decay, DecayShare, FinalRate);

    /// <summary>Says which number can't be.</summary>
    /// <exception cref="ArgumentException">It names the key.</exception>
    public void Validate()
    {
        Check(Steps >= 1, "steps", Steps, "is at least 1");
        Check(Rate > 0 && double.IsFinite(Rate), "rate", Rate, "is above 0");
        Check(WarmUp >= 0, "warmUp", WarmUp, "is not negative");
        Check(DecayShare is >= 0 and <= 1, "decayShare", DecayShare, "is from 0 to 1");
        Check(FinalRate is >= 0 and <= 1, "finalRate", FinalRate, "is from 0 to 1");
        Check(Portion >= 0, "portion", Portion, "is not negative");
        Check(Clip >= 0, "clip", Clip, "is not negative");
        Check(Average is >= 0 and < 1, "average", Average, "is at least 0 and below 1");
        Check(EvaluateEvery >= 0, "evaluateEvery", EvaluateEvery, "is not negative");
        Check(CheckpointEvery >= 0, "checkpointEvery", CheckpointEvery, "is not negative");
        Check(BatchSize.Least >= 1, "batchSize", BatchSize.Least, "is at least 1");
        Check(Length.Least >= 1, "length", Length.Least, "is at least 1");
        Check(BatchSize.Most <= MostRows, "batchSize", BatchSize.Most, $"is at most {MostRows}");
        Check(Length.Most <= MostRows, "length", Length.Most, $"is at most {MostRows}");
        Check(Enum.IsDefined(Decay), "decay", (double)Decay, "is None, Linear, Cosine or SquareRoot");
    }

    private static void Check(bool holds, string key, double value, string law)
    {
        if (!holds)
        {
            throw new ArgumentException($"{key} {law}, not {value}");
        }
    }
}
