// When tensors end: by scopes, by hand, with their engine; and that no handle ever reads what is not its own.
using Xunit;

namespace Umwelt.Tensors.Tests.Laws;

public sealed class LifetimeTests
{
    [Fact]
    public void A_tensor_disposed_twice_ends_once()
    {
        using var engine = new Engine(new ReferenceBackend());
        var x = engine.Ones([2]);
        var copy = x;
        x.Dispose();
        var y = engine.Full([2], 7);
        x.Dispose();
        copy.Dispose();
        Assert.False(x.IsAlive);
        Assert.Equal([7f, 7f], y.ToArray<float>());
        Assert.Equal(1, engine.LiveTensors);
    }

    [Fact]
    public void A_tensor_disposed_inside_a_scope_is_not_released_again_by_it()
    {
        using var engine = new Engine(new ReferenceBackend());
        using (engine.Scope())
        {
            engine.Ones([2]).Dispose();
            var held = engine.Full([2], 3).Hold();
            held.Dispose();
            Assert.Equal(0, engine.LiveTensors);
        }

        Assert.Equal(0, engine.LiveTensors);
        Assert.Equal(0, engine.Backend.LiveBytes);
    }

    [Fact]
    public void A_tensor_can_be_kept_through_any_number_of_scopes()
    {
        using var engine = new Engine(new ReferenceBackend());
        using (var outer = engine.Scope())
        {
            Tensor x;
            using (var middle = engine.Scope())
            {
                using (var inner = engine.Scope())
                {
                    x = middle.Keep(inner.Keep(engine.Ones([3])));
                    _ = engine.Ones([4]);
                }

                Assert.True(x.IsAlive);
            }

            Assert.True(x.IsAlive);
            Assert.Equal(1, engine.LiveTensors);
        }

        Assert.Equal(0, engine.LiveTensors);
    }

    [Fact]
    public void Scopes_that_close_out_of_order_are_refused_and_nothing_is_lost()
    {
        using var engine = new Engine(new ReferenceBackend());
        var outer = engine.Scope();
        var x = engine.Ones([2]);
        var inner = engine.Scope();
        var refused = false;
        try
        {
            outer.Dispose();
        }
        catch (InvalidOperationException)
        {
            refused = true;
        }

        Assert.True(refused);
        Assert.True(x.IsAlive);
        inner.Dispose();
        outer.Dispose();
        Assert.Equal(0, engine.LiveTensors);
    }

    [Fact]
    public void Tensors_of_different_engines_do_not_mix()
    {
        using var engine = new Engine(new ReferenceBackend());
        using var other = new Engine(new ReferenceBackend());
        var x = engine.Parameter([1f, 2f], [2]);
        var y = other.Ones([2]);
        Assert.Throws<InvalidOperationException>(() => { _ = x + y; });
        Assert.Throws<InvalidOperationException>(() => x.Detach().CopyFrom(y));
        Assert.Throws<InvalidOperationException>(() => engine.Backward(x * x, y));
        Assert.Throws<InvalidOperationException>(() =>
        {
            using var scope = engine.Scope();
            scope.Keep(y);
        });
    }

    [Fact]
    public void A_graph_that_is_never_walked_ends_with_its_scope()
    {
        using var engine = new Engine(new ReferenceBackend());
        var w = engine.Parameter([1f, 2f], [2]);
        using (engine.Scope())
        {
            // Each of these saves its own result.
            _ = w.Exp().Tanh().Softmax().Sum();
        }

        Assert.Equal(1, engine.LiveTensors);
        w.Dispose();
        Assert.Equal(0, engine.LiveTensors);
        Assert.Equal(0, engine.Backend.LiveBytes);
    }

    [Fact]
    public void A_result_that_its_own_record_saved_serves_later_operations_after_its_owner_let_go()
    {
        using var engine = new Engine(new ReferenceBackend());
        var w = engine.Parameter([0f, 0f], [2]);
        var y = w.Exp();
        var loss = y.Sum();
        y.Dispose();
        loss.Backward();
        Assert.Equal([1f, 1f], w.Gradient.ToArray<float>());
        loss.Dispose();
        w.Dispose();
        Assert.Equal(0, engine.LiveTensors);
    }

