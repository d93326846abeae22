// Indices outside their bounds: every operation that takes any names itself, the first bad index, where it stands and what
// it may be, on both backends and for both types of index; nothing is changed and nothing is left behind.
using Xunit;

namespace Umwelt.Tensors.Tests.Laws;

public sealed class IndexErrorTests
{
    private const int Bound = 5;
    private const int First = 4;

    private static readonly (string Name, Func<Tensor, Tensor, Tensor> Run)[] Operations =
    [
        ("take", static (x, indices) => x.Embedding(indices.Reshape(2, 3))),
        ("take", static (x, indices) => x.Transpose().IndexSelect(1, indices)),
        ("gather", static (x, indices) => x.Gather(0, indices.Reshape(2, 3))),
        ("gather", static (x, indices) => x.Transpose().Contiguous().Gather(-1, indices.Reshape(3, 2))),
        ("scatter add", static (x, indices) => x.ScatterAdd(0, indices.Reshape(2, 3), x.Slice(0, 0, 2))),
        ("cross-entropy", static (x, indices) => Logits(x).CrossEntropy(indices)),
        ("cross-entropy", static (x, indices) => Logits(x).CrossEntropyOfRows(indices)),
        ("cross-entropy", static (x, indices) => Logits(x).Reshape(2, 3, Bound).CrossEntropy(indices.Reshape(2, 3))),
    ];

    public static TheoryData<int, long, bool, bool> Cases
    {
        get
        {
            var cases = new TheoryData<int, long, bool, bool>();
            for (var operation = 0; operation < Operations.Length; operation++)
            {
                foreach (var index in (long[])[-1, Bound, int.MaxValue, int.MinValue])
                {
                    foreach (var isLong in (bool[])[false, true])
                    {
                        cases.Add(operation, index, isLong, false);
                        cases.Add(operation, index, isLong, true);
                    }
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_error_names_operation_index_position_and_bound_and_nothing_else_happens(int operation, long bad, bool isLong, bool isReference)
    {
        using var engine = new Engine(isReference ? new ReferenceBackend() : new CpuBackend(2));
        float[] elements = [.. Enumerable.Range(0, Bound * 3).Select(static i => (float)i)];
        var x = engine.Parameter(elements, [Bound, 3]);

        // The second bad one is not the one that is named.
        long[] values = [0, 4, 2, 3, bad, -2];
        var indices = isLong ? engine.From(values, [6]) : engine.From(Array.ConvertAll(values, static i => (int)i), [6]);
        var (tensors, bytes) = (engine.LiveTensors, engine.Backend.LiveBytes);
        var (name, run) = Operations[operation];
        var error = Assert.Throws<IndexException>(() =>
        {
            using var scope = engine.Scope();
            run(x, indices);
        });
        Assert.Equal($"{name}: index {bad} (element {First} of the indices) lies outside 0 to {Bound - 1}.", error.Message);
        Assert.Equal(tensors, engine.LiveTensors);
        Assert.Equal(bytes, engine.Backend.LiveBytes);
        Assert.Equal(elements, x.ToArray<float>());
        Assert.True(x.Gradient.IsDefault);

        // The engine goes on: good indices work, backwards too.
        using (engine.Scope())
        {
            run(x, engine.From([0, 4, 2, 3, 1, 1], [6])).Sum().Backward();
        }

        Assert.False(x.Gradient.IsDefault);
    }

    [Fact]
    public void Outside_a_scope_too_nothing_is_left_behind()
    {
        using var engine = new Engine(new CpuBackend(1));
        var x = engine.Zeros([3, Bound]);
        var indices = engine.From([1, 2, 9], [3]);
        var before = engine.LiveTensors;
        Assert.Throws<IndexException>(() => { _ = x.Transpose().Embedding(indices); });

        // The view is the caller's and still alive; the copy that the kernel needed, and the result, are gone.
        Assert.Equal(before + 1, engine.LiveTensors);
    }

    [Fact]
    public void Where_there_is_nothing_to_index_the_error_says_so()
    {
        foreach (var backend in (Backend[])[new ReferenceBackend(), new CpuBackend(1)])
        {
            using var engine = new Engine(backend);
            var error = Assert.Throws<IndexException>(() => { _ = engine.Zeros([0, 3]).Embedding(engine.From([0], [1])); });
            Assert.Contains("where there is none", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_ignored_target_is_no_bad_index_and_another_negative_one_is()
    {
        using var engine = new Engine(new CpuBackend(1));
        using var scope = engine.Scope();
        var logits = engine.Zeros([2, Bound]);
        Assert.Equal(MathF.Log(Bound), logits.CrossEntropy(engine.From([Tensor.IgnoredTarget, 1], [2])).Item(), 1e-6f);
        Assert.Throws<IndexException>(() => { _ = logits.CrossEntropy(engine.From([Tensor.IgnoredTarget, 1], [2]), ignored: -1); });
    }

    // [6, 5]
    private static Tensor Logits(Tensor x) => Tensor.Concatenate(0, x.Transpose(), x.Transpose());
}
