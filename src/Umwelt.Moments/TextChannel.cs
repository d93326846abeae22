// Text: what was said, shown or told during the tick, as UTF-8 of any length. Most moments hold none.
using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Umwelt.Moments;

/// <summary>UTF-8 text in each moment, most often empty. Text that is present and empty says that nothing was said.</summary>
/// <param name="Name">The channel's name.</param>
/// <param name="Role">What part the channel plays.</param>
public sealed record TextChannel(string Name, ChannelRole Role = ChannelRole.Sense) : Channel(Name, Role)
{
    /// <summary>The most bytes of text in one moment.</summary>
    public const int LongestText = 1 << 24;

    /// <inheritdoc/>
    [JsonIgnore]
    public override ChannelKind Kind => ChannelKind.Text;

    /// <inheritdoc/>
    [JsonIgnore]
    public override ImmutableArray<int> Shape => [];

    /// <inheritdoc/>
    [JsonIgnore]
    public override int ElementSize => sizeof(byte);

    private protected override int Elements => 0;

    private protected override void ValidateKind()
    {
        if (Role is ChannelRole.Reward or ChannelRole.End)
        {
            throw new SchemaException(Name, "text is a sense or a motor command");
        }
    }
}
