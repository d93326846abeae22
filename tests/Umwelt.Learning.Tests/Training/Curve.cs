// Something small to train: two numbers to be told from two others, one of them not in every row, so that parts of a batch have
// different counts. It carries a sum from step to step when asked to.
using System.Globalization;
using Umwelt.Networks;
using Umwelt.Storage;
using Umwelt.Tensors;

namespace Umwelt.Learning.Tests.Training;

internal sealed record CurveBatch(float[] X, float[] Y, float[] Z, float[] Has);

internal sealed class CurveBatches : IBatches<CurveBatch>
{
    private long _drawn;

    public string State => _drawn.ToString(CultureInfo.InvariantCulture);

    public void Restore(string state) => _drawn = long.Parse(state, CultureInfo.InvariantCulture);

    public CurveBatch Next(in BatchRequest request)
    {
        var batch = new CurveBatch(new float[request.Rows * 2], new float[request.Rows], new float[request.Rows], new float[request.Rows]);
        for (var i = 0; i < request.Rows; i++)
        {
            // What was drawn before plays a part, so a wrong position would show.
            var stream = RandomStream.Of(7, request.Step, request.First + i, request.First == 0 && i == 0 ? _drawn : 0);
            var (a, b) = (stream.NextNormal(), stream.NextNormal());
            (batch.X[2 * i], batch.X[(2 * i) + 1]) = (a, b);
            batch.Y[i] = MathF.Sin(a) + b;
            batch.Z[i] = 1000 * a * b;
            batch.Has[i] = stream.NextSingle() < 0.4f ? 1 : 0;
        }

        _drawn += request.Rows;
        return batch;
    }
}

internal sealed class CurveLearner : Learner<CurveBatch>, IDisposable
{
    private readonly Linear _hidden;
    private readonly Linear _gate;
    private readonly Linear _out;
    private readonly Tensor _carried;
    private float _next;

    public CurveLearner(Engine engine, bool carries = false)
        : base(new ParameterTree(engine, 5), ["y", "z"])
    {
        CarriesState = carries;
        _hidden = new Linear(Parameters.Under("hidden"), 2, 16, bias: true);
        _gate = new Linear(Parameters.Under("gate"), 16, 16, bias: true);
        _out = new Linear(Parameters.Under("out"), 16, 2, bias: true);
        _carried = engine.Zeros([1]).Hold();
    }

    public override bool CarriesState { get; }

    public float Carried => _carried.Item();

    public Tensor Gate => _gate.Weight;

    /// <summary>Overwrites the first so many rows of the gate's weight.</summary>
    public void FillGate(double value, int rows = 16)
    {
        using var noGradient = Parameters.Engine.NoGradient();
        using var scope = Parameters.Engine.Scope();
        Gate.Slice(0, 0, rows).Fill(value);
    }

    public float[] Weights => [.. Parameters.Parameters.SelectMany(parameter => parameter.Value.ToArray<float>())];

    public float[] Gradients => [.. Parameters.Parameters.SelectMany(parameter => parameter.Value.Gradient.ToArray<float>())];

    public override void Count(CurveBatch batch, Span<double> counts) => (counts[0], counts[1]) = (batch.Y.Length, batch.Has.Sum());

    public override void Sum(CurveBatch batch, Span<Tensor> sums)
    {
        var engine = Parameters.Engine;
        var rows = batch.Y.Length;
        var hidden = _hidden.Apply(engine.From(batch.X, [rows, 2])).Tanh();
        var said = _out.Apply(hidden * _gate.Apply(hidden).Exp());
        var y = said.Select(1, 0) - engine.From(batch.Y, [rows]);
        var z = (said.Select(1, 1) - engine.From(batch.Z, [rows])) * engine.From(batch.Has, [rows]);
        sums[0] = y.Square().Sum() * (CarriesState ? 1 + (0.01f * MathF.Tanh(Carried)) : 1);
        sums[1] = batch.Has.Sum() > 0 ? z.Abs().Sum() : default;
        _next = Carried + batch.Y[0];
    }

    public override void Advance() => _carried.Fill(_next);

    public override void SaveCarried(string path) => TensorFile.Save(path, [KeyValuePair.Create("carried", _carried)]);

    public override void LoadCarried(string path) => TensorFile.Load(path, [KeyValuePair.Create("carried", _carried)]);

    public void Dispose()
    {
        _carried.Dispose();
        Parameters.Dispose();
    }
}

/// <summary>A whole run of it.</summary>
internal sealed class CurveRun : IDisposable
{
    public static TrainerOptions Options { get; } = new()
    {
        Steps = 40,
        Rate = 0.01,
        WarmUp = 4,
        BatchSize = new StagedSchedule([new Stage(0, 6), new Stage(0.5, 10)]),
        Portion = 4,
        Average = 0.9,
        Balance = true,
        EvaluateEvery = 8,
        CheckpointEvery = 5,
    };

    private readonly Engine _engine = new(new CpuBackend(1));

    public CurveRun(TrainerOptions options, string? folder = null, params IReadOnlyList<TrainingObserver> observers)
    {
        Learner = new CurveLearner(_engine, carries: true);
        Optimiser = new OptimiserOptions().Create(Learner.Parameters);
        Trainer = new Trainer<CurveBatch>(Learner, new CurveBatches(), Optimiser, options)
        {
            Checkpoints = folder is null ? null : new Checkpoints(folder),
            Evaluate = () => [new("size", Learner.Weights.Sum(weight => Math.Abs((double)weight)))],
            Sample = step => string.Create(CultureInfo.InvariantCulture, $"{step}: {Learner.Weights[0]:R}"),
            Observers = observers,
        };
    }

    public CurveLearner Learner { get; }

    public Tensors.Optimisers.Optimiser Optimiser { get; }

    public Trainer<CurveBatch> Trainer { get; }

    /// <summary>Everything a run consists of, to the last bit.</summary>
    public float[] Everything =>
    [
        .. Learner.Weights,
        .. Optimiser.State.OrderBy(entry => entry.Key, StringComparer.Ordinal).SelectMany(entry => entry.Value.ToArray<float>()),
        .. Trainer.Average!.Tensors.OrderBy(entry => entry.Key, StringComparer.Ordinal).SelectMany(entry => entry.Value.ToArray<float>()),
        Learner.Carried,
    ];

    public void Dispose()
    {
        Trainer.Dispose();
        Optimiser.Dispose();
        Learner.Dispose();
        _engine.Dispose();
    }
}

/// <summary>Keeps what a run says of itself; can stop it.</summary>
internal sealed class Witness(CancellationTokenSource? stop = null, long stopAt = -1) : TrainingObserver
{
    public long StopAt { get; set; } = stopAt;

    public List<TrainingStep> Steps { get; } = [];

    public List<string> Samples { get; } = [];

    public List<string> Notes { get; } = [];

    public List<(long Step, double Value)> Scores { get; } = [];

    public string? Failure { get; private set; }

    public override void Stepped(TrainingStep step)
    {
        Steps.Add(step);
        if (step.Step == StopAt)
        {
            stop!.Cancel();
        }
    }

    public override void Sampled(long step, string text) => Samples.Add(text);

    public override void Noted(long step, string text) => Notes.Add(text);

    public override void Evaluated(long step, IReadOnlyList<KeyValuePair<string, double>> figures) => Scores.Add((step, figures[0].Value));

    public override void Ended(long step, string? failure) => Failure = failure;
}
