// Linear maps of the same x as one product, where no gradient is wanted: their weights are packed together, so x is read once
// and the worker threads meet once. The maps keep their weights and names, and each result has the bits that its map gives.
using Umwelt.Tensors;

namespace Umwelt.Networks;

/// <summary>[x W₁ᵀ, x W₂ᵀ, ..] side by side.</summary>
internal sealed class JoinedLinears : IDisposable
{
    private readonly Engine _engine;
    private readonly Linear[] _maps;
    private PackedMatrix? _packed;

    /// <param name="tree">Disposes it with the weights.</param>
    /// <param name="maps">Of equal inputs.</param>
    public JoinedLinears(ParameterTree tree, params ReadOnlySpan<Linear> maps)
    {
        _engine = tree.Engine;
        _maps = maps.ToArray();
        tree.Register(this);
    }

    /// <summary>Whether one product says what all maps say now: not while gradients are recorded, nor with biases or adapters.</summary>
    public bool CanApply
    {
        get
        {
            if (_engine.RecordsGradients)
            {
                return false;
            }

            foreach (var map in _maps)
            {
                if (map.HasAdapter || !map.Bias.IsDefault || map.Format != _maps[0].Format)
                {
                    return false;
                }
            }

            return true;
        }
    }

    /// <summary>The results of all maps, one behind the other in the last dimension.</summary>
    public Tensor Apply(Tensor x)
    {
        if (_packed is null || _packed.Format != _maps[0].Format)
        {
            _packed?.Dispose();
            _packed = null;
            _packed = new PackedMatrix([.. _maps.Select(map => map.Weight)], _maps[0].Format);
        }

        return x.Linear(_packed);
    }

    /// <summary>Gives the packed form back.</summary>
    public void Dispose() => _packed?.Dispose();
}
