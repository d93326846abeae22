// Weights packed once and used often: the same bits as unpacked in single precision, the nearest brain floats in the narrower
// format, the same sums however many rows and threads there are, and never stale.
using Umwelt.Tensors.Tests.Operations;
using Xunit;

namespace Umwelt.Tensors.Tests.Laws;

public sealed class PackedMatrixTests
{
    [Theory]
    [InlineData(1, 64, 48)]
    [InlineData(6, 11, 7)]
    [InlineData(16, 256, 100)]
    [InlineData(200, 150, 170)]
    public void Packed_single_precision_has_the_bits_of_the_unpacked_matrix(int rows, int inputs, int outputs)
    {
        foreach (var activation in Enum.GetValues<Activation>())
        {
            using var engine = new Engine(new CpuBackend(2));
            using var scope = engine.Scope();
            using var noGradient = engine.NoGradient();
            var (x, weight, bias) = (Draw(engine, rows, inputs), Draw(engine, outputs, inputs), Draw(engine, outputs));
            using var packed = new PackedMatrix(weight);
            var expected = x.Linear(weight, bias, activation).ToArray<double>();
            Same.Bits(expected, x.Linear(packed, bias, activation).ToArray<double>(), $"{activation}");
        }
    }

    [Fact]
    public void A_packed_matrix_counts_towards_the_peak()
    {
        foreach (var backend in (Backend[])[new ReferenceBackend(), new CpuBackend(1)])
        {
            using var engine = new Engine(backend);
            using var packed = new PackedMatrix(engine.Ones([64, 64]));
            Assert.Equal(backend.LiveBytes, backend.PeakBytes);
        }
    }

    [Fact]
    public void A_packed_matrix_follows_the_weights_it_was_packed_from()
    {
        using var engine = new Engine(new CpuBackend(2));
        using var scope = engine.Scope();
        var (x, weight) = (Draw(engine, 3, 20), Draw(engine, 9, 20));
        using var packed = new PackedMatrix(weight);
        _ = x.Linear(packed);
        weight.MultiplyInPlace(engine.Scalar(2));
        Same.Bits(x.Linear(weight).ToArray<double>(), x.Linear(packed).ToArray<double>(), "after a change");
    }

    [Fact]
    public void A_packed_matrix_passes_gradients_to_its_weights()
    {
        using var engine = new Engine(new CpuBackend(2));
        using var scope = engine.Scope();
        var weight = engine.Parameter([1f, 2f, 3f, 4f], [2, 2]);
        using (var packed = new PackedMatrix(weight, WeightFormat.BFloat16))
        {
            engine.Ones([1, 2]).Linear(packed).Sum().Backward();
        }

        Assert.Equal([1f, 1f, 1f, 1f], weight.Gradient.ToArray<float>());
    }

    [Theory]
    [InlineData(WeightFormat.Float32)]
    [InlineData(WeightFormat.BFloat16)]
    public void Weights_packed_together_give_the_bits_that_each_gives_alone(WeightFormat format)
    {
        using var engine = new Engine(new CpuBackend(3));
        using var scope = engine.Scope();
        using var noGradient = engine.NoGradient();
        Tensor[] weights = [Draw(engine, 40, 150), Draw(engine, 7, 150), Draw(engine, 100, 150)];
        using var joined = new PackedMatrix(weights, format);
        foreach (var rows in (int[])[1, 2, 30])
        {
            var x = Draw(engine, rows, 150);
            for (var change = 0; change < 2; change++)
            {
                Tensor[] alone = [.. weights.Select(weight => Product(x, weight))];
                Same.Bits(Tensor.Concatenate(1, alone).ToArray<double>(), x.Linear(joined).ToArray<double>(), $"{rows} rows, change {change}");
                weights[1].MultiplyInPlace(engine.Scalar(-3));
            }
        }

        Tensor Product(Tensor x, Tensor weight)
        {
            using var packed = new PackedMatrix(weight, format);
            return x.Linear(packed);
        }
    }

