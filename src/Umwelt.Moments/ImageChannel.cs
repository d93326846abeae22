// Pictures: rows from the top, pixels from the left, colours together; one byte each.
using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Umwelt.Moments;

/// <summary>A picture in each moment, as bytes [height, width, colours].</summary>
/// <param name="Name">The channel's name.</param>
/// <param name="Height">Rows.</param>
/// <param name="Width">Pixels in a row.</param>
/// <param name="Colours">1 (grey), 3 (red, green, blue) or 4 (with opacity).</param>
/// <param name="Role">What part the channel plays.</param>
public sealed record ImageChannel(string Name, int Height, int Width, int Colours = 3, ChannelRole Role = ChannelRole.Sense) : Channel(Name, Role)
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override ChannelKind Kind => ChannelKind.Image;

    /// <inheritdoc/>
    [JsonIgnore]
    public override ImmutableArray<int> Shape => [Height, Width, Colours];

    /// <inheritdoc/>
    [JsonIgnore]
    public override int ElementSize => sizeof(byte);

    private protected override int Elements => Height * Width * Colours;

    private protected override void ValidateKind()
    {
        if (Colours is not (1 or 3 or 4))
        {
            throw new SchemaException(Name, $"a picture has 1, 3 or 4 colours, not {Colours}");
        }

        if (Role is ChannelRole.Reward or ChannelRole.End)
        {
            throw new SchemaException(Name, "a picture is a sense or a motor command");
        }
    }
}
