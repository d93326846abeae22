// The loop that trains: draw a batch, add up gradients part by part, clip, step, average; now and then measure, sample and keep.
// It receives its parts. A step is a function of the checkpoint before it, so a run that is resumed is the run never stopped.
using System.Diagnostics;
using Umwelt.Learning.Internal;
using Umwelt.Storage;
using Umwelt.Tensors;
using Umwelt.Tensors.Optimisers;

namespace Umwelt.Learning;

/// <summary>Trains a model.</summary>
/// <typeparam name="TBatch">What it learns from.</typeparam>
public sealed partial class Trainer<TBatch> : IDisposable
{
    private readonly Learner<TBatch> _learner;
    private readonly IBatches<TBatch> _batches;
    private readonly Optimiser _optimiser;
    private readonly TrainerOptions _options;
    private readonly Engine _engine;
    private readonly LossScales _scales;
    private (long Step, double Value)? _score;
    private long _moments;
    private double _secondsBefore;
    private Stopwatch _clock = new();

    /// <summary>A trainer of parts that stay the caller's.</summary>
    public Trainer(Learner<TBatch> learner, IBatches<TBatch> batches, Optimiser optimiser, TrainerOptions options)
    {
        ArgumentNullException.ThrowIfNull(learner);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        (_learner, _batches, _optimiser, _options) = (learner, batches, optimiser, options);
        _engine = learner.Parameters.Engine;
        _scales = new LossScales(learner.Losses.Length);
        Average = options.Average > 0 ? new WeightAverage(learner.Parameters, options.Average) : null;
    }

    /// <summary>How many steps are made.</summary>
    public long Step { get; private set; }

    /// <summary>The average of the weights, where the options ask for one.</summary>
    public WeightAverage? Average { get; }

    /// <summary>The best score so far.</summary>
    public double? BestScore { get; private set; }

    /// <summary>Where checkpoints go; without it none are kept.</summary>
    public Checkpoints? Checkpoints { get; init; }

    /// <summary>Measures the model, with averaged weights where there are some; the first figure is its score, less is better.</summary>
    public Func<IReadOnlyList<KeyValuePair<string, double>>>? Evaluate { get; init; }

    /// <summary>Shows what the model has learnt after so many steps: early ones too, which tell most.</summary>
    public Func<long, string>? Sample { get; init; }

    /// <summary>Who watches.</summary>
    public IReadOnlyList<TrainingObserver> Observers { get; init; } = [];

    /// <summary>Trains until the steps are made, or until it is cancelled, which keeps a checkpoint.</summary>
    /// <returns>Whether all steps are made.</returns>
    /// <exception cref="NotFiniteException">A step gave no number; the weights are those before it, on the disk is the last checkpoint.</exception>
    /// <exception cref="IOException">A checkpoint could not be written; those before it are whole.</exception>
    /// <exception cref="InvalidOperationException">The folder of checkpoints holds later ones, of a run that was not resumed.</exception>
    public bool Run(CancellationToken cancellation = default)
    {
        if (Checkpoints?.All is [.., var newest] && newest.Step > Step)
        {
            throw new InvalidOperationException($"{newest.Folder} is of a later step than {Step}: resume that run, or keep the checkpoints of this one in another folder.");
        }

        _clock = Stopwatch.StartNew();
        Tell(observer => observer.Began(Step, _options.Steps));
        try
        {
            while (Step < _options.Steps && !cancellation.IsCancellationRequested)
            {
                var made = MakeStep();
                Tell(observer => observer.Stepped(made));
                LookUp();
            }

            Save();
            Tell(observer => observer.Ended(Step, null));
            return Step >= _options.Steps;
        }
        catch (Exception error)
        {
            Fail(error.Message);
            throw;
        }
    }

    /// <summary>Releases the averages.</summary>
    public void Dispose() => Average?.Dispose();

