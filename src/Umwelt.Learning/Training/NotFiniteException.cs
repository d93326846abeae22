// A loss or gradient that is no number ends a run, with the operation and the parameter where it first arose.
namespace Umwelt.Learning;

/// <summary>A step gave a loss or a gradient that is not finite; the weights are those before the step.</summary>
public sealed class NotFiniteException : Exception
{
    internal NotFiniteException(long step, string what, string? origin)
        : base($"step {step}: {what}; {origin ?? "when the step was repeated it was finite, so something outside of the model differs from run to run"}")
    {
        Step = step;
        Origin = origin;
    }

    /// <summary>The step, from 0.</summary>
    public long Step { get; }

    /// <summary>Where it first arose, such as "'exp' on parameter 'blocks.0.gate.weight' made it".</summary>
    public string? Origin { get; }
}
