// The base library's spans of several dimensions travel into tensors and back, strides and all.
using System.Numerics.Tensors;
using Xunit;

namespace Umwelt.Tensors.Tests.Laws;

public sealed class TensorSpanTests
{
    [Fact]
    public void A_span_comes_back_as_it_went_in()
    {
        using var engine = new Engine(new CpuBackend(1));
        using var scope = engine.Scope();
        float[] elements = [1, 2, 3, 4, 5, 6];
        var tensor = engine.From(new ReadOnlyTensorSpan<float>(elements, [2, 3]));
        Assert.Equal(Shape.Of(2, 3), tensor.Shape);
        var back = new float[6];
        tensor.Read(new TensorSpan<float>(back, [2, 3]));
        Assert.Equal(elements, back);
    }

    [Fact]
    public void A_strided_span_is_read_and_written_by_its_strides()
    {
        using var engine = new Engine(new CpuBackend(1));
        using var scope = engine.Scope();
        float[] elements = [1, 2, 3, 4, 5, 6];
        var columns = new ReadOnlyTensorSpan<float>(elements, [2, 2], [3, 1]);
        var tensor = engine.From(columns);
        Assert.Equal([1f, 2f, 4f, 5f], tensor.ToArray<float>());
        var back = new float[6];
        (tensor * 2f).Read(new TensorSpan<float>(back, [2, 2], [3, 1]));
        Assert.Equal([2f, 4f, 0f, 8f, 10f, 0f], back);
    }

    [Fact]
    public void A_span_of_another_shape_is_refused()
    {
        using var engine = new Engine(new CpuBackend(1));
        using var scope = engine.Scope();
        var tensor = engine.Ones([2, 3]);
        Assert.Throws<ShapeException>(() => tensor.Read(new TensorSpan<float>(new float[6], [3, 2])));
    }
}
