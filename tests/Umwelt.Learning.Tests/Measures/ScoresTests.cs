// The parts that measures are made of: scores of pictures, intervals, bars, judges.
using Umwelt.Learning.Measures;
using Umwelt.Moments;
using Umwelt.Storage;
using Xunit;

namespace Umwelt.Learning.Tests.Measures;

public sealed class ScoresTests
{
    private const int Side = 16;

    [Fact]
    public void A_picture_is_like_itself_and_less_like_what_is_further_away()
    {
        var picture = Picture(1);
        var near = Mixed(picture, Picture(2), 0.1);
        var far = Mixed(picture, Picture(2), 0.6);
        Assert.Equal(1, PictureScores.Similarity(picture, picture, Side, Side, 3), 9);
        Assert.Equal(0, PictureScores.SquaredError(picture, picture));
        Assert.InRange(PictureScores.Similarity(picture, near, Side, Side, 3), PictureScores.Similarity(picture, far, Side, Side, 3) + 0.1, 0.999);
        Assert.Equal(PictureScores.Similarity(picture, far, Side, Side, 3), PictureScores.Similarity(far, picture, Side, Side, 3), 9);
        Assert.True(PictureScores.SquaredError(picture, near) < PictureScores.SquaredError(picture, far));
    }

    [Fact]
    public void Blur_takes_gradient_energy_away_and_brightness_does_not()
    {
        var picture = Picture(3);
        var blurred = (byte[])picture.Clone();
        for (var i = 3; i < picture.Length; i++)
        {
            blurred[i] = (byte)((picture[i] + picture[i - 3]) / 2);
        }

        var energy = PictureScores.GradientEnergy(picture, Side, Side, 3);
        Assert.True(PictureScores.GradientEnergy(blurred, Side, Side, 3) < 0.8 * energy);
        Assert.Equal(energy, PictureScores.GradientEnergy(Array.ConvertAll(picture, value => (byte)(value + 20)), Side, Side, 3), 9);
    }

    [Fact]
    public void An_interval_holds_the_value_and_groups_that_agree_make_it_narrow()
    {
        long[] groups = [.. Enumerable.Range(0, 200).Select(i => (long)i / 4)];
        var random = RandomStream.Of(5);
        double[] values = [.. groups.Select(_ => random.NextDouble())];
        var mean = Bootstrap.Mean(groups, values);
        Assert.Equal(values.Average(), mean.Value, 9);
        Assert.InRange(mean.Value, mean.Low, mean.High);
        Assert.InRange(mean.High - mean.Low, 0.02, 0.2);

        // Moments of one episode are no further evidence: four equal values a group count as one.
        double[] repeated = [.. groups.Select(group => values[group])];
        var wide = Bootstrap.Mean(groups, repeated);
        Assert.True(wide.High - wide.Low > 1.4 * (mean.High - mean.Low));
        var certain = Bootstrap.Mean(groups, [.. groups.Select(_ => 0.25)]);
        Assert.Equal((0.25, 0.25, 0.25), (certain.Value, certain.Low, certain.High));
    }

    [Fact]
    public void What_is_unknown_holds_no_bar()
    {
        Assert.False(Bar.AtLeast(0).Holds(double.NaN));
        Assert.True(Bar.AtLeast(0).Holds(0));
        Assert.False(Bar.AboveZero.Holds(0));
        Assert.True(new Bar(0.8, 1.2).Holds(1));
        Assert.False(new Bar(0.8, 1.2).Holds(1.3));
        Assert.Equal("0.8 to 1.2", new Bar(0.8, 1.2).ToString());
        Assert.Equal("> 0", Bar.AboveZero.ToString());
    }

    [Fact]
    public void Blocks_of_pixels_lose_nothing()
    {
        var input = new PictureInput(new ImageChannel("sight", 64, 32), 2);
        Assert.Equal((32, 16), (input.Height, input.Width));
        var random = RandomStream.Of(9);
        var pixels = new byte[64 * 32 * 3];
        for (var i = 0; i < pixels.Length; i++)
        {
            pixels[i] = (byte)random.NextInt32(256);
        }

        var grid = new float[input.Height * input.Width * input.Channels];
        input.Write(1, pixels, grid);
        Assert.Equal([.. pixels.Select(pixel => (pixel - 127.5f) / 64).Order()], grid.Where(value => value != 0).Order().ToArray());
        Assert.All(Enumerable.Range(0, input.Height * input.Width), place => Assert.All(grid.AsSpan(place * input.Channels, input.Channels / 2).ToArray(), value => Assert.Equal(0, value)));
    }

    [Fact]
    public void A_judge_reads_off_what_is_there_and_nothing_off_noise()
    {
        using var judge = new Judge(4, 4, 4, 1, JudgeKind.Numbers, seed: 3);
        judge.Train(256, 200, (item, input, targets) => Fill(item, input, targets), cancellation: TestContext.Current.CancellationToken);
        var said = judge.Say(64, (item, input, _) => Fill(1000 + item, input, []));
        Span<float> scratch = stackalloc float[64];
        Span<float> wanted = stackalloc float[1];
        double error = 0, spread = 0;
        for (var i = 0; i < said.Length; i++)
        {
            Fill(1000 + i, scratch, wanted);
            error += Math.Pow(said[i] - wanted[0], 2);
            spread += Math.Pow(wanted[0], 2);
        }

        Assert.True(error < 0.3 * spread, $"{error} of {spread}");

        // The number is the first feature of the first place; everything else is noise.
        static void Fill(int item, Span<float> input, Span<float> targets)
        {
            var stream = RandomStream.Of(item);
            stream.FillNormal(input);
            if (!targets.IsEmpty)
            {
                targets[0] = input[0];
            }
        }
    }

    private static byte[] Picture(int seed)
    {
        var random = RandomStream.Of(seed);
        var picture = new byte[Side * Side * 3];
        for (var i = 0; i < picture.Length; i++)
        {
            picture[i] = (byte)random.NextInt32(200);
        }

        return picture;
    }

    private static byte[] Mixed(byte[] a, byte[] b, double share) => [.. a.Zip(b, (x, y) => (byte)(((1 - share) * x) + (share * y)))];
}
