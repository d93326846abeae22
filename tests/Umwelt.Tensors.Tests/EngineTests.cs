// Lifetimes and gradients of the engine itself, on the reference backend: what is released, what is kept, what is refused.
using Xunit;

namespace Umwelt.Tensors.Tests;

public sealed class EngineTests
{
    [Fact]
    public void A_tensor_ends_with_its_scope_and_its_use_is_an_exception()
    {
        using var engine = new Engine(new ReferenceBackend());
        Tensor x;
        using (engine.Scope())
        {
            x = engine.Ones([2, 3]);
            Assert.Equal(6, x.Sum().Item());
        }

        Assert.False(x.IsAlive);
        Assert.Throws<ObjectDisposedException>(() => x.Shape);
        Assert.Equal(0, engine.LiveTensors);
        Assert.Equal(0, engine.Backend.LiveBytes);
    }

    [Fact]
    public void A_kept_tensor_outlives_its_scope_by_one()
    {
        using var engine = new Engine(new ReferenceBackend());
        Tensor x;
        using (engine.Scope())
        {
            using (var inner = engine.Scope())
            {
                x = inner.Keep(engine.Ones([2]) + engine.Ones([2]));
            }

            Assert.Equal([2f, 2f], x.ToArray<float>());
            Assert.Equal(1, engine.LiveTensors);
        }

        Assert.False(x.IsAlive);
        Assert.Equal(0, engine.LiveTensors);
    }

    [Fact]
    public void What_a_gradient_needs_outlives_the_scope_that_made_it()
    {
        using var engine = new Engine(new ReferenceBackend());
        var w = engine.Parameter([2f, 3f], [2]);
        using (engine.Scope())
        {
            Tensor loss;
            using (var inner = engine.Scope())
            {
                var square = w * w;
                loss = inner.Keep((square * square).Sum());
            }

            loss.Backward();
        }

        Assert.Equal([32f, 108f], w.Gradient.ToArray<float>());
        w.Dispose();
        Assert.Equal(0, engine.LiveTensors);
        Assert.Equal(0, engine.Backend.LiveBytes);
    }

    [Fact]
    public void Gradients_accumulate_until_cleared()
    {
        using var engine = new Engine(new ReferenceBackend());
        var w = engine.Parameter([1f, 2f], [2]);
        for (var i = 0; i < 3; i++)
        {
            using var scope = engine.Scope();
            (w * w).Sum().Backward();
        }

        Assert.Equal([6f, 12f], w.Gradient.ToArray<float>());
        w.ClearGradient();
        Assert.True(w.Gradient.IsDefault);
    }

    [Fact]
    public void Views_share_memory_and_pass_gradients()
    {
        using var engine = new Engine(new ReferenceBackend());
        var w = engine.Parameter([1f, 2f, 3f, 4f, 5f, 6f], [2, 3]);
        using (engine.Scope())
        {
            var y = w.Transpose().Slice(0, 1, 2).Reshape(4) * engine.From([1f, 10f, 100f, 1000f], [4]);
            Assert.Equal([2f, 50f, 300f, 6000f], y.ToArray<float>());
            (y.Sum() + w.Select(0, 1).Sum() + w.Unsqueeze(0).Expand([5, 2, 3]).Sum()).Backward();
        }

        Assert.Equal([5f, 6f, 105f, 6f, 16f, 1006f], w.Gradient.ToArray<float>());
    }

    [Fact]
    public void A_change_in_place_under_a_saved_tensor_is_noticed()
    {
        using var engine = new Engine(new ReferenceBackend());
        var w = engine.Parameter([1f, 2f], [2]);
        using var scope = engine.Scope();
        var x = engine.Ones([2]);
        var loss = (w * x).Sum();
        x.Fill(7);
        Assert.Contains("in place", Assert.Throws<InvalidOperationException>(() => loss.Backward()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tape_serves_one_backward_pass()
    {
        using var engine = new Engine(new ReferenceBackend());
        var w = engine.Parameter([1f, 2f], [2]);
        using var scope = engine.Scope();
        var square = w * w;
        var loss = square.Sum();
        loss.Backward();
        Assert.Throws<InvalidOperationException>(() => loss.Backward());
        Assert.Throws<InvalidOperationException>(() => square.Mean().Backward());
    }

    [Fact]
    public void Nothing_is_recorded_without_gradients()
    {
        using var engine = new Engine(new ReferenceBackend());
        var w = engine.Parameter([1f, 2f], [2]);
        using var scope = engine.Scope();
        using (engine.NoGradient())
        {
            Assert.False((w * w).RequiresGradient);
        }

        Assert.True((w * w).RequiresGradient);
    }

    [Fact]
    public void Shape_errors_name_the_operation_and_both_shapes()
    {
        using var engine = new Engine(new ReferenceBackend());
        using var scope = engine.Scope();
        var error = Assert.Throws<ShapeException>(() => { _ = engine.Ones([2, 3]).MatMul(engine.Ones([4, 5])); });
        Assert.Contains("matmul", error.Message, StringComparison.Ordinal);
        Assert.Contains("[2, 3]", error.Message, StringComparison.Ordinal);
        Assert.Contains("[4, 5]", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_long_chain_ends_without_recursion()
    {
        using var engine = new Engine(new ReferenceBackend());
        var w = engine.Parameter([1f], [1]);
        using (engine.Scope())
        {
            var x = w;
            for (var i = 0; i < 100_000; i++)
            {
                x = x + 1f;
            }

            x.Backward();
        }

        Assert.Equal([1f], w.Gradient.ToArray<float>());
        Assert.Equal(2, engine.LiveTensors);
    }
}
