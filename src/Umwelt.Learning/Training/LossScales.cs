// Losses of different kinds have different sizes; divided each by its own running size they weigh alike. Sizes are roots of mean
// squares: a loss that is nearly nothing until something rare happens would, divided by its mean, drown all others when it
// does. They are of earlier steps alone, so that a step taken in parts is the step taken at once.
namespace Umwelt.Learning;

/// <summary>The running size of each loss.</summary>
/// <param name="count">How many losses.</param>
public sealed class LossScales(int count)
{
    private const double Stays = 0.99;
    private const double Least = 1e-8;
    private readonly double[] _sums = new double[count];
    private readonly double[] _weights = new double[count];

    /// <summary>Everything there is to keep.</summary>
    public IReadOnlyList<double> State => [.. _sums, .. _weights];

    /// <summary>Whether every loss has been seen.</summary>
    public bool IsKnown => Array.TrueForAll(_weights, static weight => weight > 0);

    /// <summary>The size of a loss up to now; 1 for one never seen.</summary>
    public double this[int loss] => _weights[loss] > 0 ? Math.Max(Least, Math.Sqrt(_sums[loss] / _weights[loss])) : 1;

    /// <summary>Takes the losses of a step in; one that is NaN had nothing to lose.</summary>
    public void Add(ReadOnlySpan<double> losses)
    {
        for (var i = 0; i < losses.Length; i++)
        {
            if (double.IsFinite(losses[i]))
            {
                _sums[i] = (Stays * _sums[i]) + ((1 - Stays) * losses[i] * losses[i]);
                _weights[i] = (Stays * _weights[i]) + (1 - Stays);
            }
        }
    }

    /// <summary>Goes on from what was kept.</summary>
    public void Restore(IReadOnlyList<double> state)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (state.Count != 2 * _sums.Length)
        {
            throw new ArgumentException($"The kept scales are of {state.Count / 2} losses, not of {_sums.Length}.", nameof(state));
        }

        for (var i = 0; i < _sums.Length; i++)
        {
            (_sums[i], _weights[i]) = (state[i], state[i + _sums.Length]);
        }
    }
}