    [Fact]
    public void Weights_packed_together_pass_gradients_to_each()
    {
        foreach (var backend in (Backend[])[new ReferenceBackend(), new CpuBackend(1)])
        {
            using var engine = new Engine(backend);
            using var scope = engine.Scope();
            var (first, second) = (engine.Parameter([1f, 2f], [1, 2]), engine.Parameter([3f, 4f, 5f, 6f], [2, 2]));
            using (var packed = new PackedMatrix([first, second]))
            {
                var y = engine.From([1f, 10f], [1, 2]).Linear(packed);
                Assert.Equal([21f, 43f, 65f], y.ToArray<float>());
                (y * engine.From([1f, 2f, 3f], [3])).Sum().Backward();
            }

            Assert.Equal([1f, 10f], first.Gradient.ToArray<float>());
            Assert.Equal([2f, 20f, 3f, 30f], second.Gradient.ToArray<float>());
        }
    }

    [Fact]
    public void A_view_is_packed_as_what_it_shows()
    {
        using var engine = new Engine(new CpuBackend(2));
        using var scope = engine.Scope();
        var (x, weight) = (Draw(engine, 3, 9), Draw(engine, 9, 20).Transpose());
        using var packed = new PackedMatrix(weight);
        Same.Bits(x.Linear(weight.Contiguous()).ToArray<double>(), x.Linear(packed).ToArray<double>(), "a view");
    }

    [Fact]
    public void Brain_floats_are_the_nearest_ones_and_ties_go_to_the_even_one()
    {
        using var engine = new Engine(new CpuBackend(2));
        using var scope = engine.Scope();
        var random = new RowRandom("brain floats");
        float[] values =
        [
            0, 1, -1, 1.00390625f, 1.01171875f, -1.00390625f, 1.003906369f, 1.003906131f, 255.5f, 65536, 1e-30f, -1e30f, MathF.PI,
            .. Enumerable.Range(0, 87).Select(_ => (float)((random.Next() - 0.5) * Math.Pow(10, (random.Next() * 40) - 20))),
        ];
        var weight = engine.From(values, [values.Length, 1]);
        using var packed = new PackedMatrix(weight, WeightFormat.BFloat16);
        Same.Bits([.. values.Select(Nearest)], engine.Ones([1, 1]).Linear(packed).ToArray<double>(), "unpacked");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Products_with_brain_floats_are_those_with_rounded_weights(int threads)
    {
        using var engine = new Engine(new CpuBackend(threads));
        using var noGradient = engine.NoGradient();
        foreach (var (inputs, outputs) in ((int, int)[])[(1, 1), (7, 33), (64, 640), (130, 97), (515, 300), (1100, 129), (700, 1030)])
        {
            using var scope = engine.Scope();
            var (x, weight, bias) = (Draw(engine, 40, inputs), Draw(engine, outputs, inputs), Draw(engine, outputs));
            using var packed = new PackedMatrix(weight, WeightFormat.BFloat16);
            var rounded = engine.From([.. weight.ToArray<float>().Select(value => (float)Nearest(value))], weight.Shape);
            var expected = x.Linear(rounded, bias, Activation.Silu).ToArray<double>();
            foreach (var rows in (int[])[1, 2, 7, 13, 40])
            {
                // Whatever the number of rows and threads, and with the sums of single precision, element by element.
                var actual = x.Slice(0, 0, rows).Linear(packed, bias, Activation.Silu).ToArray<double>();
                Same.Bits(expected.AsSpan(0, rows * outputs), actual, $"{rows} rows, {inputs} inputs, {outputs} outputs");
            }
        }
    }

    // By arithmetic in double, not by bits as the engine has it.
    private static double Nearest(float value)
    {
        if (value == 0)
        {
            return value;
        }

        var quantum = Math.Pow(2, Math.Floor(Math.Log2(Math.Abs((double)value))) - 7);
        return Math.Round(value / quantum, MidpointRounding.ToEven) * quantum;
    }

    private static Tensor Draw(Engine engine, params int[] lengths)
    {
        var shape = Shape.Of(lengths);
        var random = new RowRandom($"packed {shape}");
        return engine.From([.. Enumerable.Range(0, (int)shape.Count).Select(_ => (float)((random.Next() * 2) - 1))], shape);
    }
}
