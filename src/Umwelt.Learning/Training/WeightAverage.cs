// An exponential average of the weights over the steps, which is often the better model. Early on it forgets faster, since
// the first weights are worth nothing. Source: Polyak and Juditsky 1992; the warm-up as in Tarvainen and Valpola, arXiv 1703.01780.
using Umwelt.Networks;
using Umwelt.Tensors;

namespace Umwelt.Learning;

/// <summary>The average of a network's weights.</summary>
public sealed class WeightAverage : IDisposable
{
    private readonly List<(Tensor Weight, Tensor Average)> _pairs = [];
    private readonly Dictionary<string, Tensor> _tensors = new(StringComparer.Ordinal);
    private readonly Engine _engine;
    private readonly double _decay;

    /// <summary>Begins at the weights.</summary>
    /// <param name="parameters">The network.</param>
    /// <param name="decay">How much of the average stays from step to step.</param>
    public WeightAverage(ParameterTree parameters, double decay)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        if (!(decay is >= 0 and < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(decay), decay, "From 0 to below 1 of an average can stay.");
        }

        (_engine, _decay) = (parameters.Engine, decay);
        using var noGradient = _engine.NoGradient();
        foreach (var (name, weight) in parameters.Parameters)
        {
            if (weight.RequiresGradient)
            {
                var average = weight.Clone().Hold();
                _pairs.Add((weight, average));
                _tensors.Add(name, average);
            }
        }
    }

    /// <summary>The averages by the names of the weights.</summary>
    public IReadOnlyDictionary<string, Tensor> Tensors => _tensors;

    /// <summary>Takes the weights in, after so many steps.</summary>
    public void Update(long steps)
    {
        var share = (float)(1 - Math.Min(_decay, (1.0 + steps) / (10.0 + steps)));
        using var noGradient = _engine.NoGradient();
        foreach (var (weight, average) in _pairs)
        {
            using var scope = _engine.Scope();
            average.AddInPlace((weight - average) * share);
        }
    }

    /// <summary>Puts the averages in the place of the weights and the weights in the place of the averages; twice changes nothing.</summary>
    public void Exchange()
    {
        using var noGradient = _engine.NoGradient();
        foreach (var (weight, average) in _pairs)
        {
            using var scope = _engine.Scope();
            var kept = weight.Clone();
            weight.CopyFrom(average);
            average.CopyFrom(kept);
        }
    }

    /// <summary>Releases the averages.</summary>
    public void Dispose()
    {
        foreach (var (_, average) in _pairs)
        {
            average.Dispose();
        }

        _pairs.Clear();
        _tensors.Clear();
    }
}
