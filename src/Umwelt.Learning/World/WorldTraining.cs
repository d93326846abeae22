// Runs a configuration: opens recordings, finds their sizes and words, builds the model and its trainer, trains, and leaves the
// model in the run's folder: config.json, checkpoints/, and at the end model/.
using System.Collections.Immutable;
using System.Text;
using Umwelt.Models;
using Umwelt.Moments;
using Umwelt.Networks.Text;
using Umwelt.Storage;
using Umwelt.Tensors;
using Umwelt.Tensors.Optimisers;

namespace Umwelt.Learning;

/// <summary>What a training came to.</summary>
/// <param name="Model">The folder of the model.</param>
/// <param name="Step">How many steps are made.</param>
/// <param name="IsDone">Whether those are all; a run that was stopped can be resumed.</param>
/// <param name="Figures">What the model came to on held-out episodes at last.</param>
public sealed record WorldTrainingResult(string Model, long Step, bool IsDone, IReadOnlyList<KeyValuePair<string, double>> Figures);

/// <summary>A training of a world model.</summary>
public sealed class WorldTraining : IDisposable
{
    private const string CheckpointsFolder = "checkpoints";
    private const int MostRepeats = 64;
    private readonly WorldRun _run;
    private readonly List<Recording> _recordings = [];
    private readonly WorldLearner _learner;
    private readonly Optimiser _optimiser;
    private readonly EpisodeSplit _split;
    private IReadOnlyList<KeyValuePair<string, double>> _figures = [];

