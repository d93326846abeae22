// Errors about shapes name the operation and every shape involved, before anything has run.
using Xunit;

namespace Umwelt.Tensors.Tests.Laws;

public sealed class ShapeErrorTests
{
    private static readonly (string Operation, int[][] Shapes, Func<Tensor[], Tensor> Function)[] Mistakes =
    [
        ("Add", [[2, 3], [4, 3]], static x => x[0] + x[1]),
        ("Subtract", [[2, 3], [2]], static x => x[0] - x[1]),
        ("Multiply", [[2, 3], [3, 2]], static x => x[0] * x[1]),
        ("Divide", [[5], [4]], static x => x[0] / x[1]),
        ("Pow", [[5], [4]], static x => x[0].Pow(x[1])),
        ("Maximum", [[5], [4]], static x => x[0].Maximum(x[1])),
        ("Minimum", [[5], [4]], static x => x[0].Minimum(x[1])),
        ("Less", [[5], [4]], static x => x[0].LessThan(x[1])),
        ("Where", [[5], [5], [4]], static x => x[0].Where(x[1], x[2])),
        ("MultiplyAdd", [[5], [5], [4]], static x => x[0].MultiplyAdd(x[1], x[2])),
        ("matmul", [[2, 3], [4, 5]], static x => x[0].MatMul(x[1])),
        ("matmul", [[2, 2, 3], [4, 5]], static x => x[0].MatMul(x[1])),
        ("matmul", [[2, 2, 3], [3, 3, 5]], static x => x[0].MatMul(x[1])),
        ("matmul", [[3], [3, 5]], static x => x[0].MatMul(x[1])),
        ("linear", [[2, 3], [5, 4]], static x => x[0].Linear(x[1])),
        ("linear", [[2, 2, 3], [5, 4]], static x => x[0].Linear(x[1])),
        ("linear", [[5, 3], [4]], static x => x[0].Linear(x[0], x[1])),
        ("sum to", [[2, 3], [2, 4]], static x => x[0].SumTo(x[1].Shape)),
        ("reshape", [[2, 3], [7]], static x => x[0].Reshape(x[1].Shape)),
        ("reshape", [[2, 3]], static x => x[0].Reshape(4, -1)),
        ("reshape", [[2, 3]], static x => x[0].Reshape(-1, -1)),
        ("reshape", [[2, 3]], static x => x[0].Reshape(-1, -3)),
        ("reshape", [[0, 3]], static x => x[0].Reshape(0, -1)),
        ("expand", [[2, 3], [2, 4]], static x => x[0].Expand(x[1].Shape)),
        ("expand", [[2, 3], [3]], static x => x[0].Expand(x[1].Shape)),
        ("permute", [[2, 3]], static x => x[0].Permute(0)),
        ("permute", [[2, 3]], static x => x[0].Permute(0, 0)),
        ("transpose", [[3]], static x => x[0].Transpose()),
        ("slice", [[2, 3]], static x => x[0].Slice(1, 2, 2)),
        ("slice", [[2, 3]], static x => x[0].Slice(1, -1, 1)),
        ("slice", [[2, 3]], static x => x[0].Slice(1, 1, int.MaxValue)),
        ("slice", [[2, 3]], static x => x[0].Select(0, 2)),
        ("unsqueeze", [[2, 3]], static x => x[0].Unsqueeze(3)),
        ("unsqueeze", [[2, 3]], static x => x[0].Unsqueeze(-4)),
        ("unsqueeze", [[1, 1, 1, 1, 1, 1]], static x => x[0].Unsqueeze(0)),
        ("squeeze", [[2, 3]], static x => x[0].Squeeze(0)),
        ("Max", [[2, 0]], static x => x[0].Max(1)),
        ("arg extreme", [[2, 0]], static x => x[0].ArgMax(1)),
        ("item", [[2, 3]], static x => x[0].Engine.Scalar(x[0].Item())),
        ("concatenate", [[2, 3], [3, 4]], static x => Tensor.Concatenate(0, x)),
        ("split", [[2, 3]], static x => x[0].Split(1, 1, 1)[0]),
        ("pad", [[2, 3]], static x => x[0].Pad(1, -1, 0)),
        ("cross-entropy", [[2, 3], [3]], static x => x[0].CrossEntropy(x[1].Cast(DataType.Int32))),
        ("layer norm", [[2, 3], [4]], static x => x[0].LayerNorm(x[1])),
        ("RMS norm", [[2, 3], [4]], static x => x[0].RmsNorm(x[1])),
        ("group norm", [[2, 3, 4]], static x => x[0].GroupNorm(3)),
        ("rotary embedding", [[2, 3]], static x => x[0].Rotary()),
        ("rotary embedding", [[2, 3, 4]], static x => x[0].Rotary(size: -2)),
        ("top-k", [[2, 3]], static x => x[0].TopK(4).Values),
        ("gather", [[2, 3], [3, 3]], static x => x[0].Gather(1, x[1].Cast(DataType.Int32))),
        ("scatter add", [[2, 3], [3, 3]], static x => x[0].ScatterAdd(1, x[1].Cast(DataType.Int32), x[1])),
        ("softmax", [[]], static x => x[0].Engine.Apply(Ops.Softmax.Instance, default, x[0])),
    ];

