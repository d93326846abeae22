// A number that changes at certain shares of a run, at once or gradually: batch sizes that grow, contexts that lengthen.
// In a configuration it is a number, or an object such as { "0": 64, "0.5": 128, "gradual": true }.
using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Umwelt.Learning.Internal;

namespace Umwelt.Learning;

/// <summary>What a number is from some share of the run on.</summary>
/// <param name="From">The share of the run, from 0 to 1.</param>
/// <param name="Value">The number.</param>
public readonly record struct Stage(double From, double Value);

/// <summary>A number over the course of a run.</summary>
[JsonConverter(typeof(StagedScheduleConverter))]
public sealed record StagedSchedule
{
    private readonly ImmutableArray<Stage> _stages;

    /// <summary>Stages in rising order, the first at 0.</summary>
    /// <param name="stages">At least one.</param>
    /// <param name="isGradual">Whether the number goes in straight lines from stage to stage, or jumps.</param>
    public StagedSchedule(ImmutableArray<Stage> stages, bool isGradual = false)
    {
        if (stages.IsDefaultOrEmpty || stages[0].From != 0)
        {
            throw new ArgumentException("The first stage begins at 0.", nameof(stages));
        }

        for (var i = 0; i < stages.Length; i++)
        {
            if (!(stages[i].From <= 1) || !double.IsFinite(stages[i].Value) || (i > 0 && !(stages[i].From > stages[i - 1].From)))
            {
                throw new ArgumentException($"Stage {i} begins at {stages[i].From} with {stages[i].Value}; stages begin at rising shares of the run, from 0 to 1.", nameof(stages));
            }
        }

        _stages = stages;
        IsGradual = isGradual;
    }

    /// <summary>Whether the number goes in straight lines from stage to stage, or jumps.</summary>
    public bool IsGradual { get; }

    /// <summary>The least number of the run.</summary>
    public double Least => _stages.Min(stage => stage.Value);

    /// <summary>The greatest number of the run.</summary>
    public double Most => _stages.Max(stage => stage.Value);

    /// <summary>The stages in rising order.</summary>
    public IReadOnlyList<Stage> Stages => _stages;

    /// <summary>One number for the whole run.</summary>
    public static StagedSchedule Constant(double value) => new([new Stage(0, value)]);

    /// <summary>The same stages.</summary>
    public bool Equals(StagedSchedule? other) => other is not null && IsGradual == other.IsGradual && _stages.AsSpan().SequenceEqual(other._stages.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_stages.Length, _stages[0]);

    /// <summary>The whole number nearest to the number at a share of the run.</summary>
    public int WholeAt(double progress) => (int)Math.Round(At(progress));

    /// <summary>The number at a share of the run.</summary>
    public double At(double progress)
    {
        var i = 0;
        while (i + 1 < _stages.Length && progress >= _stages[i + 1].From)
        {
            i++;
        }

        if (!IsGradual || i + 1 == _stages.Length)
        {
            return _stages[i].Value;
        }

        var share = (Math.Max(0, progress) - _stages[i].From) / (_stages[i + 1].From - _stages[i].From);
        return _stages[i].Value + (share * (_stages[i + 1].Value - _stages[i].Value));
    }
}