    private TrainingStep MakeStep()
    {
        var progress = (double)Step / _options.Steps;
        var (rows, length) = (_options.BatchSize.WholeAt(progress), _options.Length.WholeAt(progress));
        var portion = _options.Portion > 0 ? _options.Portion : rows;
        var batches = new List<TBatch>();
        for (var first = 0; first < rows; first += portion)
        {
            batches.Add(_batches.Next(new BatchRequest(Step, progress, first, Math.Min(portion, rows - first), length)));
        }

        _optimiser.ClearGradients();
        var step = new LossStep<TBatch>(_learner, batches, Step);
        if (_options.Balance && !_scales.IsKnown)
        {
            step.Measure(_scales);
        }

        var losses = step.Backward(_options.Balance ? _scales : null);
        var norm = Clip();
        if (step.NotFinite(losses, norm) is { } problem)
        {
            var origin = step.OriginOfNotFinite(_options.Balance ? _scales : null);
            _optimiser.ClearGradients();
            throw new NotFiniteException(Step, problem, origin);
        }

        var rate = _options.Rate * _options.Schedule.At(Step);
        _optimiser.SetLearningRate((float)rate);
        _optimiser.Step();
        _optimiser.ClearGradients();
        _learner.Advance();
        Step++;
        _moments += (long)rows * length;
        Average?.Update(Step);
        _scales.Add(losses);
        return new TrainingStep(
            Step, _options.Steps, losses.Where(double.IsFinite).Sum(), [.. _learner.Losses.Zip(losses, KeyValuePair.Create)], rate, norm, rows, length, _moments, TimeSpan.FromSeconds(Seconds));
    }

    private float Clip()
    {
        if (_options.Clip > 0)
        {
            _optimiser.ClipGradients((float)_options.Clip);
        }
        else
        {
            _optimiser.GradientScale.Fill(1); // A checkpoint may hold that of a run that did clip.
            _optimiser.MeasureGradients();
        }

        return _optimiser.Norm.Item();
    }

    private void LookUp()
    {
        var isEnd = Step >= _options.Steps;
        var isBest = false;
        var isEarly = _options.EvaluateEvery >= 16 && Step < _options.EvaluateEvery && Step * 16 % _options.EvaluateEvery == 0 && long.IsPow2(Step * 16 / _options.EvaluateEvery);
        var evaluates = Evaluate is not null && (isEnd || IsDue(_options.EvaluateEvery));
        var samples = Sample is not null && (isEnd || isEarly || IsDue(_options.EvaluateEvery));
        if (evaluates || samples)
        {
            Average?.Exchange();
            try
            {
                isBest = LookAtModel(evaluates, samples);
            }
            finally
            {
                Average?.Exchange();
            }
        }

        if (isBest || IsDue(_options.CheckpointEvery))
        {
            Save();
        }
    }

    // Whether it is the best yet.
    private bool LookAtModel(bool evaluates, bool samples)
    {
        var isBest = false;
        if (evaluates && Evaluate!() is [var score, ..] figures)
        {
            isBest = score.Value < (BestScore ?? double.PositiveInfinity);
            BestScore = isBest ? score.Value : BestScore;
            _score = double.IsFinite(score.Value) ? (Step, score.Value) : null;
            Tell(observer => observer.Evaluated(Step, figures));
        }

        if (samples)
        {
            var text = Sample!(Step);
            Tell(observer => observer.Sampled(Step, text));
        }

        return isBest;
    }

    private bool IsDue(long every) => every > 0 && Step % every == 0;

    // A disk that is full fails observers too; why the run ended must not be hidden by what followed from it.
    private void Fail(string why)
    {
        foreach (var observer in Observers)
        {
            try
            {
                observer.Ended(Step, why);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                continue;
            }
        }
    }

    private void Tell(Action<TrainingObserver> what)
    {
        foreach (var observer in Observers)
        {
            what(observer);
        }
    }
}
