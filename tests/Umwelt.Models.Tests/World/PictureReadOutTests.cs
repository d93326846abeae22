// How pictures are read out of slots: the last one counts only where it may be looked at, and what noise there is counts the more the
// less of it there is.
using Umwelt.Models.Internal.World;
using Umwelt.Models.Internal.World.Channels;
using Umwelt.Storage;
using Umwelt.Tensors;
using Xunit;

namespace Umwelt.Models.Tests.World;

public sealed class PictureReadOutTests : IDisposable
{
    private const int Neighbours = 5;
    private readonly Engine _engine = new(new CpuBackend(1));
    private readonly WorldModel _model;
    private readonly PictureCodec _codec;

    public PictureReadOutTests()
    {
        _model = SmallWorld.Model(_engine);
        _codec = (PictureCodec)_model.Codecs[0];
    }

    public void Dispose()
    {
        _model.Dispose();
        _engine.Dispose();
    }

    [Fact]
    public void What_must_not_be_looked_at_changes_no_picture()
    {
        using var unrecorded = _engine.NoGradient();
        using var scope = _engine.Scope();
        var z = Normal(1, [1, _codec.SlotCount, SmallWorld.Options.Width]);
        float[][] made = [Read(z, 2, 0), Read(z, 3, 0), Read(z, 2, 1), Read(z, 3, 1)];
        Assert.Equal(made[0], made[1]);
        Assert.NotEqual(made[2], made[3]);
    }

    [Fact]
    public void Levels_to_learn_at_fall_as_those_that_were_drawn_and_are_never_nothing()
    {
        float[] levels = [.. new[] { 1f, 0.7f, 0.3f, 0.001f }.Select(_codec.Snapped)];
        Assert.Equal(levels.OrderDescending(), levels);
        Assert.All(levels, level => Assert.InRange(level, 0.01f, 0.5f));
    }

    [Fact]
    public void What_was_dreamed_moves_by_whole_pixels_that_come_out_even()
    {
        using var scope = _engine.Scope();
        var chance = new Chance(_engine, _model.Levels);
        var mean = 0.0;
        for (var moment = 0; moment < 1000; moment++)
        {
            chance.Be([5], [moment]);
            var weights = new PictureSharpness(2, chance.Turns(), default).Of(Weights(0.7f), moment % 2).ToArray<float>();
            Assert.Equal(1, weights.Count(weight => weight == 1));
            Assert.Equal(Neighbours - 1, weights.Count(weight => weight == 0));
            mean += Array.IndexOf(weights, 1) / 1000.0;
        }

        Assert.Equal(2.7, mean, 0.01);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.25)]
    [InlineData(0.7)]
    public void What_was_seen_is_drawn_where_it_lies_on_average(float fraction)
    {
        using var scope = _engine.Scope();
        var chance = new Chance(_engine, _model.Levels);
        chance.Be([5], [6]);
        var weights = new PictureSharpness(2, chance.Turns(), _engine.From([1f], [1, 1])).Of(Weights(fraction), 0).ToArray<float>();
        Assert.Equal(1, weights.Sum(), 1e-5f);

        // A parabola comes out as it is, which mixing would flatten.
        Assert.Equal((2 + fraction) * (2 + fraction), weights.Select((weight, i) => weight * i * i).Sum(), 1e-4f);
    }

    // Between the third and the fourth of five neighbours.
    private Tensor Weights(float fraction) => _engine.From([0, 0, 1 - fraction, fraction, 0], [1, 1, 1, Neighbours]);

    private float[] Read(Tensor z, int picture, float isSeen)
    {
        var levels = LevelTensors.Of(_engine, [0]);
        _ = _codec.Encode(Normal(picture, [1, 18, 16, 3]).Clamp(-1, 1), levels, out var memory);
        var chance = new Chance(_engine, _model.Levels);
        chance.Be([5], [6]);
        return _codec.Sample(z, memory, _engine.From([isSeen], [1, 1]), chance).ToArray<float>();
    }

    private Tensor Normal(long seed, Shape shape)
    {
        var stream = RandomStream.Of(seed);
        var numbers = new float[shape.Count];
        stream.FillNormal(numbers);
        return _engine.From(numbers, shape);
    }
}
