// What a recurrence promises to the time mixers built on it: cut anywhere and carried on it is the same sequence, values and
// gradients; steps are the parallel form; memory grows with the length alone; nothing tiny lingers; gates of any size work.
using Umwelt.Tensors.Tests.Operations;
using Xunit;

namespace Umwelt.Tensors.Tests.Laws;

public sealed class RecurrenceTests
{
    private const int Time = 150;

    public static TheoryData<string> Recurrences => ["linear attention", "mLSTM", "sLSTM", "selective scan", "causal convolution"];

    public static TheoryData<string, int> Cuts
    {
        get
        {
            var cuts = new TheoryData<string, int>();
            foreach (var name in Recurrences.Select(static row => row.Data))
            {
                foreach (var cut in (int[])[0, 1, 63, 64, 65, 101, 149])
                {
                    cuts.Add(name, cut);
                }
            }

            return cuts;
        }
    }

    [Theory]
    [MemberData(nameof(Cuts))]
    public void A_sequence_cut_anywhere_and_carried_on_is_the_whole(string name, int cut) =>
        Same(Run(name, Time, Time), Run(name, Time, cut, Time));

    [Theory]
    [MemberData(nameof(Recurrences))]
    public void Steps_are_the_parallel_form(string name) =>
        Same(Run(name, Time, Time), Run(name, Time, [.. Enumerable.Range(1, Time)]));

    [Theory]
    [MemberData(nameof(Recurrences))]
    public void A_thousand_moments_in_pieces_of_64_are_the_whole(string name) =>
        Same(Run(name, 1000, 1000), Run(name, 1000, [.. Enumerable.Range(1, 15).Select(static i => i * 64), 1000]));

    [Theory]
    [MemberData(nameof(Recurrences))]
    public void The_last_gradients_of_answers_and_state_are_the_sum_of_each_alone(string name)
    {
        var both = Run(name, 70, [70], answers: true, state: true);
        var answers = Run(name, 70, [70], answers: true, state: false);
        var state = Run(name, 70, [70], answers: false, state: true);
        for (var i = 0; i < both.Gradients.Count; i++)
        {
            var sum = answers.Gradients[i].Zip(state.Gradients[i], static (a, b) => a + b);
            Close(both.Gradients[i], [.. sum], $"gradient {i}");
        }
    }

    [Theory]
    [MemberData(nameof(Recurrences))]
    public void Memory_is_linear_in_the_length(string name)
    {
        var (small, large) = (Peak(name, 512), Peak(name, 1024));
        Assert.InRange(large, small, 2.2 * small);
    }

