// The pictures of one moment side by side in RGB: grey is spread over the colours, opacity lies over black, and a picture
// that is absent is black.
namespace Umwelt.Moments.Exporters;

internal sealed class PictureStrip
{
    private readonly ImageChannel[] _channels;
    private readonly int _scale;

    public PictureStrip(Schema schema, int scale)
    {
        _channels = [.. schema.Channels.OfType<ImageChannel>()];
        _scale = scale;
        Width = checked(_channels.Sum(channel => channel.Width) * scale);
        Height = checked(_channels.Max(channel => channel.Height) * scale);
        Pixels = new byte[checked(Width * Height * 3)];
    }

    public int Width { get; }

    public int Height { get; }

    /// <summary>[height, width, 3], overwritten by each drawing.</summary>
    public byte[] Pixels { get; }

    public void Draw(MomentBatch moments, int row)
    {
        Array.Clear(Pixels);
        var left = 0;
        foreach (var channel in _channels)
        {
            var place = moments.Schema.IndexOf(channel.Name);
            if (moments.IsPresent(place, row))
            {
                Draw(channel, moments.Image(place, row), left);
            }

            left += channel.Width * _scale;
        }
    }

    private void Draw(ImageChannel channel, ReadOnlySpan<byte> image, int left)
    {
        for (var y = 0; y < channel.Height * _scale; y++)
        {
            var line = Pixels.AsSpan(((y * Width) + left) * 3, channel.Width * _scale * 3);
            for (var x = 0; x < channel.Width * _scale; x++)
            {
                var pixel = image.Slice((((y / _scale) * channel.Width) + (x / _scale)) * channel.Colours, channel.Colours);
                for (var colour = 0; colour < 3; colour++)
                {
                    line[(x * 3) + colour] = channel.Colours switch
                    {
                        1 => pixel[0],
                        3 => pixel[colour],
                        _ => (byte)((pixel[colour] * pixel[3]) / 255),
                    };
                }
            }
        }
    }
}
