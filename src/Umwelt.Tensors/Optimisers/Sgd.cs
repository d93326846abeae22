// Gradient descent with momentum, plain or Nesterov's (Sutskever et al. 2013, section 2), one pass over memory a step.
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors.Optimisers;

/// <summary>Constants of <see cref="Sgd"/>.</summary>
public sealed record SgdOptions
{
    /// <summary>The learning rate at first.</summary>
    public float LearningRate { get; init; } = 0.1f;

    /// <summary>How much of the velocity stays from step to step.</summary>
    public float Momentum { get; init; }

    /// <summary>Whether a step looks ahead along the velocity.</summary>
    public bool Nesterov { get; init; }

    /// <summary>The share of a parameter that is added to its gradient.</summary>
    public float WeightDecay { get; init; }
}

/// <summary>Gradient descent.</summary>
public sealed class Sgd : Optimiser
{
    private readonly SgdOptions _options;
    private readonly Dictionary<string, Tensor> _velocities = new(StringComparer.Ordinal);

    /// <summary>An optimiser of these groups.</summary>
    public Sgd(IReadOnlyList<ParameterGroup> groups, SgdOptions? options = null)
        : base(groups, (options ?? new SgdOptions()).LearningRate)
    {
        _options = options ?? new SgdOptions();
        if (_options.Momentum != 0f)
        {
            foreach (var parameter in groups.SelectMany(static group => group.Parameters))
            {
                _velocities.Add(parameter.Name, Own(parameter, "velocity"));
            }
        }
    }

    /// <inheritdoc/>
    protected override void Step(Parameter parameter, Tensor gradient, ParameterGroup group, Tensor rate)
    {
        _velocities.TryGetValue(parameter.Name, out var velocity);
        var constants = new GradientDescentConstants(_options.Momentum, _options.Nesterov, _options.WeightDecay * group.DecayScale);
        Engine.RunInto(GradientDescentStep.Instance, constants, [parameter.Value, velocity], [gradient, rate, GradientScale]);
    }
}
