// Rotary positions stretched so that a model reads further than it was first trained to: either all pairs turn slower, or only
// those whose waves are long against the old context, with a gentle passage between. The default changes nothing.
namespace Umwelt.Tensors;

/// <summary>How much slower pairs of features turn.</summary>
/// <param name="Factor">So many times; 0 for not at all.</param>
/// <param name="LowFrequency">
/// Pairs of which fewer waves than this fit into the old context turn slower by the whole factor; 0 where all pairs do.
/// Source: Dubey et al., arXiv 2407.21783, section 3.2 (Llama 3.1), and the code released with it.
/// </param>
/// <param name="HighFrequency">Pairs of which more waves than this fit into it turn as before; above the low one.</param>
/// <param name="Context">The old context: how many positions the model read before.</param>
public readonly record struct RotaryScaling(float Factor, float LowFrequency = 0, float HighFrequency = 0, int Context = 0)
{
    /// <summary>Says what can't be.</summary>
    /// <exception cref="ArgumentException">It names the value.</exception>
    public void Validate()
    {
        if (!(Factor >= 0) || !float.IsFinite(Factor))
        {
            throw new ArgumentException($"the factor that rotary positions are stretched by is at least 0, not {Factor}");
        }

        var isByWave = LowFrequency != 0 || HighFrequency != 0 || Context != 0;
        if (isByWave && (!(LowFrequency > 0) || !(HighFrequency > LowFrequency) || !float.IsFinite(HighFrequency) || Context < 1))
        {
            throw new ArgumentException(
                $"rotary positions are stretched by wave with a low factor above 0, a high one above that and an old context, not {LowFrequency}, {HighFrequency} and {Context}");
        }
    }

    /// <summary>The frequency that takes the place of this one.</summary>
    internal double Stretched(double frequency)
    {
        if (Factor == 0)
        {
            return frequency;
        }

        if (LowFrequency == 0)
        {
            return frequency / Factor;
        }

        var waves = Context * frequency / (2 * Math.PI); // that fit into the old context
        var kept = Math.Clamp((waves - LowFrequency) / ((double)HighFrequency - LowFrequency), 0, 1);
        return ((1 - kept) * frequency / Factor) + (kept * frequency);
    }
}
