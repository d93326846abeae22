// Laws of the optimisers: each moves parameters as the same formulas written plainly in double do, on the reference exactly
// and on the CPU within rounding, and one that was saved and loaded goes on as if it had never stopped.
using Umwelt.Tensors.Optimisers;
using Xunit;

namespace Umwelt.Tensors.Tests.Optimisers;

public sealed class OptimiserTests
{
    public static TheoryData<string> Kinds => ["AdamW", "Muon", "SGD", "SGD with momentum", "SGD with Nesterov's momentum"];

    [Fact]
    public void AdamW_moves_as_its_formulas_say()
    {
        double[] p = [1, -2, 0.5, 3], m = new double[4], v = new double[4];
        var options = new AdamWOptions { LearningRate = 0.05f, WeightDecay = 0.1f };
        var moved = Train(new ReferenceBackend(), 6, groups => new AdamW(groups, options));
        for (var step = 1; step <= 6; step++)
        {
            for (var i = 0; i < p.Length; i++)
            {
                var g = Slope(i, p[i]);
                m[i] = (options.Beta1 * (double)m[i]) + ((1 - (double)options.Beta1) * g);
                v[i] = (options.Beta2 * (double)v[i]) + ((1 - (double)options.Beta2) * g * g);
                var (mean, square) = (m[i] / (1 - Math.Pow(options.Beta1, step)), v[i] / (1 - Math.Pow(options.Beta2, step)));
                p[i] -= options.LearningRate * ((mean / (Math.Sqrt(square) + options.Epsilon)) + (options.WeightDecay * p[i]));
            }
        }

        Close(p, moved, 1e-6);
    }

    [Theory]
    [InlineData(0f, false)]
    [InlineData(0.9f, false)]
    [InlineData(0.9f, true)]
    public void Gradient_descent_moves_as_its_formulas_say(float momentum, bool nesterov)
    {
        double[] p = [1, -2, 0.5, 3], velocity = new double[4];
        var options = new SgdOptions { LearningRate = 0.02f, Momentum = momentum, Nesterov = nesterov, WeightDecay = 0.1f };
        var moved = Train(new ReferenceBackend(), 6, groups => new Sgd(groups, options));
        for (var step = 1; step <= 6; step++)
        {
            for (var i = 0; i < p.Length; i++)
            {
                var g = Slope(i, p[i]) + (options.WeightDecay * p[i]);
                velocity[i] = (momentum * velocity[i]) + g;
                p[i] -= options.LearningRate * (nesterov ? g + (momentum * velocity[i]) : velocity[i]);
            }
        }

        Close(p, moved, 1e-6);
    }

