// Weights packed once and used often: the same bits as unpacked in single precision, and never stale.
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

    [Fact]
    public void A_view_is_packed_as_what_it_shows()
    {
        using var engine = new Engine(new CpuBackend(2));
        using var scope = engine.Scope();
        var (x, weight) = (Draw(engine, 3, 9), Draw(engine, 9, 20).Transpose());
        using var packed = new PackedMatrix(weight);
        Same.Bits(x.Linear(weight.Contiguous()).ToArray<double>(), x.Linear(packed).ToArray<double>(), "a view");
    }

    private static Tensor Draw(Engine engine, params int[] lengths)
    {
        var shape = Shape.Of(lengths);
        var random = new RowRandom($"packed {shape}");
        return engine.From([.. Enumerable.Range(0, (int)shape.Count).Select(_ => (float)((random.Next() * 2) - 1))], shape);
    }
}
