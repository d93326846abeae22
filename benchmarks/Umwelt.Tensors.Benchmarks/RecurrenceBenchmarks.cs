// Recurrences at width 256 by length: four heads of 64, or 512 channels with 16 states. A gradient pass includes the forward
// pass before it. The time of a length of 16k is to be at most 1.2 times sixteen times that of 1k; that of one moment is
// what a dream pays.
using BenchmarkDotNet.Attributes;

namespace Umwelt.Tensors.Benchmarks;

[MemoryDiagnoser]
public class RecurrenceBenchmarks : OperationBenchmark
{
    private Tensor[] _leaves = [];
    private Tensor _gradient;

    [Params(1, 256, 1024, 16384)]
    public int Length { get; set; }

    [Params("linear attention", "mLSTM", "sLSTM", "selective scan")]
    public string Recurrence { get; set; } = "";

    [Benchmark]
    public void Forward()
    {
        using var scope = Engine.Scope();
        using var noGradient = Engine.NoGradient();
        Apply();
    }

    [Benchmark]
    public void ForwardAndBackward()
    {
        using var scope = Engine.Scope();
        Engine.Backward(Apply(), _gradient);
        foreach (var leaf in _leaves)
        {
            leaf.ClearGradient();
        }
    }

    protected override void Prepare()
    {
        var (rows, gates) = (Shape.Of(1, Length, 4, 64), Shape.Of(1, Length, 4));
        _leaves = Recurrence switch
        {
            "sLSTM" => [Input([1, Length, 4, 4, 64]), Input([4, 4, 64, 64]) * 0.2f],
            "selective scan" =>
                [Input([1, Length, 512]), Input([1, Length, 512]) + 0.51f, Input([512, 16]) - 1f, Input([1, Length, 16]), Input([1, Length, 16])],
            _ => [Input(rows), Input(rows), Input(rows), Input(gates) - 0.5f, Input(gates) - 0.5f],
        };
        foreach (ref var leaf in _leaves.AsSpan())
        {
            leaf = Engine.Parameter(leaf);
        }

        using var scope = Engine.Scope();
        using var noGradient = Engine.NoGradient();
        _gradient = scope.Keep(Apply().Clone());
    }

    private Tensor Apply() => Recurrence switch
    {
        "linear attention" => _leaves[0].LinearAttention(_leaves[1], _leaves[2], _leaves[3]),
        "mLSTM" => _leaves[0].MatrixLstm(_leaves[1], _leaves[2], _leaves[3], _leaves[4]),
        "sLSTM" => _leaves[0].ScalarLstm(_leaves[1]),
        _ => _leaves[0].SelectiveScan(_leaves[1], _leaves[2], _leaves[3], _leaves[4]),
    };
}
