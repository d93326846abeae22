// Adam with decoupled weight decay (Loshchilov and Hutter 2019, algorithm 2), one pass over memory a step.
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors.Optimisers;

/// <summary>Constants of <see cref="AdamW"/>.</summary>
public sealed record AdamWOptions
{
    /// <summary>The learning rate at first.</summary>
    public float LearningRate { get; init; } = 1e-3f;

    /// <summary>How much of the mean gradient stays from step to step.</summary>
    public float Beta1 { get; init; } = 0.9f;

    /// <summary>How much of the mean square stays from step to step.</summary>
    public float Beta2 { get; init; } = 0.999f;

    /// <summary>Added to the root of the mean square.</summary>
    public float Epsilon { get; init; } = 1e-8f;

    /// <summary>The share of a parameter, times the learning rate, that a step takes away.</summary>
    public float WeightDecay { get; init; } = 0.01f;
}

/// <summary>Adam with decoupled weight decay.</summary>
public sealed class AdamW : Optimiser
{
    private readonly AdamWOptions _options;
    private readonly Dictionary<string, (Tensor First, Tensor Second)> _moments = new(StringComparer.Ordinal);

    /// <summary>An optimiser of these groups.</summary>
    public AdamW(IReadOnlyList<ParameterGroup> groups, AdamWOptions? options = null)
        : base(groups, (options ?? new AdamWOptions()).LearningRate)
    {
        _options = options ?? new AdamWOptions();
        foreach (var parameter in groups.SelectMany(static group => group.Parameters))
        {
            _moments.Add(parameter.Name, (Own(parameter, "first"), Own(parameter, "second")));
        }
    }

    /// <inheritdoc/>
    protected override void Step(Parameter parameter, Tensor gradient, ParameterGroup group, Tensor rate)
    {
        var (first, second) = _moments[parameter.Name];
        AdamWStep.Run(this, parameter.Value, first, second, gradient, rate, _options, group.DecayScale);
    }
}
