// What gradients mean: sums over all uses, over passes and over batches; given to leaves alone, which own them.
using Umwelt.Tensors.Gradients;
using Umwelt.Tensors.Tests.Operations;
using Xunit;

namespace Umwelt.Tensors.Tests.Laws;

public sealed class GradientTests
{
    [Fact]
    public void Accumulated_gradients_are_those_of_the_whole_batch()
    {
        var random = new RowRandom("accumulation");
        var x = Draw(random, 12 * 5);
        var weight = Draw(random, 3 * 5);
        using var engine = new Engine(new ReferenceBackend());
        var w = Leaf(engine, weight, [3, 5]);
        using (engine.Scope())
        {
            Loss(engine.From<double>(x, [12, 5]), w).Backward();
        }

        var whole = w.Gradient.ToArray<double>();
        w.ClearGradient();
        for (var part = 0; part < 3; part++)
        {
            using var scope = engine.Scope();
            (Loss(engine.From<double>(x.AsSpan(part * 20, 20), [4, 5]), w) / 3f).Backward();
        }

        var accumulated = w.Gradient.ToArray<double>();
        for (var i = 0; i < whole.Length; i++)
        {
            Assert.Equal(whole[i], accumulated[i], Math.Abs(whole[i]) * 1e-12);
        }

        static Tensor Loss(Tensor x, Tensor w) => x.Linear(w).Tanh().Square().Mean();
    }

    [Fact]
    public void Leaves_that_take_one_gradient_own_it_each()
    {
        using var engine = new Engine(new ReferenceBackend());
        var a = engine.Parameter([1f, 2f], [2]);
        var b = engine.Parameter([3f, 4f], [2]);
        using var scope = engine.Scope();
        var start = engine.From([5f, 6f], [2]);
        engine.Backward(a + b, start);
        a.Gradient.Fill(0);
        Assert.Equal([5f, 6f], b.Gradient.ToArray<float>());
        Assert.Equal([5f, 6f], start.ToArray<float>());
    }

    [Fact]
    public void A_leaf_as_its_own_loss_takes_a_copy_of_the_gradient_to_begin_with()
    {
        using var engine = new Engine(new ReferenceBackend());
        var w = engine.Parameter([1f, 2f], [2]);
        var start = engine.From([5f, 6f], [2]);
        engine.Backward(w, start);
        start.Fill(0);
        Assert.Equal([5f, 6f], w.Gradient.ToArray<float>());
    }

    [Fact]
    public void A_gradient_handed_out_sees_later_passes_but_is_never_given_to_another_leaf()
    {
        using var engine = new Engine(new ReferenceBackend());
        var w = engine.Parameter([1f, 2f], [2]);
        var v = engine.Parameter([1f, 1f], [2]);
        using (engine.Scope())
        {
            (w * 2f).Sum().Backward();
        }

        using (engine.Scope())
        {
            engine.Backward((v * 1f) + w, w.Gradient);
        }

        Assert.Equal([4f, 4f], w.Gradient.ToArray<float>());
        Assert.Equal([2f, 2f], v.Gradient.ToArray<float>());
        v.Gradient.Fill(0);
        Assert.Equal([4f, 4f], w.Gradient.ToArray<float>());
    }

    [Fact]
    public void A_constant_that_an_operation_gives_as_gradient_stays_its_owners()
    {
        using var engine = new Engine(new ReferenceBackend());
        var constant = engine.From([3f, 3f], [2]);
        var w = engine.Parameter([1f, 2f], [2]);
        engine.Backend.Register(ConstantGradient.Instance, static (in NoAttributes _, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs) => { });
        using (engine.Scope())
        {
            engine.Apply(ConstantGradient.Instance, default, w, constant).Sum().Backward();
        }

        w.Gradient.Fill(0);
        Assert.Equal([3f, 3f], constant.ToArray<float>());
    }

    [Fact]
    public void A_leaf_that_no_longer_requires_a_gradient_takes_none()
    {
        using var engine = new Engine(new ReferenceBackend());
        var w = engine.Parameter([1f, 2f, 3f], [3]);
        var v = engine.Parameter([1f, 2f], [2]);
        using var scope = engine.Scope();
        var loss = (w.Slice(0, 1, 2) * v).Sum();
        w.RequiresGradient = false;
        loss.Backward();
        Assert.True(w.Gradient.IsDefault);
        Assert.Equal([2f, 3f], v.Gradient.ToArray<float>());
    }

    [Fact]
    public void A_leaf_that_requires_a_gradient_too_late_takes_none()
    {
        using var engine = new Engine(new ReferenceBackend());
        using var scope = engine.Scope();
        var w = engine.Parameter([1f, 2f], [2]);
        var x = engine.From([3f, 4f], [2]);
        var loss = (w * x).Sum();
        x.RequiresGradient = true;
        loss.Backward();
        Assert.True(x.Gradient.IsDefault);
        Assert.Equal([3f, 4f], w.Gradient.ToArray<float>());
    }

