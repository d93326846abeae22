// Operations through the engine as a user calls them: the time of a kernel with the time of reaching it, and what a call
// allocates (nothing).
using BenchmarkDotNet.Attributes;

namespace Umwelt.Tensors.Benchmarks;

/// <summary>An engine, and a scope around each call.</summary>
public abstract class OperationBenchmark
{
    [Params(1, 2)]
    public int Threads { get; set; }

    protected Engine Engine { get; private set; } = null!;

    [GlobalSetup]
    public void SetUp()
    {
        Engine = new Engine(new CpuBackend(Threads));
        Prepare();
    }

    [GlobalCleanup]
    public void CleanUp() => Engine.Dispose();

    protected abstract void Prepare();

    protected Tensor Input(Shape shape)
    {
        var values = new float[shape.Count];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = (i % 97 / 97f) - 0.5f;
        }

        return Engine.From(values, shape);
    }
}

[MemoryDiagnoser]
public class RowBenchmarks : OperationBenchmark
{
    private Tensor _x;

    [Params(1, 64, 2048)]
    public int Rows { get; set; }

    [Benchmark]
    public void Silu()
    {
        using var scope = Engine.Scope();
        _x.Silu();
    }

    [Benchmark]
    public void Softmax()
    {
        using var scope = Engine.Scope();
        _x.Softmax();
    }

    [Benchmark]
    public void LayerNorm()
    {
        using var scope = Engine.Scope();
        _x.LayerNorm();
    }

    [Benchmark]
    public void SumOfColumns()
    {
        using var scope = Engine.Scope();
        _x.Sum(0);
    }

    protected override void Prepare() => _x = Input([Rows, 512]);
}

[MemoryDiagnoser]
public class AttentionBenchmarks : OperationBenchmark
{
    private Tensor _query;
    private Tensor _key;
    private Tensor _value;

    [Params(1, 256)]
    public int Queries { get; set; }

    [Benchmark]
    public void Causal()
    {
        using var scope = Engine.Scope();
        _query.Attention(_key, _value, new AttentionOptions(Causal: true, KeyOffset: 1024 - Queries));
    }

    protected override void Prepare()
    {
        _query = Input([1, Queries, 8, 64]);
        _key = Input([1, 1024, 8, 64]);
        _value = Input([1, 1024, 8, 64]);
    }
}

[MemoryDiagnoser]
public class ConvolutionBenchmarks : OperationBenchmark
{
    private Tensor _picture;
    private Tensor _weight;

    [Params(1, 2)]
    public int Stride { get; set; }

    [Benchmark]
    public void ThreeByThree()
    {
        using var scope = Engine.Scope();
        _picture.Convolve(_weight, default, ConvolutionOptions.Of(Stride, padding: 1));
    }

    protected override void Prepare()
    {
        _picture = Input([8, 32, 32, 64]);
        _weight = Input([3, 3, 64, 64]);
    }
}
