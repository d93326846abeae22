// What `umwelt bench text` times of learning: the parts that `umwelt train runs/text.json` puts together, in its setting,
// with the trainer's own loop around them. An observer takes the time from step to step.
using System.Diagnostics;
using Umwelt.Learning;
using Umwelt.Models;
using Umwelt.Networks;
using Umwelt.Networks.Text;
using Umwelt.Tensors;
using Umwelt.Tensors.Optimisers;

namespace Umwelt.Cli.Bench;

internal sealed class TextLearning : IDisposable
{
    private const int Rows = 12;
    private const int Length = 64;
    private const int StepsEachRound = 12;
    private static readonly StackOptions Stack = new() { Layers = "attentionx4", Width = 128, Heads = 4, Context = 256 };
    private readonly Engine _engine;
    private readonly TextModel _model;
    private readonly TextLearner _learner;
    private readonly Optimiser _optimiser;
    private readonly Trainer<TextBatch> _trainer;
    private readonly StepClock _clock = new();

    public TextLearning(int threads)
    {
        var text = System.Text.Encoding.UTF8.GetString(new EnglishLikeText().Write(seed: 5, bytes: 1 << 20));
        var tokenizer = Tokenizer.OfCharacters(text);
        _engine = new Engine(new CpuBackend(threads));
        _model = new TextModel(_engine, tokenizer, new TextModelOptions { Stack = Stack }, seed: 1);
        _learner = new TextLearner(_model);
        _optimiser = new OptimiserOptions().Create(_model.Parameters);
        var batches = new TextBatches([new TextPart(tokenizer.Encode(text))], new TextBatchOptions { Seed = 1 });
        _trainer = new Trainer<TextBatch>(_learner, batches, _optimiser, new TrainerOptions
        {
            Steps = 1_000_000,
            BatchSize = StagedSchedule.Constant(Rows),
            Length = StagedSchedule.Constant(Length),
            EvaluateEvery = 0,
            CheckpointEvery = 0,
        })
        {
            Observers = [_clock],
        };
    }

    /// <summary>Tokens of a step.</summary>
    public static int Tokens => Rows * Length;

    public static string Setting => $"characters, 4 layers, {Stack.Width} wide, {Stack.Heads} heads, {Rows} x {Length} tokens";

    public long Parameters => _model.Parameters.Count;

    /// <summary>Seconds of the fastest step so far.</summary>
    public double Best => _clock.Best;

    /// <summary>What the collector has to deal with after a step, at least.</summary>
    public double ManagedBytes => _clock.ManagedBytes;

    public void Measure()
    {
        using var stop = new CancellationTokenSource();
        _clock.Begin(StepsEachRound, stop);
        _trainer.Run(stop.Token);
    }

    public string Request(int threads) =>
        $$"""{"task": "train", "vocabulary": {{_model.Vocabulary}}, "context": {{Length}}, "width": {{Stack.Width}}, "layers": {{_model.Stack.TimeMixers.Count}}, "heads": {{Stack.Heads}}, "hidden": {{Stack.HiddenOf(isGated: true)}}, "batch": {{Rows}}, "tied": false, "times": {{StepsEachRound}}, "threads": {{threads}}}""";

    public void Dispose()
    {
        _trainer.Dispose();
        _optimiser.Dispose();
        _learner.Dispose();
        _model.Dispose();
        _engine.Dispose();
    }

    // The first steps of a round find other people's data in the caches.
    private sealed class StepClock : TrainingObserver
    {
        private CancellationTokenSource? _stop;
        private int _left;
        private long _last;
        private long _bytes;

        public double Best { get; private set; } = double.MaxValue;

        public double ManagedBytes { get; private set; } = double.MaxValue;

        public void Begin(int steps, CancellationTokenSource stop) => (_left, _stop) = (steps, stop);

        public override void Began(long step, long steps) => (_bytes, _last) = (GC.GetTotalAllocatedBytes(precise: true), Stopwatch.GetTimestamp());

        public override void Stepped(TrainingStep step)
        {
            Best = Math.Min(Best, Stopwatch.GetElapsedTime(_last).TotalSeconds);
            ManagedBytes = Math.Min(ManagedBytes, GC.GetTotalAllocatedBytes(precise: true) - _bytes);
            if (--_left == 0)
            {
                _stop!.Cancel();
            }

            Began(step.Step, step.Steps);
        }
    }
}
