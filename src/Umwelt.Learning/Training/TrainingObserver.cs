// Whoever wants to know how a run goes: displays, logs, curves. Observers only look; a run is the same with and without them.
namespace Umwelt.Learning;

/// <summary>What a step came to.</summary>
/// <param name="Step">How many steps are made.</param>
/// <param name="Steps">How many there will be.</param>
/// <param name="Loss">What was minimised, before balancing: the sum of the mean losses.</param>
/// <param name="Losses">Each mean loss by name; NaN where the batch had nothing to lose.</param>
/// <param name="Rate">The learning rate.</param>
/// <param name="GradientNorm">Of all gradients together, before clipping.</param>
/// <param name="Rows">Rows of the batch.</param>
/// <param name="Length">Moments of a row.</param>
/// <param name="Moments">How many moments the run has seen.</param>
/// <param name="Elapsed">How long the run has taken, with what was done before it was resumed.</param>
public sealed record TrainingStep(
    long Step, long Steps, double Loss, IReadOnlyList<KeyValuePair<string, double>> Losses, double Rate, double GradientNorm, int Rows, int Length, long Moments, TimeSpan Elapsed);

/// <summary>Watches a run. Whatever one does not want to see does nothing.</summary>
public abstract class TrainingObserver
{
    /// <summary>A run begins, or goes on after so many steps.</summary>
    public virtual void Began(long step, long steps)
    {
    }

    /// <summary>A step is made.</summary>
    public virtual void Stepped(TrainingStep step)
    {
    }

    /// <summary>The model was measured on what it does not learn from.</summary>
    public virtual void Evaluated(long step, IReadOnlyList<KeyValuePair<string, double>> figures)
    {
    }

    /// <summary>The model gave a sample of what it has learnt.</summary>
    public virtual void Sampled(long step, string text)
    {
    }

    /// <summary>A checkpoint is about to be kept: what was written of the steps before must not be lost once it stands.</summary>
    public virtual void Keeping(long step)
    {
    }

    /// <summary>Something is worth knowing: a checkpoint is kept, or one was damaged.</summary>
    public virtual void Noted(long step, string text)
    {
    }

    /// <summary>The run is over: done, stopped, or failed for a reason.</summary>
    public virtual void Ended(long step, string? failure)
    {
    }
}
