// Vectors: continuous numbers such as commands, joint positions, sensors or prices, with what is known of their range.
using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Umwelt.Moments;

/// <summary>Floats in each moment.</summary>
/// <param name="Name">The channel's name.</param>
/// <param name="Size">How many.</param>
/// <param name="Role">What part the channel plays; a reward has one number.</param>
public sealed record VectorChannel(string Name, int Size, ChannelRole Role = ChannelRole.Sense) : Channel(Name, Role)
{
    /// <summary>A name for each number, or none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ImmutableArray<string> Names { get; init; }

    /// <summary>The least that each number can be, or none where that is not known.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ImmutableArray<float> Minimum { get; init; }

    /// <summary>The most that each number can be, or none where that is not known.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ImmutableArray<float> Maximum { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override ChannelKind Kind => ChannelKind.Vector;

    /// <inheritdoc/>
    [JsonIgnore]
    public override ImmutableArray<int> Shape => [Size];

    /// <inheritdoc/>
    [JsonIgnore]
    public override int ElementSize => sizeof(float);

    /// <summary>Equal names, sizes, roles, names of numbers and ranges.</summary>
    public bool Equals(VectorChannel? other) =>
        base.Equals(other) && Size == other.Size && Same(Names, other.Names) && Same(Minimum, other.Minimum) && Same(Maximum, other.Maximum);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(base.GetHashCode(), Size);

    private protected override int Elements => Size;

    private protected override void ValidateKind()
    {
        if (Role == ChannelRole.Reward && Size != 1)
        {
            throw new SchemaException(Name, $"a reward is one number, not {Size}");
        }

        if (Role == ChannelRole.End)
        {
            throw new SchemaException(Name, "an end is a category of two");
        }

        Counted(Names.IsDefault ? -1 : Names.Length, "names");
        Counted(Minimum.IsDefault ? -1 : Minimum.Length, "minima");
        Counted(Maximum.IsDefault ? -1 : Maximum.Length, "maxima");
        for (var i = 0; i < Size; i++)
        {
            if (!Names.IsDefault && Names[i] is null)
            {
                throw new SchemaException(Name, $"the name of number {i} is null");
            }

            var least = Minimum.IsDefault ? float.NegativeInfinity : Minimum[i];
            var most = Maximum.IsDefault ? float.PositiveInfinity : Maximum[i];
            if (!(least <= most))
            {
                throw new SchemaException(Name, $"number {i} lies between {least} and {most}, which nothing does");
            }
        }

        void Counted(int count, string what)
        {
            if (count >= 0 && count != Size)
            {
                throw new SchemaException(Name, $"it has {Size} numbers but {count} {what}");
            }
        }
    }

    private static bool Same<T>(ImmutableArray<T> one, ImmutableArray<T> other) =>
        one.IsDefault || other.IsDefault ? one.IsDefault == other.IsDefault : one.AsSpan().SequenceEqual(other.AsSpan());
}
