// A text model trained on a task by the trainer that trains everything else, and how often it is right on rows it has not
// seen. Rows longer than a window are read window by window, so that what is between them is the carried state alone.
using System.Globalization;
using Umwelt.Learning;
using Umwelt.Models;
using Umwelt.Networks;
using Umwelt.Networks.Text;
using Umwelt.Tensors;

namespace Umwelt.Sequences;

/// <summary>A model that learns, or has learnt, a task.</summary>
internal sealed class SequenceModel : IDisposable
{
    private const int FirstCharacter = 0x4e00; // A block of letters without combinations, long enough for any task.
    private const int FirstFresh = 1 << 20; // Rows before it decide when a training ends.
    private const int TokensAtOnce = 16384;
    private const int LongestAtOnce = 512;
    private readonly SequenceTask _task;
    private readonly SequenceTraining _training;

    private SequenceModel(SequenceTask task, SequenceTraining training, long seed, int threads)
    {
        (_task, _training) = (task, training);
        Engine = new Engine(new CpuBackend(threads));
        Model = new TextModel(Engine, Tokenizer.OfCharacters(string.Concat(Enumerable.Range(FirstCharacter, task.Vocabulary).Select(character => (char)character))), training.Model, seed);
    }

    public Engine Engine { get; }

    public TextModel Model { get; }

    /// <summary>How many steps it learnt for.</summary>
    public long Steps { get; private set; }

    /// <summary>Trains a model until it is right often enough, or all steps are made.</summary>
    /// <param name="watch">Called after each step with the model.</param>
    public static SequenceModel Train(
        string name, SequenceTask task, SequenceTraining training, long seed, ExperimentOptions options, IProgress<string> progress, CancellationToken cancellation, Action<TextModel, TrainingStep>? watch = null)
    {
        var model = new SequenceModel(task, training, seed, options.Threads);
        using var solved = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var learner = new TextLearner(model.Model, training.CarriesState);
        using var optimiser = new OptimiserOptions { Decay = training.Decay }.Create(model.Model.Parameters);
        var length = training.MeasuredLength > 0 ? training.MeasuredLength : (int)training.Length.Most;
        var follow = new Follow($"{name}, seed {seed}", training.Enough, solved, progress, step => watch?.Invoke(model.Model, step));
        using var trainer = new Trainer<TextBatch>(learner, task, optimiser, training.Trainer(options.Scaled(training.Steps)))
        {
            Evaluate = () => [new("error", 1 - model.Accuracy(0, training.MeasuredRows, length, 0, carries: true))],
            Observers = [follow],
        };
        try
        {
            trainer.Run(solved.Token);
            cancellation.ThrowIfCancellationRequested();
        }
        catch
        {
            model.Dispose();
            throw;
        }

        model.Steps = trainer.Step;
        return model;
    }

    /// <summary>The share of answers that are right on fresh rows.</summary>
    /// <param name="rows">How many rows.</param>
    /// <param name="length">Moments of a row.</param>
    /// <param name="window">Moments read at once; 0 for as many as the model can well hold.</param>
    /// <param name="carries">Whether the state goes from window to window.</param>
    public double Accuracy(int rows, int length, int window = 0, bool carries = true) => Accuracy(FirstFresh, rows, length, window, carries);

    /// <summary>How far scores token by token are from scores of all at once, by the largest of them.</summary>
    public double StepDifference(int rows, int length)
    {
        using var noGradient = Engine.NoGradient();
        using var scope = Engine.Scope();
        using var state = Model.CreateState(rows);
        var tokens = Engine.From(_task.Fresh(0, rows, length).Tokens, [rows, length]);
        var whole = Model.Logits(tokens).ToArray<float>();
        var largest = whole.Max(Math.Abs);
        var difference = 0.0;
        for (var t = 0; t < length; t++)
        {
            var step = Model.Step(tokens.Slice(1, t, 1), state).ToArray<float>();
            for (var i = 0; i < step.Length; i++)
            {
                difference = Math.Max(difference, Math.Abs(step[i] - whole[(((i / _task.Vocabulary * length) + t) * _task.Vocabulary) + (i % _task.Vocabulary)]));
            }
        }

        return difference / largest;
    }

    public void Dispose()
    {
        Model.Dispose();
        Engine.Dispose();
    }

    private double Accuracy(int start, int rows, int length, int window, bool carries)
    {
        window = window > 0 ? window : Math.Min(length, LongestAtOnce);
        var (right, all) = (0L, 0L);
        using var noGradient = Engine.NoGradient();
        for (var first = 0; first < rows;)
        {
            var batch = _task.Fresh(start + first, Math.Min(Math.Max(1, TokensAtOnce / window), rows - first), length);
            first += batch.Rows;
            StackState? state = null;
            for (var moment = 0; moment < length; moment += window)
            {
                if (length > window && (state is null || !carries))
                {
                    state?.Dispose();
                    state = Model.CreateState(batch.Rows);
                }

                var said = Said(batch, moment, Math.Min(window, length - moment), state);
                Compare(batch, moment, said, ref right, ref all);
            }

            state?.Dispose();
        }

        return (double)right / Math.Max(1, all);
    }

    private int[] Said(TextBatch batch, int start, int count, StackState? state)
    {
        var tokens = new int[batch.Rows * count];
        for (var row = 0; row < batch.Rows; row++)
        {
            batch.Tokens.AsSpan((row * batch.Length) + start, count).CopyTo(tokens.AsSpan(row * count));
        }

        using var scope = Engine.Scope();
        return Model.Logits(Engine.From(tokens, [batch.Rows, count]), state).ArgMax(2).ToArray<int>();
    }

    private static void Compare(TextBatch batch, int start, int[] said, ref long right, ref long all)
    {
        var count = said.Length / batch.Rows;
        for (var i = 0; i < said.Length; i++)
        {
            var wanted = batch.Targets[(i / count * batch.Length) + start + (i % count)];
            all += wanted >= 0 ? 1 : 0;
            right += wanted >= 0 && wanted == said[i] ? 1 : 0;
        }
    }

    private sealed class Follow(string name, double enough, CancellationTokenSource solved, IProgress<string> progress, Action<TrainingStep> stepped) : TrainingObserver
    {
        private double _accuracy = double.NaN;

        public override void Stepped(TrainingStep step)
        {
            stepped(step);
            if (step.Step % 20 == 0)
            {
                progress.Report(string.Create(
                    CultureInfo.InvariantCulture, $"{name}: step {step.Step:N0} of {step.Steps:N0}, loss {step.Loss:0.000}, right {_accuracy:P1}, {step.Elapsed.TotalSeconds:0} s"));
            }
        }

        public override void Evaluated(long step, IReadOnlyList<KeyValuePair<string, double>> figures)
        {
            _accuracy = 1 - figures[0].Value;
            if (_accuracy >= enough)
            {
                solved.Cancel();
            }
        }
    }
}
