// Sound: the samples that were heard during the tick, all ears of one instant together. The sample rate follows from the
// schema's rate, so that a moment always holds a whole number of samples.
using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Umwelt.Moments;

/// <summary>A stretch of sound in each moment, as 16-bit samples [samples, ears].</summary>
/// <param name="Name">The channel's name.</param>
/// <param name="Samples">Samples of each ear in one moment; times the schema's rate it is the sample rate.</param>
/// <param name="Ears">1 (mono), 2 (left, right) or more.</param>
/// <param name="Role">What part the channel plays.</param>
public sealed record SoundChannel(string Name, int Samples, int Ears = 1, ChannelRole Role = ChannelRole.Sense) : Channel(Name, Role)
{
    /// <summary>The most ears.</summary>
    public const int MostEars = 64;

    /// <inheritdoc/>
    [JsonIgnore]
    public override ChannelKind Kind => ChannelKind.Sound;

    /// <inheritdoc/>
    [JsonIgnore]
    public override ImmutableArray<int> Shape => [Samples, Ears];

    /// <inheritdoc/>
    [JsonIgnore]
    public override int ElementSize => sizeof(short);

    private protected override int Elements => Samples * Ears;

    private protected override void ValidateKind()
    {
        if (Ears > MostEars)
        {
            throw new SchemaException(Name, $"{Ears} ears are more than {MostEars}");
        }

        if (Role is ChannelRole.Reward or ChannelRole.End)
        {
            throw new SchemaException(Name, "sound is a sense or a motor command");
        }
    }
}
