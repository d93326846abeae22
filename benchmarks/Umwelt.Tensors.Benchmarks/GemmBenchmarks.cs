// The matrix product by shape and number of threads: B row-major, B transposed, and B packed once in either format.
using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using Umwelt.Tensors.Internal.Cpu;
using Umwelt.Tensors.Internal.Cpu.Matrix;

namespace Umwelt.Tensors.Benchmarks;

[MemoryDiagnoser]
public unsafe class GemmBenchmarks
{
    private WorkerPool _pool = null!;
    private float* _a;
    private float* _b;
    private float* _c;
    private void* _packed;
    private void* _half;
    private MatrixProductArguments _arguments;

    [Params("1x1024x4096", "16x256x256", "64x192x768", "512x512x512")]
    public string Shape { get; set; } = "";

    [Params(1, 2)]
    public int Threads { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        var sizes = Array.ConvertAll(Shape.Split('x'), int.Parse);
        var (m, n, k) = (sizes[0], sizes[1], sizes[2]);
        _pool = new WorkerPool(Threads);
        _a = Allocate(m * k);
        _b = Allocate(k * n);
        _c = Allocate(m * n);
        _packed = NativeMemory.AlignedAlloc(PackedPanels.Bytes(WeightFormat.Float32, k, n), 64);
        _half = NativeMemory.AlignedAlloc(PackedPanels.Bytes(WeightFormat.BFloat16, k, n), 64);
        PackedPanels.Pack(_pool, WeightFormat.Float32, _b, n, 1, k, n, _packed);
        PackedPanels.Pack(_pool, WeightFormat.BFloat16, _b, n, 1, k, n, _half);
        _arguments = new MatrixProductArguments { A = _a, ARow = k, AColumn = 1, B = _b, BRow = n, BColumn = 1, C = _c, CRow = n, M = m, N = n, K = k };
    }

    [GlobalCleanup]
    public void CleanUp()
    {
        _pool.Dispose();
        foreach (var memory in (nint[])[(nint)_a, (nint)_b, (nint)_c, (nint)_packed, (nint)_half])
        {
            NativeMemory.AlignedFree((void*)memory);
        }
    }

    [Benchmark(Baseline = true)]
    public void RowMajor() => MatrixProduct.Run(_pool, _arguments);

    [Benchmark]
    public void Transposed() => MatrixProduct.Run(_pool, _arguments with { BRow = 1, BColumn = _arguments.K });

    [Benchmark]
    public void Packed() => MatrixProduct.Run(_pool, _arguments with { Packed = _packed });

    [Benchmark]
    public void PackedBFloat16() => MatrixProduct.Run(_pool, _arguments with { Packed = _half, PackedFormat = WeightFormat.BFloat16 });

    private static float* Allocate(int length)
    {
        var memory = (float*)NativeMemory.AlignedAlloc((nuint)length * sizeof(float), 64);
        for (var i = 0; i < length; i++)
        {
            memory[i] = (i % 97 / 97f) - 0.5f;
        }

        return memory;
    }
}
