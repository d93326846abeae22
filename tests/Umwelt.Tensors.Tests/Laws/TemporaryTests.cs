// An operation that is made of others leaves its result and nothing else, also where no scope would clean up.
using Umwelt.Tensors.Optimisers;
using Xunit;

namespace Umwelt.Tensors.Tests.Laws;

public sealed class TemporaryTests
{
    private static readonly Func<Operands, Tensor>[] Functions =
    [
        static x => x.Dense.MatMul(x.Right),
        static x => x.Dense.Linear(x.Weight, default, Activation.Gelu),
        static x => x.Dense.Softmax(0),
        static x => x.Dense.LogSoftmax(1),
        static x => x.Dense.CrossEntropy(x.Targets),
        static x => x.Dense.CrossEntropyOfRows(x.Targets),
        static x => x.Dense.GroupNorm(2),
        static x => x.View.Attention(x.View, x.View),
        static x => Tensor.Stack(0, x.Dense, x.Dense),
        static x => x.Dense.Pad(1, 2, 3),
        static x => x.Dense.Pad(1, 2, 3, Padding.Edge),
        static x => x.Dense.Roll(1, 1),
        static x => x.Dense.Roll(1, 3),
        static x => x.Dense.Flip(1),
        static x => x.Dense.SumTo([3, 1, 1]),
        static x => x.Dense.Select(0, 1),
        static x => x.View.Reshape(-1),
        static x => 1f / x.Dense,
        static x => x.Weight.Sample(x.Uniforms, new Sampling()),
        static x => Muon.Orthogonalise(x.Right),
    ];

    public static TheoryData<int> Rows => [.. Enumerable.Range(0, Functions.Length)];

    [Theory]
    [MemberData(nameof(Rows))]
    public void What_an_operation_makes_on_its_way_is_gone_with_it(int row)
    {
        using var engine = new Engine(new CpuBackend(1));
        var dense = engine.Ones([2, 3, 1, 4]);
        var operands = new Operands(dense, dense.Transpose(), engine.Ones([4, 5]), engine.Ones([5, 4]), engine.Zeros([2, 3, 1], DataType.Int64), engine.Zeros([5]));
        var before = engine.LiveTensors;
        Functions[row](operands).Dispose();
        Assert.Equal(before, engine.LiveTensors);
        Assert.True(dense.IsAlive);
    }

    private sealed record Operands(Tensor Dense, Tensor View, Tensor Right, Tensor Weight, Tensor Targets, Tensor Uniforms);
}