    [Theory]
    [MemberData(nameof(Recurrences))]
    [Trait("Category", "Allocation")]
    public void A_step_leaves_nothing_to_the_garbage_collector(string name)
    {
        using var engine = new Engine(new CpuBackend(2));
        using var outer = engine.Scope();
        using var noGradient = engine.NoGradient();
        var problem = new Problem(name, engine, 1, isExtreme: false);
        var (_, state) = problem.Apply(0, 1, []);
        var least = long.MaxValue;
        for (var i = 0; i < 120; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            problem.Step(state);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(70)]
    public void A_memory_that_is_overwritten_becomes_what_a_new_one_would_hold(int time)
    {
        foreach (var backend in (Backend[])[new CpuBackend(2), new ReferenceBackend()])
        {
            using var engine = new Engine(backend);
            using var scope = engine.Scope();
            using var noGradient = engine.NoGradient();
            Tensor query = Normal(engine, 1, 3, time, 2, 20), key = Normal(engine, 2, 3, time, 2, 20), value = Normal(engine, 3, 3, time, 2, 33);
            Tensor input = Normal(engine, 4, 3, time, 2), forget = Normal(engine, 5, 3, time, 2);
            var before = new MatrixLstmState(Normal(engine, 6, 3, 2, 20, 33), Normal(engine, 7, 3, 2, 20), Normal(engine, 8, 3, 2));
            var expected = query.MatrixLstm(key, value, input, forget, before, out var after).ToArray<double>();
            Operations.Same.Bits(expected, query.MatrixLstmInPlace(key, value, input, forget, before).ToArray<double>(), $"{backend.Name}: answers");
            Operations.Same.Bits(after.Memory.ToArray<double>(), before.Memory.ToArray<double>(), $"{backend.Name}: memory");
            Operations.Same.Bits(after.Normaliser.ToArray<double>(), before.Normaliser.ToArray<double>(), $"{backend.Name}: normaliser");
            Operations.Same.Bits(after.Stabiliser.ToArray<double>(), before.Stabiliser.ToArray<double>(), $"{backend.Name}: stabiliser");
            Assert.Throws<ShapeException>(() => query.MatrixLstmInPlace(key, value, input, forget, before with { Memory = before.Normaliser }));
        }

        static Tensor Normal(Engine engine, long seed, params ReadOnlySpan<int> shape)
        {
            var values = new float[Shape.Of(shape).Count];
            Umwelt.Storage.RandomStream.Of(seed).FillNormal(values);
            return engine.From(values, Shape.Of(shape));
        }
    }

    [Theory]
    [InlineData("mLSTM")]
    [InlineData("sLSTM")]
    public void Gates_of_fifty_either_way_stay_finite(string name)
    {
        var outcome = Run(name, 300, [300], isExtreme: true);
        Assert.All(outcome.Answers, static x => Assert.True(float.IsFinite(x)));
        Assert.All(outcome.Gradients, static gradient => Assert.All(gradient, static x => Assert.True(float.IsFinite(x))));
        Assert.Contains(outcome.Answers, static x => MathF.Abs(x) > 0.01f);
    }

    [Theory]
    [InlineData(95)]
    [InlineData(1)]
    public void States_too_small_for_normal_numbers_become_zero(int pieces)
    {
        // e^−95 lies between the least denormal and the least normal number.
        using var engine = new Engine(new CpuBackend(1));
        using var scope = engine.Scope();
        var (memory, state) = (engine.Ones([1, 1, 4, 4]), engine.Ones([1, 4, 4]));
        var length = 95 / pieces;
        for (var i = 0; i < pieces; i++)
        {
            var zeros = engine.Zeros([1, length, 1, 4]);
            zeros.LinearAttention(zeros, zeros, engine.Full([1, length, 1], -1), default, memory, out memory);
            var flat = zeros.Reshape(1, length, 4);
            flat.SelectiveScan(engine.Ones([1, length, 4]), engine.Full([4, 4], -1), flat, flat, state, out state);
        }

        Assert.All(memory.ToArray<float>(), static x => Assert.Equal(0f, x));
        Assert.All(state.ToArray<float>(), static x => Assert.Equal(0f, x));
    }

    [Fact]
    public void What_is_forgotten_outright_leaves_no_trace()
    {
        using var engine = new Engine(new CpuBackend(1));
        using var scope = engine.Scope();
        var random = new RowRandom("forgotten");
        Tensor Draw(params int[] lengths) => engine.From<double>([.. Enumerable.Range(0, (int)Shape.Of(lengths).Count).Select(_ => random.Next() - 0.5)], Shape.Of(lengths));
        var (q, k, v) = (Draw(1, 80, 1, 4), Draw(1, 80, 1, 4), Draw(1, 80, 1, 4));
        var decay = new double[80];
        decay[20] = double.NegativeInfinity;
        var y = q.LinearAttention(k, v, engine.From<double>(decay, [1, 80, 1])).Slice(1, 20, 60).ToArray<float>();
        var alone = q.Slice(1, 20, 60).LinearAttention(k.Slice(1, 20, 60), v.Slice(1, 20, 60), engine.Zeros([1, 60, 1])).ToArray<float>();
        Close(alone, y, "after the reset");
    }

    private static void Same(Outcome expected, Outcome actual)
    {
        Close(expected.Answers, actual.Answers, "answers");
        Assert.Equal(expected.Gradients.Count, actual.Gradients.Count);
        for (var i = 0; i < expected.Gradients.Count; i++)
        {
            Close(expected.Gradients[i], actual.Gradients[i], $"gradient {i}");
        }
    }

    private static void Close(float[] expected, float[] actual, string what) =>
        Operations.Same.Within([.. expected.Select(static x => (double)x)], [.. actual.Select(static x => (double)x)], 1e-4, what);

    private static Outcome Run(string name, int time, params int[] ends) => Run(name, time, ends, answers: true);

    private static Outcome Run(string name, int time, int[] ends, bool answers = true, bool state = true, bool isExtreme = false)
    {
        using var engine = new Engine(new CpuBackend(2));
        using var scope = engine.Scope();
        var problem = new Problem(name, engine, time, isExtreme);
        var parts = new List<Tensor>();
        Tensor[] carried = [];
        var start = 0;
        foreach (var end in ends)
        {
            (var y, carried) = problem.Apply(start, end - start, carried);
            parts.Add(y);
            start = end;
        }

        var whole = Tensor.Concatenate(1, [.. parts]);
        var loss = engine.Zeros([]);
        if (answers)
        {
            loss += (whole * problem.Weights(whole.Shape)).Sum();
        }

        if (state)
        {
            // The last part of a stabilised state is its scale, which means nothing by itself.
            loss += problem.Meaning(carried).Sum();
        }

        loss.Backward();
        return new Outcome(whole.ToArray<float>(), [.. problem.Leaves.Select(static x => x.Gradient.IsDefault ? new float[x.Count] : x.Gradient.ToArray<float>())]);
    }

    private static double Peak(string name, int time)
    {
        using var engine = new Engine(new CpuBackend(1));
        using var scope = engine.Scope();
        var problem = new Problem(name, engine, time, isExtreme: false);
        engine.Backend.ResetPeak();
        var before = engine.Backend.LiveBytes;
        var (y, _) = problem.Apply(0, time, []);
        y.Sum().Backward();
        return engine.Backend.PeakBytes - before;
    }

    private sealed record Outcome(float[] Answers, IReadOnlyList<float[]> Gradients);

    /// <summary>Operands of one recurrence, and how to run a piece of it.</summary>
    private sealed class Problem
    {
        private const int Batch = 2;
        private const int Heads = 2;
        private const int Size = 8;
        private readonly string _name;
        private readonly Engine _engine;
        private readonly RowRandom _random;

        public Problem(string name, Engine engine, int time, bool isExtreme)
        {
            _name = name;
            _engine = engine;
            _random = new RowRandom(name);
            var reach = isExtreme ? 50 : 2;
            Leaves = name switch
            {
                "linear attention" => [Rows(time), Rows(time), Rows(time), Draw(-0.5, 0, Batch, time, Heads), Draw(-1, 0, Batch, time, Heads)],
                "mLSTM" => [Rows(time), Rows(time), Rows(time), Draw(-reach, reach, Batch, time, Heads), Draw(isExtreme ? -50 : -0.5, 0, Batch, time, Heads)],
                "sLSTM" => [Draw(-reach, reach, Batch, time, 4, Heads, Size), Draw(-0.3, 0.3, 4, Heads, Size, Size)],
                "selective scan" =>
                [
                    Draw(-1, 1, Batch, time, Size), Draw(0.01, 0.2, Batch, time, Size), Draw(-4, -0.1, Size, 4), Draw(-1, 1, Batch, time, 4), Draw(-1, 1, Batch, time, 4),
                ],
                _ => [Draw(-1, 1, Batch, time, Size), Draw(-1, 1, 4, Size)],
            };
        }

        public Tensor[] Leaves { get; }

        public (Tensor Answers, Tensor[] State) Apply(int start, int length, Tensor[] state)
        {
            Tensor Cut(int leaf) => Leaves[leaf].Slice(1, start, length);
            Tensor State(int part) => part < state.Length ? state[part] : default;
            switch (_name)
            {
                case "linear attention":
                    return (Cut(0).LinearAttention(Cut(1), Cut(2), Cut(3), Cut(4), State(0), out var memory), [memory]);
                case "mLSTM":
                    var before = new MatrixLstmState(State(0), State(1), State(2));
                    var y = Cut(0).MatrixLstm(Cut(1), Cut(2), Cut(3), Cut(4), before, out var after);
                    return (y, [after.Memory, after.Normaliser, after.Stabiliser]);
                case "sLSTM":
                    return (Cut(0).ScalarLstm(Leaves[1], State(0), out var cell), [cell]);
                case "selective scan":
                    return (Cut(0).SelectiveScan(Cut(1), Leaves[2], Cut(3), Cut(4), State(0), out var h), [h]);
                default:
                    return (Cut(0).CausalConvolve(Leaves[1], default, State(0)), [Cut(0).CausalHistory(4, State(0))]);
            }
        }

        /// <summary>One moment into nothing, with no array or closure of its own.</summary>
        public void Step(Tensor[] state)
        {
            using var scope = _engine.Scope();
            switch (_name)
            {
                case "linear attention":
                    Leaves[0].LinearAttention(Leaves[1], Leaves[2], Leaves[3], Leaves[4], state[0], out _);
                    break;
                case "mLSTM":
                    Leaves[0].MatrixLstm(Leaves[1], Leaves[2], Leaves[3], Leaves[4], new MatrixLstmState(state[0], state[1], state[2]), out _);
                    break;
                case "sLSTM":
                    Leaves[0].ScalarLstm(Leaves[1], state[0], out _);
                    break;
                case "selective scan":
                    Leaves[0].SelectiveScan(Leaves[1], Leaves[2], Leaves[3], Leaves[4], state[0], out _);
                    break;
                default:
                    Leaves[0].CausalConvolve(Leaves[1], default, state[0]);
                    Leaves[0].CausalHistory(4, state[0]);
                    break;
            }
        }

        public Tensor Weights(Shape shape) => _engine.From<double>(OperationRunner.Weights(shape.Count), shape);

        public Tensor Meaning(Tensor[] state) => _name switch
        {
            "mLSTM" => state[0] * state[2].Exp().Unsqueeze(-1).Unsqueeze(-1),
            "sLSTM" => (state[0].Slice(1, 0, 2) * state[0].Slice(1, 3, 1).Exp()) + state[0].Slice(1, 2, 1),
            _ => state[0] * 0.5f,
        };

        private Tensor Rows(int time) => Draw(-1, 1, Batch, time, Heads, Size);

        private Tensor Draw(double low, double high, params int[] lengths)
        {
            var shape = Shape.Of(lengths);
            var x = _engine.From<double>([.. Enumerable.Range(0, (int)shape.Count).Select(_ => low + (_random.Next() * (high - low)))], shape);
            x.RequiresGradient = true;
            return x;
        }
    }
}
