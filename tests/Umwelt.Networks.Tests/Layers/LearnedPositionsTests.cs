// A place gets its own row of the table, wherever a stretch begins.
using Umwelt.Tensors;
using Xunit;

namespace Umwelt.Networks.Tests.Layers;

public sealed class LearnedPositionsTests : IDisposable
{
    private readonly Engine _engine = new(new CpuBackend(2));

    [Fact]
    public void They_keep_the_laws_of_layers() => LayerLaws.Hold(tree =>
    {
        var positions = new LearnedPositions(tree, 9, 5);
        return x => positions.Apply(x, first: 2);
    }, 3, 7, 5);

    [Fact]
    public void A_stretch_from_any_place_is_a_part_of_the_whole()
    {
        var positions = new LearnedPositions(new ParameterTree(_engine), 9, 5);
        using var scope = _engine.Scope();
        using var unrecorded = _engine.NoGradient();
        var x = LayerLaws.Normal(_engine, 2, 9, 5);
        var whole = positions.Apply(x);
        Assert.Equal(whole.Slice(1, 4, 3).ToArray<float>(), positions.Apply(x.Slice(1, 4, 3), first: 4).ToArray<float>());
        var places = _engine.From<int>([4, 5, 6, 4, 5, 6], [2, 3]);
        Assert.Equal(whole.Slice(1, 4, 3).ToArray<float>(), positions.Apply(x.Slice(1, 4, 3), places).ToArray<float>());
    }

    [Fact]
    public void Places_beyond_the_last_are_refused()
    {
        var positions = new LearnedPositions(new ParameterTree(_engine).Under("words"), 9, 5);
        using var scope = _engine.Scope();
        var x = LayerLaws.Normal(_engine, 2, 4, 5);
        Assert.Contains("words (learned positions)", Assert.Throws<ShapeException>(() => positions.Apply(x, first: 6)).Message, StringComparison.Ordinal);
        Assert.Throws<ShapeException>(() => positions.Apply(x, first: -1));
        Assert.Throws<ShapeException>(() => positions.Apply(x, _engine.Zeros([2, 3], DataType.Int32)));
    }

    public void Dispose() => _engine.Dispose();
}
