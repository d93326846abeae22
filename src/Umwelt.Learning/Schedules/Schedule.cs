// How a number of the training changes with its progress: learning rates, batch sizes, context lengths, shares of a mix.
// A schedule is a pure function of the step, so a run that resumes is where it would have been.
namespace Umwelt.Learning;

/// <summary>How the learning rate falls at the end of a run.</summary>
public enum Decay
{
    /// <summary>It does not.</summary>
    None,

    /// <summary>In a straight line.</summary>
    Linear,

    /// <summary>As half a cosine over everything after the warm-up. Source: Loshchilov and Hutter, arXiv 1608.03983.</summary>
    Cosine,

    /// <summary>As one minus a square root. Source: Hägele et al., arXiv 2405.18392.</summary>
    SquareRoot,
}

/// <summary>Warm-up, stable, decay: the share of the peak at each step.</summary>
/// <remarks>A cosine decays from the end of the warm-up on. The others stay at the peak and fall at the end, so that one
/// long run can be branched and ended at any point. Source: Hu et al., arXiv 2404.06395.</remarks>
/// <param name="Steps">Of the whole run.</param>
/// <param name="WarmUp">Steps that rise in a straight line to the peak.</param>
/// <param name="Decay">How it falls.</param>
/// <param name="DecayShare">The share of the run in which it falls; a cosine falls all the time.</param>
/// <param name="Final">The share of the peak at the end.</param>
public sealed record RateSchedule(long Steps, long WarmUp = 0, Decay Decay = Decay.Cosine, double DecayShare = 0.2, double Final = 0)
{
    /// <summary>The share of the peak at a step, counted from 0.</summary>
    public double At(long step)
    {
        if (step < WarmUp)
        {
            return (step + 1.0) / WarmUp;
        }

        var start = Decay switch
        {
            Decay.None => Steps,
            Decay.Cosine => WarmUp,
            _ => Math.Max(WarmUp, Steps - (long)Math.Round(Steps * DecayShare)),
        };
        if (step < start || start >= Steps)
        {
            return 1;
        }

        var progress = Math.Min(1, (step - start) / (double)(Steps - start));
        var left = Decay switch
        {
            Decay.Linear => 1 - progress,
            Decay.Cosine => 0.5 + (0.5 * Math.Cos(Math.PI * progress)),
            _ => 1 - Math.Sqrt(progress),
        };
        return Final + ((1 - Final) * left);
    }
}
