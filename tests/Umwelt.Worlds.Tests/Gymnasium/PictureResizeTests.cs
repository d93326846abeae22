// Pictures are resized by area: light is neither won nor lost.
using Umwelt.Storage;
using Umwelt.Worlds.Bridges;
using Xunit;

namespace Umwelt.Worlds.Tests.Gymnasium;

public sealed class PictureResizeTests
{
    [Theory]
    [InlineData(8, 12, 4, 3)]
    [InlineData(7, 5, 3, 2)]
    [InlineData(3, 2, 7, 5)]
    [InlineData(40, 60, 64, 64)]
    public void The_mean_light_of_each_colour_stays(int height, int width, int toHeight, int toWidth)
    {
        var random = RandomStream.Of(height, width);
        var source = new byte[height * width * 3];
        foreach (ref var value in source.AsSpan())
        {
            value = (byte)random.NextInt32(256);
        }

        var result = new byte[toHeight * toWidth * 3];
        new PictureResize(height, width, toHeight, toWidth, 3).Run(source, result);
        for (var colour = 0; colour < 3; colour++)
        {
            // Rounding moves each pixel by half a step at most, and both ways.
            Assert.Equal(Mean(source, colour), Mean(result, colour), 0.5);
        }
    }

    [Theory]
    [InlineData(5, 7, 3, 4)]
    [InlineData(2, 2, 9, 5)]
    public void A_picture_of_one_colour_stays_so(int height, int width, int toHeight, int toWidth)
    {
        var source = new byte[height * width];
        Array.Fill(source, (byte)201);
        var result = new byte[toHeight * toWidth];
        new PictureResize(height, width, toHeight, toWidth, 1).Run(source, result);

        Assert.All(result, value => Assert.Equal(201, value));
    }

    [Fact]
    public void A_part_of_a_pixel_counts_by_its_share()
    {
        var result = new byte[2];
        new PictureResize(1, 3, 1, 2, 1).Run([0, 90, 255], result);

        Assert.Equal([30, 200], result);
    }

    private static double Mean(byte[] picture, int colour) => picture.Where((_, i) => i % 3 == colour).Average(value => (double)value);
}
