// What is dropped depends on seed, draw, name and place alone; what stays keeps the mean; without gradients nothing is dropped.
using Umwelt.Tensors;
using Xunit;

namespace Umwelt.Networks.Tests.Layers;

public sealed class DropoutTests : IDisposable
{
    private const int Count = 40_000;
    private readonly Engine _engine = new(new CpuBackend(2));

    [Fact]
    public void Its_share_is_dropped_and_the_rest_is_scaled()
    {
        using var scope = _engine.Scope();
        var y = new Dropout(new ParameterTree(_engine), 0.2f).Apply(_engine.Ones([Count])).ToArray<float>();
        Assert.All(y, value => Assert.True(value is 0 or 1.25f));

        // Five deviations of a count of independent draws.
        Assert.InRange(y.Count(value => value == 0), (int)((0.2 * Count) - (5 * Math.Sqrt(0.16 * Count))), (int)((0.2 * Count) + (5 * Math.Sqrt(0.16 * Count))));
    }

    [Fact]
    public void A_gradient_goes_where_the_value_went()
    {
        using var scope = _engine.Scope();
        var x = _engine.Ones([100]);
        x.RequiresGradient = true;
        var y = new Dropout(new ParameterTree(_engine), 0.5f).Apply(x);
        y.Sum().Backward();
        Assert.Equal(y.ToArray<float>(), x.Gradient.ToArray<float>());
        Assert.Contains(x.Gradient.ToArray<float>(), gradient => gradient == 0);
    }

    [Fact]
    public void Seed_draw_and_name_decide_and_threads_do_not()
    {
        var first = Kept(seed: 1, draw: 7, "a");
        foreach (var threads in new[] { 1, 2, 3, 7 })
        {
            Assert.Equal(first, Kept(seed: 1, draw: 7, "a", threads));
        }

        foreach (var other in new[] { Kept(seed: 2, draw: 7, "a"), Kept(seed: 1, draw: 8, "a"), Kept(seed: 1, draw: 7, "b") })
        {
            // Two independent draws of a half agree in a half of all places.
            Assert.InRange(first.Zip(other).Count(pair => pair.First == pair.Second), Count * 48 / 100, Count * 52 / 100);
        }

        static float[] Kept(long seed, long draw, string name, int threads = 2)
        {
            using var engine = new Engine(new CpuBackend(threads));
            using var scope = engine.Scope();
            var tree = new ParameterTree(engine, seed) { Draw = draw };
            return new Dropout(tree.Under(name), 0.5f).Apply(engine.Ones([Count])).ToArray<float>();
        }
    }

    [Fact]
    public void Without_gradients_nothing_is_dropped()
    {
        using var scope = _engine.Scope();
        using var unrecorded = _engine.NoGradient();
        var x = LayerLaws.Normal(_engine, 3, 50);
        Assert.Equal(x.ToArray<float>(), new Dropout(new ParameterTree(_engine), 0.9f).Apply(x).ToArray<float>());
    }

    [Fact]
    public void The_draw_can_not_change_before_the_gradient_has_seen_it()
    {
        using var scope = _engine.Scope();
        var tree = new ParameterTree(_engine);
        var x = _engine.Ones([8]);
        x.RequiresGradient = true;
        var loss = new Dropout(tree, 0.5f).Apply(x).Sum();
        tree.Draw = 1;
        Assert.Throws<InvalidOperationException>(() => loss.Backward());
    }

    [Theory]
    [InlineData(-0.1f)]
    [InlineData(1f)]
    [InlineData(float.NaN)]
    public void A_rate_that_can_not_be_is_refused_by_its_layer(float rate) =>
        Assert.Contains("stack.mixer", Assert.Throws<ArgumentOutOfRangeException>(() => new Dropout(new ParameterTree(_engine).Under("stack").Under("mixer"), rate)).Message, StringComparison.Ordinal);

    public void Dispose() => _engine.Dispose();
}
