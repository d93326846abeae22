// What a world is opened with beside its name.
namespace Umwelt.Worlds;

/// <summary>How a world is opened.</summary>
public sealed record WorldOptions
{
    /// <summary>How many rows it has.</summary>
    public int Count { get; init; } = 1;

    /// <summary>How environments of Gymnasium are run; for <c>gym:</c> alone. What a name says itself goes before it.</summary>
    public GymnasiumOptions Gymnasium { get; init; } = new();
}