    /// <summary>Prepares a run.</summary>
    /// <param name="engine">Does the work.</param>
    /// <param name="run">The configuration.</param>
    /// <param name="resumes">Whether it goes on from the run's last checkpoint; otherwise its folder must hold no run.</param>
    /// <param name="observers">Who watches.</param>
    public WorldTraining(Engine engine, WorldRun run, bool resumes = false, params IReadOnlyList<TrainingObserver> observers)
    {
        ArgumentNullException.ThrowIfNull(run);
        _run = run;
        Validate(run);
        var folder = Path.Combine(run.Out, CheckpointsFolder);
        var hasRun = Directory.Exists(folder) && new Checkpoints(folder).All.Count > 0;
        if (hasRun && !resumes)
        {
            throw new ArgumentException($"{run.Out} holds a run already; resume it, or choose another folder (out).", nameof(run));
        }

        Directory.CreateDirectory(run.Out);
        try
        {
            _recordings.AddRange(run.Data.Recordings.Select(path => Recording.Open(path)));
            _split = new EpisodeSplit(run.Data.HeldOut, run.Seed);
            var mix = new DataMix(_recordings.Select(recording => new DataPart(recording)), new DataMixOptions { Split = _split, AllowMissingChannels = true });
            var statistics = _recordings.Select(recording => RecordingStatistics.Of(recording)).ToList();
            Model = new WorldModel(engine, mix.Schema, run.Model, ScalesOf(mix.Schema, statistics), TokenizerOf(run, mix.Schema, statistics, hasRun), run.Seed);
            if (run.From.Length > 0 && !hasRun)
            {
                _ = Model.TakeFrom(run.From);
            }

            _learner = new WorldLearner(Model, run.Objective, run.Seed);
            _optimiser = run.Optimiser.Create(Model.Parameters);
            var lanes = new LaneBatches(mix, new LaneOptions
            {
                Length = run.Training.Length.WholeAt(0),
                BatchSize = run.Training.BatchSize.WholeAt(0),
                Seed = run.Seed,
                LongestRun = run.Data.LongestRun,
                Priorities = run.Data.Priorities,
            });
            Trainer = new Trainer<WorldBatch>(_learner, new WorldBatches(lanes), _optimiser, run.Training)
            {
                Checkpoints = new Checkpoints(folder, run.Keep),
                Evaluate = WorldEvaluation.CanMeasure(Model, _recordings, _split, run.Measure) ? Measure : null,
                Observers = observers,
            };
            run.Write(Path.Combine(run.Out, "config.json"));
            if (hasRun)
            {
                Trainer.Resume();
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>What is trained.</summary>
    public WorldModel Model { get; }

    /// <summary>Trains it.</summary>
    public Trainer<WorldBatch> Trainer { get; }

    /// <summary>Where the model is in the end.</summary>
    public string ModelFolder => Path.Combine(_run.Out, "model");

    /// <summary>Trains until the steps are made or it is cancelled, and leaves the model, averaged where the run keeps an average.</summary>
    public WorldTrainingResult Run(CancellationToken cancellation = default)
    {
        var isDone = Trainer.Run(cancellation);
        Trainer.Average?.Exchange();
        Model.Surprises = WorldEvaluation.Surprises(Model, _recordings, _split, _run.Measure);
        Model.Save(ModelFolder, _run.Precision);
        Trainer.Average?.Exchange();
        return new WorldTrainingResult(ModelFolder, Trainer.Step, isDone, _figures);
    }

    /// <summary>Releases everything but the engine.</summary>
    public void Dispose()
    {
        Trainer?.Dispose();
        _optimiser?.Dispose();
        _learner?.Dispose();
        Model?.Dispose();
        foreach (var recording in _recordings)
        {
            recording.Dispose();
        }

        _recordings.Clear();
    }

    private static void Validate(WorldRun run)
    {
        run.Training.Validate();
        run.Model.Validate();
        run.Objective.Validate();
        if (run.Data.Recordings.Count == 0)
        {
            throw new ArgumentException("data.recordings names the folders to learn from (--data.recordings=[\"FOLDER\"]).", nameof(run));
        }

        if (!(run.Data.HeldOut is >= 0 and < 1))
        {
            throw new ArgumentException($"data.heldOut is at least 0 and below 1, not {run.Data.HeldOut}", nameof(run));
        }

        if (run.Training.BatchSize.Least != run.Training.BatchSize.Most || run.Training.Length.Least != run.Training.Length.Most || run.Training.Length.Least < 2)
        {
            throw new ArgumentException("training.batchSize and training.length are lanes here: one number each, and a length of at least 2.", nameof(run));
        }
    }

    private static ImmutableArray<ChannelScale> ScalesOf(Schema schema, List<RecordingStatistics> statistics)
    {
        // The first recording that has a channel says its size: parts of a mix hold the same channels.
        return
        [
            .. schema.Channels.Select(channel => statistics.SelectMany(all => all.Channels).FirstOrDefault(found => found.Name == channel.Name && found.Present > 0) is { } one
                ? ChannelScale.Of(channel, one)
                : ChannelScale.Unit(channel)),
        ];
    }

    // Byte pairs of the texts that are said most often; a resumed run has its tokenizer.
    private static Tokenizer? TokenizerOf(WorldRun run, Schema schema, List<RecordingStatistics> statistics, bool hasRun)
    {
        if (!schema.Channels.Any(channel => channel is TextChannel))
        {
            return null;
        }

        var kept = Path.Combine(run.Out, Tokenizer.FileName);
        if (hasRun && File.Exists(kept))
        {
            return Tokenizer.Read(kept);
        }

        if (run.From.Length > 0 && Path.Combine(run.From, Tokenizer.FileName) is var other && File.Exists(other))
        {
            var taken = Tokenizer.Read(other);
            taken.Write(kept);
            return taken;
        }

        var text = new StringBuilder();
        foreach (var frequent in statistics.SelectMany(all => all.Channels).SelectMany(channel => channel.Text?.Frequent ?? []))
        {
            for (var i = 0; i < Math.Min(MostRepeats, frequent.Count); i++)
            {
                text.Append(frequent.Text).Append('\n');
            }
        }

        var tokenizer = text.Length == 0 || run.Data.Vocabulary <= 256
            ? Tokenizer.OfBytes()
            : new TokenizerTraining { VocabularySize = run.Data.Vocabulary, SpecialTokens = [] }.OnText(Encoding.UTF8.GetBytes(text.ToString()));
        tokenizer.Write(kept);
        return tokenizer;
    }

    private IReadOnlyList<KeyValuePair<string, double>> Measure() =>
        _figures = WorldEvaluation.Measure(Model, _recordings, _split, _run.Measure);
}