    [Fact]
    public void Muon_takes_hidden_matrices_and_leaves_the_rest_to_AdamW()
    {
        using var engine = new Engine(new ReferenceBackend());
        var hidden = engine.Parameter(new float[6], [2, 3]);
        var (bias, table) = (engine.Parameter(new float[3], [3]), engine.Parameter(new float[6], [2, 3]));
        using var muon = new Muon([new([new("hidden", hidden), new("bias", bias)]), new([new("table", table)]) { IsHidden = false }]);
        Assert.Equal(
            ["bias.first", "bias.second", "gradient_scale", "hidden.momentum", "learning_rate", "steps", "table.first", "table.second"],
            muon.State.Keys.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_loaded_optimiser_goes_on_as_if_never_stopped(string kind)
    {
        using var engine = new Engine(new CpuBackend(2));
        var (a, never) = Make(engine, kind);
        var (b, stopped) = Make(engine, kind);
        for (var step = 0; step < 3; step++)
        {
            Descend(a, never);
            Descend(b, stopped);
        }

        var (c, resumed) = Make(engine, kind);
        resumed.Load(stopped.State);
        using (engine.NoGradient())
        {
            c.CopyFrom(b);
        }

        stopped.Dispose();
        b.Dispose();
        for (var step = 0; step < 4; step++)
        {
            Descend(a, never);
            Descend(c, resumed);
        }

        Assert.Equal(a.ToArray<float>(), c.ToArray<float>());
        foreach (var (name, tensor) in never.State)
        {
            Assert.Equal(tensor.ToArray<float>(), resumed.State[name].ToArray<float>());
        }

        never.Dispose();
        resumed.Dispose();
        a.Dispose();
        c.Dispose();
        Assert.Equal(0, engine.LiveTensors);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Devices_agree_within_rounding(string kind)
    {
        using var reference = new Engine(new ReferenceBackend());
        using var cpu = new Engine(new CpuBackend(2));
        var (expected, inDouble) = Make(reference, kind);
        var (actual, onCpu) = Make(cpu, kind);
        for (var step = 0; step < 5; step++)
        {
            Descend(expected, inDouble);
            Descend(actual, onCpu);
        }

        Close(expected.ToArray<double>(), actual.ToArray<double>(), 2e-4);
    }

    [Fact]
    public void Clipping_scales_all_gradients_by_one_number()
    {
        using var engine = new Engine(new ReferenceBackend());
        var (x, y) = (engine.Parameter([3f, 0f], [2]), engine.Parameter([4f], [1]));
        using var optimiser = new Sgd([new([new("x", x), new("y", y)])], new SgdOptions { LearningRate = 1 });
        using (engine.Scope())
        {
            ((x.Square().Sum() + y.Square().Sum()) * 0.5f).Backward();
        }

        optimiser.ClipGradients(1);
        Assert.Equal(5, optimiser.Norm.Item(), 1e-5);
        optimiser.Step();
        Close([3 - 0.6, 0], x.ToArray<double>(), 1e-6);
        Close([4 - 0.8], y.ToArray<double>(), 1e-6);
        optimiser.ClipGradients(100);
        Assert.Equal(1, optimiser.GradientScale.Item());
        Assert.Null(optimiser.FirstNotFinite());
    }

    [Fact]
    public void A_gradient_that_is_not_finite_is_named()
    {
        using var engine = new Engine(new CpuBackend(1));
        var (x, y) = (engine.Parameter([1f], [1]), engine.Parameter([0f], [1]));
        using var optimiser = new AdamW([new([new("good", x), new("bad", y)])]);
        using (engine.Scope())
        {
            (x + (y / y)).Sum().Backward();
        }

        Assert.False(float.IsFinite(optimiser.MeasureGradients().Item()));
        Assert.Equal("bad", optimiser.FirstNotFinite());
    }

    [Fact]
    public void Groups_scale_learning_rate_and_decay()
    {
        using var engine = new Engine(new ReferenceBackend());
        var (x, y) = (engine.Parameter([1f], [1]), engine.Parameter([1f], [1]));
        var options = new SgdOptions { LearningRate = 0.5f, WeightDecay = 0.25f };
        using var optimiser = new Sgd([new([new("x", x)]), new([new("y", y)]) { RateScale = 0.5f, DecayScale = 0 }], options);
        using (engine.Scope())
        {
            (x + y).Sum().Backward();
        }

        optimiser.Step();
        Assert.Equal(1 - (0.5 * 1.25), x.Item(), 1e-6);
        Assert.Equal(1 - (0.25 * 1), y.Item(), 1e-6);
    }

    [Fact]
    public void A_state_that_does_not_fit_is_refused_by_name()
    {
        using var engine = new Engine(new ReferenceBackend());
        using var optimiser = new AdamW([new([new("x", engine.Parameter([1f], [1]))])]);
        var state = new Dictionary<string, Tensor>(optimiser.State, StringComparer.Ordinal);
        state.Remove("x.second");
        Assert.Contains("x.second", Assert.Throws<ArgumentException>(() => optimiser.Load(state)).Message, StringComparison.Ordinal);
        state["x.second"] = engine.Zeros([2]);
        Assert.Contains("x.second", Assert.Throws<ShapeException>(() => optimiser.Load(state)).Message, StringComparison.Ordinal);
    }

    // The loss whose gradient is Slope: Σ cosh-like bowls of different widths.
    private static double Slope(int i, double x) => (i + 1) * (x - 0.3);

    private static double[] Train(Backend backend, int steps, Func<IReadOnlyList<ParameterGroup>, Optimiser> make)
    {
        using var engine = new Engine(backend);
        var p = engine.Parameter([1f, -2f, 0.5f, 3f], [4]);
        using var optimiser = make([new([new("p", p)])]);
        for (var step = 0; step < steps; step++)
        {
            optimiser.ClearGradients();
            using var scope = engine.Scope();
            ((p - 0.3f).Square() * engine.From([0.5f, 1f, 1.5f, 2f], [4])).Sum().Backward();
            optimiser.Step();
        }

        return p.ToArray<double>();
    }

    private static (Tensor Parameter, Optimiser Optimiser) Make(Engine engine, string kind)
    {
        using var scope = engine.Scope();
        var stream = Storage.RandomStream.Of(1, 2);
        var parameter = engine.Parameter(engine.RandomNormal([33, 7], ref stream).ToArray<float>(), [33, 7]);
        ParameterGroup[] groups = [new([new("p", parameter)]) { RateScale = 0.5f }];
        return (parameter, kind switch
        {
            "AdamW" => new AdamW(groups),
            "Muon" => new Muon(groups, new MuonOptions { WeightDecay = 0.1f }),
            "SGD" => new Sgd(groups),
            "SGD with momentum" => new Sgd(groups, new SgdOptions { Momentum = 0.9f, WeightDecay = 0.1f }),
            _ => new Sgd(groups, new SgdOptions { Momentum = 0.9f, Nesterov = true }),
        });
    }

    private static void Descend(Tensor parameter, Optimiser optimiser)
    {
        var engine = parameter.Engine;
        optimiser.ClearGradients();
        using var scope = engine.Scope();
        (parameter.MatMul(parameter.Transpose()).Square().Mean() + parameter.Sin().Sum()).Backward();
        optimiser.ClipGradients(2);
        optimiser.Step();
    }

    private static void Close(double[] expected, double[] actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], actual[i], tolerance);
        }
    }
}
