// The laws of attention: it equals the obvious computation, it never looks where it may not, and a query's bits
// depend on its position and what it sees alone.
using System.Runtime.InteropServices;
using Umwelt.Tensors.Internal.Cpu;
using Umwelt.Tensors.Internal.Cpu.Attention;
using Xunit;

namespace Umwelt.Tensors.Tests.Kernels;

public sealed class AttentionTests
{
    private const int Output = 3;
    private static readonly int[] Results = [3, 5, 6, 7];

    public static TheoryData<AttentionCase> Cases()
    {
        var cases = new TheoryData<AttentionCase>();
        foreach (var length in new[] { 1, 63, 64, 65, 1000 })
        {
            cases.Add(new AttentionCase(length, length, 32));
            cases.Add(new AttentionCase(length, length, 64, Heads: 2, KeyHeads: 2, Causal: true, Fused: true));
            cases.Add(new AttentionCase(length, length, 16, Heads: 2, KeyHeads: 1, Causal: true, Window: 37));
            cases.Add(new AttentionCase(length, length, 16, Heads: 2, KeyHeads: 1, Window: 70));
        }

        foreach (var size in new[] { 1, 5, 16, 32, 64, 80, 128, 256 })
        {
            cases.Add(new AttentionCase(77, 77, size, Batch: 2, Heads: 4, KeyHeads: 2, Causal: true, Fused: true));
            cases.Add(new AttentionCase(30, 131, size, Batch: 2, Heads: 3, KeyHeads: 1, Causal: true, Offset: 101));
            cases.Add(new AttentionCase(130, 30, size));
        }

        cases.Add(new AttentionCase(40, 40, 16, Causal: true, Offset: -20));
        cases.Add(new AttentionCase(200, 60, 16, Causal: true, Window: 5, Fused: true));
        cases.Add(new AttentionCase(200, 300, 16, Causal: true, Window: 1, Offset: 90));
        cases.Add(new AttentionCase(7, 500, 8, Window: 129, Offset: 300));
        cases.Add(new AttentionCase(3, 0, 8));
        cases.Add(new AttentionCase(0, 3, 8));
        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Equals_the_obvious_computation(AttentionCase shape)
    {
        using var pool = new WorkerPool(2);
        using var problem = new AttentionProblem(shape);
        problem.Run(pool);
        var expected = problem.Expected();
        for (var r = 0; r < Results.Length; r++)
        {
            Compare(problem, Results[r], expected[r], r == 0 ? 1e-5 : 1e-4);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Touches_nothing_before_its_tensors(AttentionCase shape)
    {
        using var pool = new WorkerPool(2);
        using var after = new AttentionProblem(shape);
        using var before = new AttentionProblem(shape, GuardSide.Before);
        after.Run(pool);
        before.Run(pool);
        foreach (var tensor in Results)
        {
            AssertBits(after.Copy(tensor), before.Copy(tensor));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Huge_logits_stay_finite(bool causal)
    {
        using var pool = new WorkerPool(1);
        using var problem = new AttentionProblem(new AttentionCase(130, 130, 64, Causal: causal, Logits: 1000f));
        problem.Run(pool);
        var expected = problem.Expected();
        Compare(problem, Output, expected[0], 1e-2);
        foreach (var tensor in Results)
        {
            Assert.All(problem.Copy(tensor), value => Assert.True(float.IsFinite(value)));
        }
    }

    [Fact]
    public void A_query_that_sees_nothing_gives_zeros()
    {
        using var pool = new WorkerPool(1);
        using var problem = new AttentionProblem(new AttentionCase(100, 60, 24, Causal: true, Window: 5, Offset: -10));
        problem.Run(pool);
        for (var i = 0; i < 100; i++)
        {
            var sees = Enumerable.Range(0, 60).Any(j => problem.Sees(i, j));
            for (var d = 0; d < 24; d++)
            {
                Assert.Equal(!sees, problem.At(Output, 0, 0, i, d) == 0f);
                Assert.True(sees || problem.At(5, 0, 0, i, d) == 0f);
            }
        }
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 8)]
    [InlineData(5, 2)]
    public void Bits_do_not_depend_on_threads(int batch, int heads)
    {
        float[][]? first = null;
        foreach (var threads in new[] { 1, 2, 3, 7 })
        {
            using var pool = new WorkerPool(threads);
            using var problem = new AttentionProblem(new AttentionCase(150, 150, 40, batch, heads, heads, Causal: true));
            problem.Run(pool);
            var bits = Array.ConvertAll(Results, problem.Copy);
            first ??= bits;
            for (var r = 0; r < bits.Length; r++)
            {
                AssertBits(first[r], bits[r]);
            }
        }
    }

    [Fact]
    public unsafe void A_sequence_alone_equals_itself_in_a_batch()
    {
        using var pool = new WorkerPool(2);
        using var problem = new AttentionProblem(new AttentionCase(90, 90, 48, Batch: 3, Heads: 4, KeyHeads: 2, Causal: true, Window: 33));
        problem.Run(pool);
        var together = Array.ConvertAll(Results, problem.Copy);
        var alone = problem.Arguments;
        var (query, key) = (problem.Strides(0).Batch * 2, problem.Strides(1).Batch * 2);
        alone.Batch = 1;
        alone.Query += query;
        alone.Output += query;
        alone.OutputGradient += query;
        alone.QueryGradient += query;
        alone.Key += key;
        alone.Value += key;
        alone.KeyGradient += key;
        alone.ValueGradient += key;
        FlashAttention.Forward(pool, alone);
        FlashAttention.Backward(pool, alone);
        for (var r = 0; r < Results.Length; r++)
        {
            AssertBits(together[r], problem.Copy(Results[r]));
        }
    }

    [Theory]
    [InlineData(true, 0, 64, false)]
    [InlineData(true, 50, 64, true)]
    [InlineData(true, 0, 40, false)]
    [InlineData(true, 130, 24, true)]
    [InlineData(false, 70, 16, false)]
    [InlineData(false, 0, 16, false)]
    public unsafe void One_query_from_a_cache_equals_itself_in_the_sequence(bool causal, int window, int size, bool fused)
    {
        using var pool = new WorkerPool(2);
        using var problem = new AttentionProblem(new AttentionCase(200, 200, size, Batch: 2, Heads: 4, KeyHeads: 2, Causal: causal, Window: window, Fused: fused));
        FlashAttention.Forward(pool, problem.Arguments);
        var together = problem.Copy(Output);
        foreach (var queries in new[] { 1, 3, 17 })
        {
            for (var i = 0; i + queries <= 200; i += queries + 1)
            {
                var alone = problem.Arguments;
                alone.LogSumExp = null;
                alone.QueryLength = queries;
                alone.KeyOffset = i;
                alone.KeyLength = causal ? i + queries : alone.KeyLength;
                alone.Query += i * alone.QueryTime;
                alone.Output += i * alone.OutputTime;
                FlashAttention.Forward(pool, alone);
            }

            AssertBits(together, problem.Copy(Output));
        }
    }

    [Fact]
    public void The_future_changes_nothing()
    {
        using var pool = new WorkerPool(2);
        using var problem = new AttentionProblem(new AttentionCase(140, 140, 32, Heads: 2, KeyHeads: 2, Causal: true));
        FlashAttention.Forward(pool, problem.Arguments);
        var before = problem.Copy(Output);
        for (var t = 138; t >= 0; t -= 23)
        {
            for (var d = 0; d < 32; d++)
            {
                problem.At(1, 0, 0, t + 1, d) = 5f;
                problem.At(2, 0, 0, t + 1, d) = -7f;
            }

            FlashAttention.Forward(pool, problem.Arguments);
            var after = problem.Copy(Output);
            AssertBits(before[..((t + 1) * 32)], after[..((t + 1) * 32)]);
            Assert.NotEqual(before[(t + 1) * 32], after[(t + 1) * 32]);
            before = after;
        }
    }

    private static void Compare(AttentionProblem problem, int tensor, double[,,,] expected, double tolerance)
    {
        // Values are of order one; a gradient that cancels to nothing is judged against a hundredth of that.
        var size = expected.Cast<double>().Select(Math.Abs).Append(1e-2).Max();
        var (worst, place) = (0.0, "");
        for (var b = 0; b < expected.GetLength(0); b++)
        {
            for (var h = 0; h < expected.GetLength(1); h++)
            {
                for (var t = 0; t < expected.GetLength(2); t++)
                {
                    for (var d = 0; d < expected.GetLength(3); d++)
                    {
                        var error = Math.Abs(problem.At(tensor, b, h, t, d) - expected[b, h, t, d]);
                        if (!(error <= worst))
                        {
                            (worst, place) = (double.IsNaN(error) ? double.PositiveInfinity : error, $"[{b}, {h}, {t}, {d}]");
                        }
                    }
                }
            }
        }

        Assert.True(worst <= tolerance * size, $"{AttentionProblem.Names[tensor]} of {problem.Case} is off by {worst} at {place}, largest value {size}");
    }

    private static void AssertBits(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual) =>
        Assert.True(MemoryMarshal.AsBytes(expected).SequenceEqual(MemoryMarshal.AsBytes(actual)), "the bits differ");
}
