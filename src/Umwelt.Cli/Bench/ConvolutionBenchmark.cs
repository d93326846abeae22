// `umwelt bench convolution`: forward and backward of 2-D convolutions beside PyTorch, two threads each. Rounds of ours
// and theirs alternate, and the best round of either counts, so a busy moment of the machine hurts neither more.
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Umwelt.Cli.Bench.Peers;
using Umwelt.Tensors.Internal.Cpu;
using Umwelt.Tensors.Internal.Cpu.Convolution;
using Umwelt.Tensors.Internal.Cpu.Reduce;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Cli.Bench;

internal sealed class ConvolutionBenchmark : IBenchmark
{
    private const int Threads = 2;
    private const int Rounds = 12;
    private const int StepsEachRound = 4;

    private static readonly Case[] Cases =
    [
        new("3x3_64_32x32", 64, 64, 32, 3, 1, 1, false),
        new("3x3_32_64x64", 32, 32, 64, 3, 1, 1, false),
        new("3x3_128_8x8", 128, 128, 8, 3, 1, 1, false),
        new("strided_32_64_64x64", 32, 64, 64, 4, 2, 1, false),
        new("transposed_64_32_64x64", 64, 32, 32, 4, 2, 1, true),
    ];

    public static string Name => "convolution";

    public static string Summary => "2-D convolutions, forward and backward, batch 8, two threads, beside PyTorch";

    public static BenchmarkReport Run(BenchmarkOptions options, CancellationToken cancellation)
    {
        using var pool = new WorkerPool(Threads);
        using var peer = PythonPeer.TryStart("convolution.py", "2");
        var rows = new List<IReadOnlyList<string>>();
        var figures = new Dictionary<string, double?>(StringComparer.Ordinal);
        var ratios = new List<double?>();
        var notes = new List<string> { $"SIMD tier {SimdTier.Name}; {Threads} threads; best of alternating rounds; gradients of input, weights and bias" };
        foreach (var item in Cases)
        {
            cancellation.ThrowIfCancellationRequested();
            options.Progress?.Report(item.Name);
            var (ours, forward, theirs, format) = Measure(item, pool, peer, options, cancellation);
            var ratio = theirs / ours;
            ratios.Add(ratio);
            figures[$"{item.Name}_gflops"] = 3 * item.Operations / ours / 1e9;
            figures[$"{item.Name}_vs_pytorch"] = ratio;
            rows.Add(
            [
                item.Name, Text(forward * 1e3, "0.00"), Text(ours * 1e3, "0.00"), Text(3 * item.Operations / ours / 1e9, "0"),
                Text(theirs * 1e3, "0.00"), format, Text(ratio, "0.00"),
            ]);
        }

        figures["vs_pytorch"] = ratios.Contains(null) ? null : Math.Exp(ratios.Average(ratio => Math.Log(ratio!.Value)));
        notes.Add(peer is null ? "PyTorch is not installed" : $"{peer.Description}, the better of its two memory formats");
        return new BenchmarkReport(["case", "forward ms", "step ms", "GFLOP/s", "PyTorch ms", "its format", "ratio"], rows, figures, notes);
    }

    private static (double Step, double Forward, double? Peer, string Format) Measure(
        Case item, WorkerPool pool, PythonPeer? peer, BenchmarkOptions options, CancellationToken cancellation)
    {
        using var problem = new Problem(item);
        var request = $$"""
            {"batch": 8, "inputs": {{item.Inputs}}, "outputs": {{item.Outputs}}, "size": {{item.Size}}, "kernel": {{item.Kernel}}, "stride": {{item.Stride}}, "padding": {{item.Padding}}, "transposed": {{(item.Transposed ? "true" : "false")}}, "repeats": {{StepsEachRound}}}
            """;
        double? theirs = null;
        var format = "-";
        var (step, forward) = (double.MaxValue, double.MaxValue);
        for (var round = 0; round < Math.Max(2, Rounds * options.Repeats); round++)
        {
            cancellation.ThrowIfCancellationRequested();
            for (var i = 0; i < StepsEachRound; i++)
            {
                var start = Stopwatch.GetTimestamp();
                problem.Forward(pool);
                forward = Math.Min(forward, Stopwatch.GetElapsedTime(start).TotalSeconds);
                problem.Backward(pool);
                step = Math.Min(step, Stopwatch.GetElapsedTime(start).TotalSeconds);
            }

            if (peer?.Ask(request) is { } answer)
            {
                theirs = Math.Min(theirs ?? double.MaxValue, answer.GetProperty("seconds").GetDouble());
                format = answer.GetProperty("formulation").GetString() ?? format;
            }
        }

        return (step, forward, theirs, format);
    }

