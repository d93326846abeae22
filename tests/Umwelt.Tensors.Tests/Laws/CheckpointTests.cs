// Laws of recomputation: a checkpoint changes the memory a step takes and nothing else, neither results nor gradients nor
// random numbers; what it cannot do it refuses.
using Umwelt.Tensors.Tests.Operations;
using Xunit;

namespace Umwelt.Tensors.Tests.Laws;

public sealed class CheckpointTests
{
    private const int Layers = 12;
    private const int Width = 32;
    private const int Rows = 64;

    [Fact]
    public void Results_and_gradients_have_the_bits_of_a_network_without()
    {
        var (plain, _) = Train(isCheckpointed: false, isNested: false, dropout: 0);
        var (checkpointed, _) = Train(isCheckpointed: true, isNested: false, dropout: 0);
        var (nested, _) = Train(isCheckpointed: true, isNested: true, dropout: 0);
        Equal(plain, checkpointed);
        Equal(plain, nested);
    }

    [Fact]
    public void Random_numbers_inside_are_those_of_a_network_without()
    {
        var (plain, _) = Train(isCheckpointed: false, isNested: false, dropout: 0.4f);
        var (checkpointed, _) = Train(isCheckpointed: true, isNested: false, dropout: 0.4f);
        var (nested, _) = Train(isCheckpointed: true, isNested: true, dropout: 0.4f);
        Equal(plain, checkpointed);
        Equal(plain, nested);
    }

    [Fact]
    public void A_deep_chain_takes_less_memory()
    {
        var (_, plain) = Train(isCheckpointed: false, isNested: false, dropout: 0);
        var (_, checkpointed) = Train(isCheckpointed: true, isNested: false, dropout: 0);
        Assert.True(checkpointed * 2 < plain, $"At most {checkpointed} bytes at once, without checkpoints {plain}.");
    }

    [Fact]
    public void Parameters_used_inside_collect_gradients_though_no_operand_requires_one()
    {
        using var engine = new Engine(new CpuBackend(1));
        var w = engine.Parameter([2f, -1f, 0.5f], [3]);
        using (engine.Scope())
        {
            var x = engine.From([1f, 2f, 3f], [3]);
            var y = engine.Checkpoint(v => v[0] * w * w, x);
            Assert.True(y.RequiresGradient);
            y.Sum().Backward();
        }

        Assert.Equal([4f, -4f, 3f], w.Gradient.ToArray<float>());
        w.Dispose();
        Assert.Equal(0, engine.LiveTensors);
    }

    [Fact]
    public void A_parameter_is_both_used_inside_and_an_operand_and_gets_the_sum()
    {
        using var engine = new Engine(new CpuBackend(1));
        var w = engine.Parameter([2f, 3f], [2]);
        using (engine.Scope())
        {
            engine.Checkpoint(v => v[0] * w, w).Sum().Backward();
        }

        Assert.Equal([4f, 6f], w.Gradient.ToArray<float>());
    }

    [Fact]
    public void A_result_from_outside_that_requires_a_gradient_is_refused_and_nothing_is_lost()
    {
        using var engine = new Engine(new ReferenceBackend());
        var w = engine.Parameter([1f, 2f], [2]);
        using (engine.Scope())
        {
            var hidden = w * 2f;
            var y = engine.Checkpoint(v => v[0] * hidden, engine.Ones([2])).Sum();
            var error = Assert.Throws<InvalidOperationException>(() => y.Backward());
            Assert.Contains("checkpoint", error.Message, StringComparison.Ordinal);
            Assert.Contains("[2]", error.Message, StringComparison.Ordinal);
            Assert.True(w.Gradient.IsDefault);

            // As an operand it is welcome.
            engine.Checkpoint(static v => v[0] * v[1], engine.Ones([2]), hidden).Sum().Backward();
            Assert.Equal([2f, 2f], w.Gradient.ToArray<float>());
        }

        w.Dispose();
        Assert.Equal(0, engine.LiveTensors);
        Assert.Equal(0, engine.Backend.LiveBytes);
    }

    [Fact]
    public void A_function_that_fails_when_it_is_run_again_leaves_nothing_behind()
    {
        using var engine = new Engine(new ReferenceBackend());
        var w = engine.Parameter([1f, 2f], [2]);
        using (engine.Scope())
        {
            var calls = 0;
            var y = engine.Checkpoint(v => calls++ == 0 ? v[0] * w : throw new TimeoutException(), engine.Ones([2])).Sum();
            Assert.Throws<TimeoutException>(() => y.Backward());
            Assert.True(engine.RecordsGradients);
        }

        w.Dispose();
        Assert.Equal(0, engine.LiveTensors);
    }

    [Fact]
    public void Where_nothing_is_recorded_a_checkpoint_is_a_call()
    {
        using var engine = new Engine(new ReferenceBackend());
        var w = engine.Parameter([1f, 2f], [2]);
        using var scope = engine.Scope();
        using var noGradient = engine.NoGradient();
        var y = engine.Checkpoint(v => v[0] * w, engine.Ones([2]));
        Assert.False(y.RequiresGradient);
        Assert.Equal([1f, 2f], y.ToArray<float>());
    }

    // One step through a chain of layers; gives loss, parameters' gradients and the random state, and the most memory at once.
    private static (List<float[]> Outcome, long Peak) Train(bool isCheckpointed, bool isNested, float dropout)
    {
        using var engine = new Engine(new CpuBackend(2));
        var random = new RowRandom("checkpoints");
        float[] Draw(int count, double scale) => [.. Enumerable.Range(0, count).Select(_ => (float)((random.Next() - 0.5) * scale))];
        var weights = Enumerable.Range(0, Layers).Select(_ => engine.Parameter(Draw(Width * Width, 0.8), [Width, Width])).ToArray();
        var state = engine.From([77L, 3L], [2]);
        var points = engine.Parameter(Draw(Rows * Width, 2), [Rows, Width]);
        engine.Backend.ResetPeak();
        var before = engine.Backend.LiveBytes;
        List<float[]> outcome;
        using (engine.Scope())
        {
            // [rows, width]
            Tensor Layer(Tensor x, int i) => (x + x.Linear(weights[i]).Silu().Exp().Tanh().Dropout(dropout, state, i)).RmsNorm();
            Tensor Pair(Tensor x, int i) => isNested
                ? engine.Checkpoint(v => Layer(engine.Checkpoint(u => Layer(u[0], i), v[0]), i + 1), x)
                : engine.Checkpoint(v => Layer(Layer(v[0], i), i + 1), x);
            var x = points;
            for (var i = 0; i < Layers; i += 2)
            {
                x = isCheckpointed ? Pair(x, i) : Layer(Layer(x, i), i + 1);
            }

            var loss = x.Square().Sin().Sum();
            loss.Backward();
            outcome = [loss.ToArray<float>(), points.Gradient.ToArray<float>(), [.. state.ToArray<long>().Select(static s => (float)s)]];
            outcome.AddRange(weights.Select(static w => w.Gradient.ToArray<float>()));
        }

        var peak = engine.Backend.PeakBytes - before;
        points.Dispose();
        state.Dispose();
        Array.ForEach(weights, static w => w.Dispose());
        Assert.Equal(0, engine.LiveTensors);
        return (outcome, peak);
    }

    private static void Equal(List<float[]> expected, List<float[]> actual)
    {
        Assert.Equal(expected.Count, actual.Count);
        for (var i = 0; i < expected.Count; i++)
        {
            Assert.Equal(expected[i], actual[i]);
        }
    }
}
