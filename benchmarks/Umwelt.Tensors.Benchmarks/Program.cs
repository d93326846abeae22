// Kernels under BenchmarkDotNet: dotnet run -c Release --project benchmarks/Umwelt.Tensors.Benchmarks -- --filter '*Gemm*'
using BenchmarkDotNet.Running;
using Umwelt.Tensors.Benchmarks;

BenchmarkSwitcher.FromTypes([typeof(GemmBenchmarks), typeof(RowBenchmarks), typeof(AttentionBenchmarks), typeof(ConvolutionBenchmarks), typeof(RecurrenceBenchmarks)]).Run(args);