    private static string Text(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "-";

    /// <summary>A layer as PyTorch states it: inputs and size belong to what it reads, transposed or not.</summary>
    private sealed record Case(string Name, int Inputs, int Outputs, int Size, int Kernel, int Stride, int Padding, bool Transposed)
    {
        public int ResultSize => Transposed
            ? ConvolutionArguments.TransposedSize(Size, Kernel, Stride, Padding, Padding, 1, 0)
            : ConvolutionArguments.OutputSize(Size, Kernel, Stride, Padding, Padding, 1);

        /// <summary>Of one pass: every pixel of the smaller picture meets every weight, a product and a sum each.</summary>
        public double Operations => 2.0 * 8 * Math.Pow(Transposed ? Size : ResultSize, 2) * Inputs * Outputs * Kernel * Kernel;
    }

    private sealed unsafe class Problem : IDisposable
    {
        private readonly Case _case;
        private readonly ConvolutionArguments _sizes;
        private readonly float* _read;
        private readonly float* _readGradient;
        private readonly float* _result;
        private readonly float* _resultGradient;
        private readonly float* _weight;
        private readonly float* _weightGradient;
        private readonly float* _bias;
        private readonly float* _biasGradient;

        public Problem(Case item)
        {
            _case = item;
            var (large, small) = item.Transposed ? (item.ResultSize, item.Size) : (item.Size, item.ResultSize);
            _sizes = new ConvolutionArguments
            {
                Batch = 8,
                InputHeight = large,
                InputWidth = large,
                InputChannels = item.Transposed ? item.Outputs : item.Inputs,
                OutputHeight = small,
                OutputWidth = small,
                OutputChannels = item.Transposed ? item.Inputs : item.Outputs,
                KernelHeight = item.Kernel,
                KernelWidth = item.Kernel,
                StrideY = item.Stride,
                StrideX = item.Stride,
                PadTop = item.Padding,
                PadLeft = item.Padding,
                DilationY = 1,
                DilationX = 1,
                Groups = 1,
            };
            var (read, result) = (8 * item.Size * item.Size * item.Inputs, 8 * item.ResultSize * item.ResultSize * item.Outputs);
            var weights = item.Kernel * item.Kernel * item.Inputs * item.Outputs;
            _read = Allocate(read);
            _readGradient = Allocate(read);
            _result = Allocate(result);
            _resultGradient = Allocate(result);
            _weight = Allocate(weights);
            _weightGradient = Allocate(weights);
            _bias = Allocate(item.Outputs);
            _biasGradient = Allocate(item.Outputs);
        }

        public void Forward(WorkerPool pool)
        {
            if (_case.Transposed)
            {
                Convolution2D.InputGradient(pool, _sizes with { Output = _read, Weight = _weight, Bias = _bias, Input = _result });
            }
            else
            {
                Convolution2D.Forward(pool, _sizes with { Input = _read, Weight = _weight, Bias = _bias, Output = _result });
            }
        }

        public void Backward(WorkerPool pool)
        {
            if (_case.Transposed)
            {
                Convolution2D.Forward(pool, _sizes with { Input = _resultGradient, Weight = _weight, Output = _readGradient });
                Convolution2D.WeightGradient(pool, _sizes with { Input = _resultGradient, Output = _read, Weight = _weightGradient });
            }
            else
            {
                Convolution2D.InputGradient(pool, _sizes with { Output = _resultGradient, Weight = _weight, Input = _readGradient });
                Convolution2D.WeightGradient(pool, _sizes with { Input = _read, Output = _resultGradient, Weight = _weightGradient });
            }

            SumReduction.Run(pool, _resultGradient, _biasGradient, 1, 8 * _case.ResultSize * _case.ResultSize, _case.Outputs, mean: false);
        }

        public void Dispose()
        {
            foreach (var memory in new[] { (nint)_read, (nint)_readGradient, (nint)_result, (nint)_resultGradient, (nint)_weight, (nint)_weightGradient, (nint)_bias, (nint)_biasGradient })
            {
                NativeMemory.AlignedFree((void*)memory);
            }
        }

        private static float* Allocate(int count)
        {
            var memory = (float*)NativeMemory.AlignedAlloc((nuint)count * sizeof(float), 64);
            var random = new Random(count);
            for (var i = 0; i < count; i++)
            {
                memory[i] = (random.NextSingle() * 2) - 1;
            }

            return memory;
        }
    }
}