    [Fact]
    public void Gradients_pass_storage_types_unrounded()
    {
        using var engine = new Engine(new CpuBackend(1));
        var w = engine.Parameter([1f, 2f, 3f], [3]);
        using var scope = engine.Scope();
        var stored = w.Cast(DataType.BFloat16);
        engine.Backward(stored.Cast(DataType.Float32) + stored.Slice(0, 0, 3).Cast(DataType.Float32), engine.Full([3], 1.001));
        Assert.Equal([2.002f, 2.002f, 2.002f], w.Gradient.ToArray<float>());
    }

    [Fact]
    public void In_place_changes_of_what_requires_a_gradient_need_a_scope_without_recording()
    {
        using var engine = new Engine(new ReferenceBackend());
        var w = engine.Parameter([1f, 2f], [2]);
        Assert.Throws<InvalidOperationException>(() => w.Fill(0));
        using (engine.NoGradient())
        {
            w.AddInPlace(w);
        }

        Assert.Equal([2f, 4f], w.ToArray<float>());
    }

    [Fact]
    public void What_is_written_in_place_is_read_before()
    {
        using var engine = new Engine(new CpuBackend(1));
        var x = engine.From([1f, 2f, 3f, 4f], [2, 2]);
        x.AddInPlace(x.Slice(0, 0, 1));
        Assert.Equal([2f, 4f, 4f, 6f], x.ToArray<float>());
        x.AddInPlace(x.Transpose());
        Assert.Equal([4f, 8f, 8f, 12f], x.ToArray<float>());
        var y = engine.From([1f, 2f, 3f, 4f], [4]);
        y.Slice(0, 1, 3).CopyFrom(y.Slice(0, 0, 3));
        Assert.Equal([1f, 1f, 2f, 3f], y.ToArray<float>());
    }

    [Fact]
    public void In_place_operations_refuse_types_and_shapes_that_do_not_fit()
    {
        using var engine = new Engine(new CpuBackend(1));
        using var scope = engine.Scope();
        var x = engine.Ones([2, 3]);
        Assert.Throws<ShapeException>(() => x.CopyFrom(engine.Zeros([2, 3], DataType.Int64)));
        Assert.Throws<ShapeException>(() => x.AddInPlace(engine.Zeros([3], DataType.Int32)));
        Assert.Throws<ShapeException>(() => x.AddInPlace(engine.Ones([2])));
        Assert.Throws<ShapeException>(() => x.MultiplyInPlace(engine.Ones([4, 2, 3])));
        Assert.Throws<ShapeException>(() => engine.Ones([1]).Expand([5]).Fill(2));
    }

    [Fact]
    public void A_backward_pass_needs_one_element_or_a_gradient_that_fits()
    {
        using var engine = new Engine(new ReferenceBackend());
        var w = engine.Parameter([1f, 2f], [2]);
        using var scope = engine.Scope();
        Assert.Throws<ShapeException>(() => (w * w).Backward());
        Assert.Throws<ShapeException>(() => engine.Backward(w * w, engine.Ones([3])));
        Assert.Throws<ShapeException>(() => engine.Backward(w * w, engine.Ones([2], DataType.Int32)));
        Assert.Throws<InvalidOperationException>(() => engine.Ones([1]).Backward());
    }

    [Fact]
    public void A_wrong_gradient_is_found_and_located()
    {
        var input = new GradientInput([0.5, 1.5, 2.5], [3]);
        GradientCheck.Run(static (_, x) => x[0] * x[0] * x[0], [input]).Assert();
        var wrong = GradientCheck.Run(static (_, x) => (x[0] * x[0]) + x[0].Detach(), [input]);
        Assert.False(wrong.IsRight);
        Assert.Equal(0, wrong.Input);
        Assert.Contains("operand 0", Assert.Throws<InvalidOperationException>(wrong.Assert).Message, StringComparison.Ordinal);
    }

    private static Tensor Leaf(Engine engine, double[] values, Shape shape)
    {
        var leaf = engine.From<double>(values, shape).Hold();
        leaf.RequiresGradient = true;
        return leaf;
    }

    private static double[] Draw(RowRandom random, int count) => [.. Enumerable.Range(0, count).Select(_ => (random.Next() * 2) - 1)];

    /// <summary>Hands its second operand over as the gradient of the first: a test of who owns what.</summary>
    private sealed class ConstantGradient() : Operation<NoAttributes>("constant gradient")
    {
        public static ConstantGradient Instance { get; } = new();

        public override Saved Saves(uint wanted) => Saved.Input1;

        public override void Infer(in NoAttributes attributes, ReadOnlySpan<TensorSpec> inputs, Span<TensorSpec> outputs) => outputs[0] = inputs[0];

        public override void Backward(in NoAttributes attributes, in GradientContext context) => context.Add(0, context.Input(1));
    }
}
