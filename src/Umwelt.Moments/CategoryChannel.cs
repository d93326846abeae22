// Categories: one of n, such as a button, a gear, or whether the world has ended.
using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Umwelt.Moments;

/// <summary>One of n in each moment, as a 32-bit integer from 0.</summary>
/// <param name="Name">The channel's name.</param>
/// <param name="Count">Of how many.</param>
/// <param name="Role">What part the channel plays; an end has two: going on and ended.</param>
public sealed record CategoryChannel(string Name, int Count, ChannelRole Role = ChannelRole.Sense) : Channel(Name, Role)
{
    /// <summary>A label for each category, or none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ImmutableArray<string> Labels { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override ChannelKind Kind => ChannelKind.Category;

    /// <inheritdoc/>
    [JsonIgnore]
    public override ImmutableArray<int> Shape => [1];

    /// <inheritdoc/>
    [JsonIgnore]
    public override int ElementSize => sizeof(int);

    /// <summary>Equal names, counts, roles and labels.</summary>
    public bool Equals(CategoryChannel? other) =>
        base.Equals(other) && Count == other.Count
        && (Labels.IsDefault || other.Labels.IsDefault ? Labels.IsDefault == other.Labels.IsDefault : Labels.AsSpan().SequenceEqual(other.Labels.AsSpan()));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(base.GetHashCode(), Count);

    private protected override int Elements => 1;

    private protected override void ValidateKind()
    {
        if (Count < 2)
        {
            throw new SchemaException(Name, $"a category is one of two or more, not of {Count}");
        }

        if (!Labels.IsDefault && Labels.Length != Count)
        {
            throw new SchemaException(Name, $"it has {Count} categories but {Labels.Length} labels");
        }

        if (!Labels.IsDefault && Labels.Contains(null!))
        {
            throw new SchemaException(Name, "a label is null");
        }

        if (Role == ChannelRole.End && Count != 2)
        {
            throw new SchemaException(Name, $"an end is one of two, not of {Count}");
        }
    }
}
