// A picture that is cropped, made grey and brought to another size. Of several ticks the last counts.
using Umwelt.Moments;

namespace Umwelt.Worlds.Mapping;

internal sealed class MappedPicture : MappedChannel
{
    private readonly int _source;
    private readonly int _width;
    private readonly int _colours;
    private readonly (int Left, int Top, int Width, int Height) _crop;
    private readonly AreaMean _across;
    private readonly AreaMean _down;
    private readonly float[] _part; // [height of the crop, width of the crop, colours of the result]
    private readonly float[] _narrow; // [height of the crop, width of the result, colours]
    private readonly float[] _result; // [height, width, colours]

    public MappedPicture(ImageChannel channel, ImageChannel from, int source, (int Left, int Top, int Width, int Height) crop)
        : base(channel)
    {
        (_source, _width, _colours, _crop) = (source, from.Width, from.Colours, crop);
        (_across, _down) = (new AreaMean(crop.Width, channel.Width), new AreaMean(crop.Height, channel.Height));
        _part = new float[crop.Height * crop.Width * channel.Colours];
        _narrow = new float[crop.Height * channel.Width * channel.Colours];
        _result = new float[channel.ElementCount];
    }

    public override void Sense(MomentBatch world, MomentBatch moments, int index, int row, int tick)
    {
        if (!world.IsPresent(_source, row))
        {
            return;
        }

        var colours = ((ImageChannel)Channel).Colours;
        Take(world.Image(_source, row), colours);
        for (var y = 0; y < _crop.Height; y++)
        {
            for (var c = 0; c < colours; c++)
            {
                _across.Apply(_part, (y * _crop.Width * colours) + c, colours, _narrow, (y * _across.To * colours) + c, colours);
            }
        }

        var line = _across.To * colours;
        for (var x = 0; x < line; x++)
        {
            _down.Apply(_narrow, x, line, _result, x, line);
        }

        var picture = moments.Image(index, row);
        for (var i = 0; i < picture.Length; i++)
        {
            picture[i] = (byte)Math.Clamp(MathF.Round(_result[i], MidpointRounding.AwayFromZero), 0, 255);
        }

        moments.SetPresent(index, row);
    }

    private void Take(ReadOnlySpan<byte> picture, int colours)
    {
        for (var y = 0; y < _crop.Height; y++)
        {
            for (var x = 0; x < _crop.Width; x++)
            {
                var pixel = picture.Slice((((_crop.Top + y) * _width) + _crop.Left + x) * _colours, _colours);
                var at = ((y * _crop.Width) + x) * colours;
                if (colours == 1)
                {
                    _part[at] = _colours == 1 ? pixel[0] : ((299 * pixel[0]) + (587 * pixel[1]) + (114 * pixel[2])) / 1000f;
                    continue;
                }

                for (var c = 0; c < colours; c++)
                {
                    _part[at + c] = pixel[c];
                }
            }
        }
    }
}
