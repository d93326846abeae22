// How a mixture of experts is made, and what it says of its use.
namespace Umwelt.Networks;

/// <summary>How a mixture of experts is made.</summary>
public sealed record ExpertOptions
{
    /// <summary>How many experts there are.</summary>
    public int Count { get; init; } = 8;

    /// <summary>How many experts each token asks; 1 as in Switch.</summary>
    public int Chosen { get; init; } = 1;

    /// <summary>
    /// In training an expert takes so many times its even share of tokens, rounded up; later ones pass through unchanged. Without
    /// gradients nothing is dropped, so that a token never depends on its neighbours.
    /// </summary>
    public float CapacityFactor { get; init; } = 1.25f;

    /// <summary>Weight of the loss that spreads tokens evenly.</summary>
    public float BalanceWeight { get; init; } = 0.01f;

    /// <summary>Weight of the loss that keeps the router's scores small.</summary>
    public float RouterWeight { get; init; } = 0.001f;
}

/// <summary>How a mixture was used when gradients were last recorded.</summary>
/// <param name="Shares">Of the choices, that fell on each expert.</param>
/// <param name="Dropped">Choices for which an expert had no room.</param>
public sealed record ExpertUse(IReadOnlyList<float> Shares, int Dropped);
