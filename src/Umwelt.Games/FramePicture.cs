// Brings what a game has drawn into a moment's picture: large frames become small by the mean of what each pixel covers, whatever the
// order of their colours and rows. It allocates nothing, since it is called in the game's loop.
using Umwelt.Moments;

namespace Umwelt.Games;

/// <summary>How the pixels of a game's frame lie in memory; each colour is a byte.</summary>
public enum FrameLayout
{
    /// <summary>Red, green, blue, opacity: Godot, WebGL and most of OpenGL.</summary>
    Rgba,

    /// <summary>Blue, green, red, opacity: Direct3D and Windows.</summary>
    Bgra,

    /// <summary>Red, green, blue.</summary>
    Rgb,
}

/// <summary>Writes a game's frames into moments.</summary>
public static class FramePicture
{
    /// <summary>Brings a frame to the size of a picture channel and marks it present.</summary>
    /// <param name="moment">The moment.</param>
    /// <param name="channel">The picture channel's name, of 1 or 3 colours.</param>
    /// <param name="frame">The frame, row by row without gaps; no smaller than the picture.</param>
    /// <param name="width">Its pixels in a row.</param>
    /// <param name="height">Its rows.</param>
    /// <param name="layout">How its pixels lie.</param>
    /// <param name="isFromBottom">Whether its first row is the lowest, as OpenGL has it.</param>
    public static void SetFrame(this MomentBatch moment, string channel, ReadOnlySpan<byte> frame, int width, int height, FrameLayout layout = FrameLayout.Rgba, bool isFromBottom = false)
    {
        ArgumentNullException.ThrowIfNull(moment);
        var index = moment.Schema.IndexOf(channel);
        if (moment.Schema.Channels[index] is not ImageChannel { Colours: 1 or 3 } picture)
        {
            throw new ArgumentException($"'{channel}' is no picture of 1 or 3 colours.", nameof(channel));
        }

        var size = layout == FrameLayout.Rgb ? 3 : 4;
        if (width < picture.Width || height < picture.Height)
        {
            throw new ArgumentException($"A frame of {width} x {height} is smaller than the picture of {picture.Width} x {picture.Height}.", nameof(width));
        }

        if (frame.Length != (long)width * height * size)
        {
            throw new ArgumentException($"A frame of {width} x {height} in {layout} has {(long)width * height * size} bytes, not {frame.Length}.", nameof(frame));
        }

        var (red, blue) = layout == FrameLayout.Bgra ? (2, 0) : (0, 2);
        var pixels = moment.Image(index, 0);
        for (var y = 0; y < picture.Height; y++)
        {
            var (top, bottom) = ((int)((long)y * height / picture.Height), (int)((long)(y + 1) * height / picture.Height));
            for (var x = 0; x < picture.Width; x++)
            {
                var (left, right) = ((int)((long)x * width / picture.Width), (int)((long)(x + 1) * width / picture.Width));
                var (r, g, b) = (0L, 0L, 0L);
                for (var v = top; v < bottom; v++)
                {
                    var row = frame.Slice((((isFromBottom ? height - 1 - v : v) * width) + left) * size, (right - left) * size);
                    for (var i = 0; i < row.Length; i += size)
                    {
                        r += row[i + red];
                        g += row[i + 1];
                        b += row[i + blue];
                    }
                }

                var count = (long)(bottom - top) * (right - left);
                var at = ((y * picture.Width) + x) * picture.Colours;
                if (picture.Colours == 1)
                {
                    pixels[at] = Mean((299 * r) + (587 * g) + (114 * b), 1000 * count);
                }
                else
                {
                    (pixels[at], pixels[at + 1], pixels[at + 2]) = (Mean(r, count), Mean(g, count), Mean(b, count));
                }
            }
        }

        moment.SetPresent(index, 0);
    }

    private static byte Mean(long sum, long count) => (byte)((sum + (count / 2)) / count);
}
