// Which tensors an optimiser moves, by the names their state is saved under, and in what they differ from the others.
namespace Umwelt.Tensors.Optimisers;

/// <summary>A tensor that is trained.</summary>
public readonly record struct Parameter(string Name, Tensor Value);

/// <summary>Parameters that are treated alike.</summary>
public sealed record ParameterGroup(params IReadOnlyList<Parameter> Parameters)
{
    /// <summary>Multiplies the learning rate.</summary>
    public float RateScale { get; init; } = 1;

    /// <summary>Multiplies the weight decay; 0 for biases and gains of norms.</summary>
    public float DecayScale { get; init; } = 1;

    /// <summary>Whether matrices are linear maps between hidden features, as <see cref="Muon"/> takes them; not so embeddings and output layers.</summary>
    public bool IsHidden { get; init; } = true;
}
