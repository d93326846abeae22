// What is trained on a task, and for how long. A training ends early once the task is solved, so that a claim takes no longer
// than it must; a control that never solves it takes all steps.
using Umwelt.Learning;
using Umwelt.Models;
using Umwelt.Networks;

namespace Umwelt.Sequences;

/// <summary>How a model is trained on a task.</summary>
internal sealed record SequenceTraining
{
    /// <summary>The layers, as a line.</summary>
    public required string Layers { get; init; }

    /// <summary>Moments of a row; a mask or a marker counts.</summary>
    public required StagedSchedule Length { get; init; }

    /// <summary>What follows a mixer that does not say.</summary>
    public string Feed { get; init; } = "swiglu";

    /// <summary>Features of a moment.</summary>
    public int Width { get; init; } = 64;

    /// <summary>Heads of a layer.</summary>
    public int Heads { get; init; } = 2;

    /// <summary>How experts are made, where a line names them.</summary>
    public ExpertOptions Experts { get; init; } = new();

    /// <summary>The next token, or hidden ones.</summary>
    public TextObjective Objective { get; init; }

    /// <summary>Whether a row is one moment whose tokens see each other.</summary>
    public bool IsOneMoment { get; init; }

    /// <summary>Whether rows go on from step to step with the state carried along.</summary>
    public bool CarriesState { get; init; }

    /// <summary>The most steps.</summary>
    public long Steps { get; init; } = 2000;

    /// <summary>Rows of a step.</summary>
    public int Rows { get; init; } = 32;

    /// <summary>The highest learning rate.</summary>
    public double Rate { get; init; } = 2e-3;

    /// <summary>The share of a weight, times the rate, that a step takes away.</summary>
    public float Decay { get; init; } = 0.01f;

    /// <summary>Steps between two measurements.</summary>
    public long MeasureEvery { get; init; } = 100;

    /// <summary>Accuracy at which the task counts as solved; above 1 trains to the end.</summary>
    public double Enough { get; init; } = 0.995;

    /// <summary>Moments of the rows it is measured on meanwhile; 0 for the longest it learns from.</summary>
    public int MeasuredLength { get; init; }

    /// <summary>Rows it is measured on meanwhile.</summary>
    public int MeasuredRows { get; init; } = 64;

    public TextModelOptions Model => new()
    {
        Objective = Objective,
        IsOneMoment = IsOneMoment,
        Stack = new StackOptions { Layers = Layers, Width = Width, Heads = Heads, Feed = Feed, Experts = Experts, Context = 512 },
    };

    public TrainerOptions Trainer(long steps) => new()
    {
        Steps = steps,
        Rate = Rate,
        WarmUp = 50,
        Decay = Learning.Decay.Linear,
        DecayShare = 0.3,
        FinalRate = 0.05,
        BatchSize = StagedSchedule.Constant(Rows),
        Length = Length,
        EvaluateEvery = MeasureEvery,
        CheckpointEvery = 0,
    };
}
