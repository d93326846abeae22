// What a step of training leaves behind: no tensors, no bytes, and next to nothing for the garbage collector.
using Xunit;

namespace Umwelt.Tensors.Tests.Laws;

public sealed class MemoryTests
{
    [Fact]
    public void Every_step_of_training_takes_the_memory_of_the_step_before()
    {
        using var network = new Network(new CpuBackend(2));
        network.Train();
        network.Train();
        network.Engine.Backend.ResetPeak();
        network.Train();
        var (tensors, live, peak) = (network.Engine.LiveTensors, network.Engine.Backend.LiveBytes, network.Engine.Backend.PeakBytes);
        for (var step = 3; step < 50; step++)
        {
            network.Engine.Backend.ResetPeak();
            network.Train();
            Assert.Equal(tensors, network.Engine.LiveTensors);
            Assert.Equal(live, network.Engine.Backend.LiveBytes);
            Assert.Equal(peak, network.Engine.Backend.PeakBytes);
        }
    }

    [Fact]
    public void Training_reduces_the_loss()
    {
        using var network = new Network(new CpuBackend(2));
        var first = network.Train();
        for (var step = 0; step < 60; step++)
        {
            network.Train();
        }

        Assert.True(network.Train() < first / 2);
    }

    [Fact]
    [Trait("Category", "Allocation")]
    public void A_step_of_training_leaves_at_most_64_KiB_to_the_garbage_collector()
    {
        using var network = new Network(new CpuBackend(2));
        var (thread, total) = Allocated(() => network.Train());
        Assert.InRange(thread, 0, 65536);
        Assert.InRange(total, 0, 65536);
    }

    [Fact]
    [Trait("Category", "Allocation")]
    public void A_step_without_gradients_leaves_nothing_to_the_garbage_collector()
    {
        using var network = new Network(new CpuBackend(2));
        var (thread, _) = Allocated(() => network.Dream());
        Assert.Equal(0, thread);
    }

    // The least of several steps: the runtime compiles and counts in between.
    private static (long Thread, long Total) Allocated(Action step)
    {
        for (var i = 0; i < 100; i++)
        {
            step();
        }

        var (thread, total) = (long.MaxValue, long.MaxValue);
        for (var i = 0; i < 20; i++)
        {
            var totalBefore = GC.GetTotalAllocatedBytes(precise: true);
            var threadBefore = GC.GetAllocatedBytesForCurrentThread();
            step();
            thread = Math.Min(thread, GC.GetAllocatedBytesForCurrentThread() - threadBefore);
            total = Math.Min(total, GC.GetTotalAllocatedBytes(precise: true) - totalBefore);
        }

        return (thread, total);
    }

    /// <summary>Two layers that learn which of four classes a point belongs to.</summary>
    private sealed class Network : IDisposable
    {
        private readonly Tensor[] _parameters;
        private readonly Tensor _points;
        private readonly Tensor _classes;

        public Network(Backend backend)
        {
            Engine = new Engine(backend);
            var random = new Operations.RowRandom("network");
            Tensor Weight(params int[] lengths) =>
                Engine.Parameter([.. Enumerable.Range(0, (int)Shape.Of(lengths).Count).Select(_ => (float)(random.Next() - 0.5))], Shape.Of(lengths));
            _parameters = [Weight(32, 8), Weight(32), Weight(4, 32), Weight(4)];
            int[] classes = [.. Enumerable.Range(0, 64).Select(_ => random.Next(4))];
            float[] points = [.. Enumerable.Range(0, 64 * 8).Select(i => (float)(random.Next() + (i % 4 == classes[i / 8] ? 1 : 0)))];
            _points = Engine.From(points, [64, 8]);
            _classes = Engine.From(classes, [64]);
        }

        public Engine Engine { get; }

        public float Train()
        {
            using var scope = Engine.Scope();
            var loss = Logits().CrossEntropy(_classes);
            loss.Backward();
            using var noGradient = Engine.NoGradient();
            foreach (var parameter in _parameters)
            {
                parameter.AddInPlace(parameter.Gradient * -0.3f);
                parameter.ClearGradient();
            }

            return loss.Item();
        }

        public float Dream()
        {
            using var scope = Engine.Scope();
            using var noGradient = Engine.NoGradient();
            var probabilities = Logits().Softmax();
            return (probabilities.MatMul(probabilities.Transpose()) * probabilities.Max(1, keepDimension: true)).Exp().Mean().Item();
        }

        public void Dispose() => Engine.Dispose();

        private Tensor Logits() => _points
            .Linear(_parameters[0], _parameters[1], Activation.Silu)
            .RmsNorm()
            .Linear(_parameters[2], _parameters[3]);
    }
}