    public static TheoryData<int> Rows => [.. Enumerable.Range(0, Mistakes.Length)];

    [Theory]
    [MemberData(nameof(Rows))]
    public void An_error_names_the_operation_and_every_shape(int row)
    {
        var (operation, shapes, function) = Mistakes[row];
        using var engine = new Engine(new CpuBackend(1));
        using var scope = engine.Scope();
        Tensor[] operands = [.. shapes.Select(lengths => engine.Ones(Shape.Of(lengths)))];
        var message = Assert.Throws<ShapeException>(() => { _ = function(operands); }).Message;
        Assert.Contains(operation, message, StringComparison.Ordinal);
        if (!string.Equals(operation, "Where", StringComparison.Ordinal) && !string.Equals(operation, "MultiplyAdd", StringComparison.Ordinal))
        {
            Assert.All(shapes, lengths => Assert.Contains(Shape.Of(lengths).ToString(), message, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Options_made_without_arguments_are_the_defaults()
    {
        Assert.Equal(new ConvolutionOptions(StrideY: 1), new ConvolutionOptions());
        Assert.Equal(new Sampling(Temperature: 1), new Sampling());
    }

    [Fact]
    public void A_shape_that_cannot_be_counted_is_named() =>
        Assert.Contains("[65536, 65536, 65536, 65536]", Assert.Throws<ShapeException>(() => Shape.Of(65536, 65536, 65536, 65536)).Message, StringComparison.Ordinal);

    [Fact]
    public void Types_that_do_not_fit_are_named()
    {
        using var engine = new Engine(new CpuBackend(1));
        using var scope = engine.Scope();
        var x = engine.Ones([2, 2]);
        var integers = engine.Ones([2, 2], DataType.Int32);
        Assert.Contains("Int32", Assert.Throws<ShapeException>(() => { _ = x + integers; }).Message, StringComparison.Ordinal);
        Assert.Contains("Int32", Assert.Throws<ShapeException>(() => { _ = x.MatMul(integers); }).Message, StringComparison.Ordinal);
        Assert.Contains("Int32", Assert.Throws<ShapeException>(() => { _ = integers.Sum(); }).Message, StringComparison.Ordinal);
        Assert.Contains("Float32", Assert.Throws<ShapeException>(() => { _ = x.Gather(0, x); }).Message, StringComparison.Ordinal);
        Assert.Contains("Int32", Assert.Throws<ShapeException>(() => new PackedMatrix(integers)).Message, StringComparison.Ordinal);
        Assert.Contains("Float64", Assert.Throws<ShapeException>(() => { _ = x.Cast(DataType.Float64); }).Message, StringComparison.Ordinal);
        Assert.Contains("Int32", Assert.Throws<ShapeException>(() => integers.RequiresGradient = true).Message, StringComparison.Ordinal);
    }
}
