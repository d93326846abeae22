// Rows of consecutive moments to learn from: a part of a sequence batch, which stays its source's.
using Umwelt.Learning.Internal.World;
using Umwelt.Moments;

namespace Umwelt.Learning;

/// <summary>Rows of consecutive moments.</summary>
/// <param name="sequence">The whole step's batch.</param>
/// <param name="step">The step, from 0.</param>
/// <param name="first">The first row.</param>
/// <param name="rows">How many rows.</param>
public sealed class WorldBatch(SequenceBatch sequence, long step, int first, int rows)
{
    /// <summary>The step, from 0.</summary>
    public long Step { get; } = step;

    /// <summary>The first row within the step's batch.</summary>
    public int First { get; } = first;

    /// <summary>How many rows.</summary>
    public int Rows { get; } = rows;

    /// <summary>Moments of a row.</summary>
    public int Length => sequence.Length;

    /// <summary>The moments of the whole step.</summary>
    public MomentBatch Moments => sequence.Moments;

    /// <summary>The first of this batch's moments among them.</summary>
    public int FirstMoment => First * Length;

    /// <summary>Before which moments [rows, length] what is remembered must be forgotten.</summary>
    public ReadOnlySpan<bool> Resets => sequence.Resets.Slice(FirstMoment, Rows * Length);

    internal WorldPlan? Plan { get; set; }

    /// <summary>Whether a moment [rows, length] has a channel.</summary>
    public bool IsPresent(int channel, int moment) => sequence.Moments.IsPresent(channel, FirstMoment + moment);
}
