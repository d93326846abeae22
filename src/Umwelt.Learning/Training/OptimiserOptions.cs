// Which optimiser moves the parameters of a run, and its constants; the rate belongs to the run.
using Umwelt.Networks;
using Umwelt.Tensors.Optimisers;

namespace Umwelt.Learning;

/// <summary>The optimisers there are.</summary>
public enum OptimiserKind
{
    /// <summary>Adam with decoupled weight decay.</summary>
    AdamW,

    /// <summary>Orthogonalised momentum for matrices between hidden features, AdamW for the rest.</summary>
    Muon,

    /// <summary>Gradient descent with momentum.</summary>
    Sgd,
}

/// <summary>An optimiser's constants.</summary>
public sealed record OptimiserOptions
{
    /// <summary>Which one.</summary>
    public OptimiserKind Kind { get; init; } = OptimiserKind.AdamW;

    /// <summary>How much of the mean gradient stays from step to step; the momentum of the others.</summary>
    public float Beta1 { get; init; } = 0.9f;

    /// <summary>How much of the mean square stays from step to step.</summary>
    public float Beta2 { get; init; } = 0.99f;

    /// <summary>Added to the root of the mean square.</summary>
    public float Epsilon { get; init; } = 1e-8f;

    /// <summary>The share of a parameter, times the rate, that a step takes away.</summary>
    public float Decay { get; init; } = 0.1f;

    /// <summary>The optimiser of a network's parameters.</summary>
    public Optimiser Create(ParameterTree parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        var groups = parameters.Groups();
        var adam = new AdamWOptions { Beta1 = Beta1, Beta2 = Beta2, Epsilon = Epsilon, WeightDecay = Decay };
        return Kind switch
        {
            OptimiserKind.AdamW => new AdamW(groups, adam),
            OptimiserKind.Muon => new Muon(groups, new MuonOptions { Momentum = Beta1, WeightDecay = Decay, Other = adam }),
            OptimiserKind.Sgd => new Sgd(groups, new SgdOptions { Momentum = Beta1, WeightDecay = Decay }),
            _ => throw new InvalidOperationException($"There is no optimiser {Kind}."),
        };
    }
}