    [Fact]
    public void The_handle_of_a_cleared_gradient_never_reads_another_tensor()
    {
        using var engine = new Engine(new ReferenceBackend());
        var w = engine.Parameter([1f, 2f], [2]);
        using (engine.Scope())
        {
            (w * w).Sum().Backward();
        }

        var gradient = w.Gradient;
        w.ClearGradient();
        var other = engine.Full([2], 9);
        Assert.False(gradient.IsAlive);
        Assert.Throws<ObjectDisposedException>(() => gradient.ToArray<float>());
        Assert.True(other.IsAlive);
    }

    [Fact]
    public void A_gradient_belongs_to_its_leaf()
    {
        using var engine = new Engine(new ReferenceBackend());
        var w = engine.Parameter([1f, 2f], [2]);
        using (engine.Scope())
        {
            (w * w).Sum().Backward();
        }

        w.Gradient.Dispose();
        Assert.Equal([2f, 4f], w.Gradient.ToArray<float>());
        Assert.Throws<InvalidOperationException>(() => w.Gradient.Hold());
        w.Dispose();
        Assert.Equal(0, engine.LiveTensors);
    }

    [Fact]
    public void Handles_and_scopes_outlive_their_engine_without_harm()
    {
        var engine = new Engine(new CpuBackend(1));
        var scope = engine.Scope();
        var x = engine.Ones([2]);
        engine.Dispose();
        Assert.False(x.IsAlive);
        Assert.Throws<ObjectDisposedException>(() => x.ToArray<float>());
        Assert.Throws<ObjectDisposedException>(() => { _ = x + x; });
        Assert.Throws<ObjectDisposedException>(() => engine.Ones([2]));
        x.Dispose();
        scope.Dispose();
        engine.Dispose();
    }

    [Fact]
    public void An_operation_that_fails_leaves_nothing_behind()
    {
        using var engine = new Engine(new ReferenceBackend());
        var table = engine.Parameter(new float[12], [4, 3]);
        var indices = engine.From([0, 9], [2]);
        var (view, other) = (engine.Ones([2, 3]).Transpose(), engine.Ones([2, 3]).Transpose());
        var before = engine.LiveTensors;
        Assert.ThrowsAny<Exception>(() => table.Embedding(indices));
        Assert.Throws<ShapeException>(() => { _ = view.ScatterAdd(0, indices, other); });
        Assert.Throws<ShapeException>(() => engine.From([1f, 2f], [3]));
        Assert.Throws<ShapeException>(() => engine.Parameter([1f, 2f], [3]));
        Assert.Equal(before, engine.LiveTensors);
    }

    [Fact]
    public void Copies_that_the_engine_makes_for_a_kernel_are_its_own_to_release()
    {
        using var engine = new Engine(new ReferenceBackend());
        var x = engine.Ones([3, 2]);
        var view = x.Transpose();
        var y = view.Softmax();
        var z = view.Reshape(6);
        Assert.Equal(4, engine.LiveTensors);
        foreach (var tensor in (Tensor[])[x, view, y, z])
        {
            tensor.Dispose();
        }

        Assert.Equal(0, engine.LiveTensors);
        Assert.Equal(0, engine.Backend.LiveBytes);
    }

    [Fact]
    public void A_backward_pass_that_fails_halfway_releases_what_it_held()
    {
        using var engine = new Engine(new ReferenceBackend());
        var w = engine.Parameter([1f, 2f], [2]);
        using (engine.Scope())
        {
            var x = engine.Ones([2]);
            var early = w * x;
            var loss = early.Exp().Sum();
            x.Fill(3);
            Assert.Throws<InvalidOperationException>(() => loss.Backward());
        }

        Assert.Equal(1, engine.LiveTensors);
        using (engine.Scope())
        {
            (w * w).Sum().Backward();
        }

        Assert.Equal([2f, 4f], w.Gradient.ToArray<float>());
        w.Dispose();
        Assert.Equal(0, engine.LiveTensors);
        Assert.Equal(0, engine.Backend.LiveBytes);
    }

    [Fact]
    public void An_operand_left_out_where_one_is_needed_is_named()
    {
        using var engine = new Engine(new CpuBackend(1));
        using var scope = engine.Scope();
        var x = engine.Ones([2, 2]);
        var error = Assert.Throws<ShapeException>(() => { _ = x + default(Tensor); });
        Assert.Contains("operand 1 was left out", error.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => { _ = x.MatMul(default); });
        Assert.Throws<InvalidOperationException>(() => { _ = default(Tensor) + x; });
        Assert.Throws<InvalidOperationException>(() => { _ = x.Linear(default(Tensor)); });
        Assert.Throws<ShapeException>(() => { _ = x.LayerNorm(engine.Scalar(1)); });
    }
}
