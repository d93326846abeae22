// Learns what to do in dreams: lives a while, learns a model of all that was lived, improves in its dreams, lives again. Every
// part leaves a folder that stands whole or not at all and follows from those before, so a run that was killed at any instant
// goes on as the run never stopped: lived/, models/, checkpoints/, and at the end policy/.
using System.Globalization;
using Umwelt.Agents.Internal.Dreams;
using Umwelt.Learning;
using Umwelt.Learning.Internal;
using Umwelt.Models;
using Umwelt.Moments;
using Umwelt.Storage;
using Umwelt.Tensors;

namespace Umwelt.Agents;

/// <summary>What a training in dreams is at.</summary>
public enum DreamDoing
{
    /// <summary>Moments were really lived.</summary>
    Living,

    /// <summary>A step of learning the model was made.</summary>
    Learning,

    /// <summary>The policy was improved in dreams.</summary>
    Dreaming,

    /// <summary>A cycle is over.</summary>
    Cycle,
}

/// <summary>How far a training in dreams is.</summary>
/// <param name="Doing">What was done last.</param>
/// <param name="Cycle">Cycles that are over.</param>
/// <param name="Lived">Real moments lived, first moments of episodes included.</param>
/// <param name="Step">Of what is being done, how many steps are made.</param>
/// <param name="Steps">And how many there will be.</param>
/// <param name="Loss">The model's loss; NaN where nothing was learnt.</param>
/// <param name="Worth">What dreamed moments turned out to be worth; NaN where nothing was dreamed.</param>
/// <param name="Entropy">How undecided the policy is, in nats; NaN likewise.</param>
/// <param name="Discounted">The share of dreamed moments that did not count; NaN likewise.</param>
public readonly record struct DreamProgress(DreamDoing Doing, int Cycle, long Lived, long Step, long Steps, double Loss, double Worth, double Entropy, double Discounted);

/// <summary>Learns a policy in the dreams of a model that is learnt from what the policy lives.</summary>
public sealed class DreamTraining : IDisposable
{
    private const int Living = 1;
    private readonly Engine _engine;
    private readonly Func<int, World> _open;
    private readonly PolicyRun _run;
    private readonly MomentScores? _goal;
    private readonly Checkpoints _checkpoints;
    private readonly List<Recording> _recordings = [];
    private WorldModel? _model;
    private DreamImprovement? _improvement;
    private Checkpoint? _resumed;
    private long _step;
    private double _loss = double.NaN;

    /// <summary>Prepares a run.</summary>
    /// <param name="engine">Does the work; it stays the caller's.</param>
    /// <param name="open">Opens the world to live in with so many rows; what it opens is disposed.</param>
    /// <param name="run">The configuration.</param>
    /// <param name="resumes">Whether it goes on from what the run's folder holds; otherwise it must hold no run.</param>
    /// <param name="goal">What is wanted; null for the world's reward.</param>
    public DreamTraining(Engine engine, Func<int, World> open, PolicyRun run, bool resumes = false, MomentScores? goal = null)
    {
        ArgumentNullException.ThrowIfNull(engine);
        ArgumentNullException.ThrowIfNull(open);
        ArgumentNullException.ThrowIfNull(run);
        run.Dreams.Validate();
        (_engine, _open, _run, _goal) = (engine, open, run, goal);
        if (!resumes && Directory.Exists(Path.Combine(run.Out, "lived")))
        {
            throw new ArgumentException($"{run.Out} holds a run already; resume it, or choose another folder (out).", nameof(run));
        }

        Directory.CreateDirectory(run.Out);
        Directory.CreateDirectory(Path.Combine(run.Out, "lived"));
        AtomicFolder.CleanLeftovers(Path.Combine(run.Out, "lived"));
        run.Write(Path.Combine(run.Out, "config.json"));
        _checkpoints = new Checkpoints(Path.Combine(run.Out, "checkpoints"));
        _resumed = Newest();
        _step = _resumed?.Step ?? 0;
    }

    /// <summary>What is learnt; null before there is a model. The training's own until it is disposed.</summary>
    public DreamtPolicy? Policy { get; private set; }

    /// <summary>Real moments lived so far, first moments of episodes included.</summary>
    public long Lived { get; private set; }

    /// <summary>Where the policy is in the end.</summary>
    public string PolicyFolder => Path.Combine(_run.Out, "policy");

    /// <summary>Learns to the end, or until it is cancelled, which keeps a checkpoint.</summary>
    /// <returns>Whether it came to the end.</returns>
    /// <exception cref="NotFiniteException">The model's learning gave no number.</exception>
    public bool Run(IProgress<DreamProgress>? progress = null, CancellationToken cancellation = default)
    {
        try
        {
            while (_step < (long)_run.Dreams.Cycles * _run.Dreams.Updates)
            {
                var cycle = (int)(_step / _run.Dreams.Updates);
                if (!Live(cycle, progress, cancellation) || !Learn(cycle, progress, cancellation) || !Dream(cycle, progress, cancellation))
                {
                    return false;
                }

                Tell(progress, DreamDoing.Cycle, cycle + 1, _step, (long)_run.Dreams.Cycles * _run.Dreams.Updates);
            }
        }
        catch (OperationCanceledException)
        {
            return false;
        }

        Open(_run.Dreams.Cycles - 1);
        Load(_run.Dreams.Cycles - 1);
        Policy!.IsSure = true;
        Policy.Save(PolicyFolder);
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _improvement?.Dispose();
        Policy?.Dispose();
        _model?.Dispose();
        Close();
    }

    private string LivedIn(int cycle) => Path.Combine(_run.Out, "lived", cycle.ToString("0000", CultureInfo.InvariantCulture));

    private string ModelRun(int cycle) => Path.Combine(_run.Out, "models", cycle.ToString("0000", CultureInfo.InvariantCulture));

    // Lives a cycle's moments by what was learnt so far.
    private bool Live(int cycle, IProgress<DreamProgress>? progress, CancellationToken cancellation)
    {
        if (!Directory.Exists(LivedIn(cycle)))
        {
            using var world = _open(_run.Dreams.LivedRows);
            if (cycle > 0)
            {
                Load(cycle - 1);
                Policy!.IsSure = false;
            }

            var occupant = cycle > 0 ? Policy!
                : _run.Dreams.FirstOccupant.Length > 0 ? world.CreateOccupant(_run.Dreams.FirstOccupant)
                : new EvenOccupant(world.Schema.Motor, world.Count);
            var seed = (long)(RandomStream.Of(_run.Seed, Living, cycle).Key >> 1);
            using var folder = new AtomicFolder(LivedIn(cycle));
            using (var writer = RecordingWriter.Create(folder.Temporary, world.Schema, new Provenance { Origin = _run.World, Occupant = cycle > 0 ? "policy" : _run.Dreams.FirstOccupant, Seed = seed }))
            {
                new Recorder(world, occupant, writer, new RecorderOptions
                {
                    Seed = seed,
                    Moments = cycle > 0 ? _run.Dreams.Moments : _run.Dreams.FirstMoments,
                    LongestEpisode = _run.Dreams.LongestEpisode > 0 ? _run.Dreams.LongestEpisode : null,
                }).Run(cancellation: cancellation);
            }

            folder.Commit();
        }

        Open(cycle);
        Tell(progress, DreamDoing.Living, cycle, Lived, Lived);
        return true;
    }

    // Learns a model of all that was lived, from the weights of the one before.
    private bool Learn(int cycle, IProgress<DreamProgress>? progress, CancellationToken cancellation)
    {
        var run = _run.Model with
        {
            Out = ModelRun(cycle),
            From = cycle > 0 ? Path.Combine(ModelRun(cycle - 1), "model") : _run.Model.From,
            Seed = _run.Seed,
            Data = _run.Model.Data with { Recordings = [.. Enumerable.Range(0, cycle + 1).Select(LivedIn)] },
            Keep = 1,
        };
        using var training = new WorldTraining(_engine, run, resumes: true, [new Shown(this, progress, cycle)]);
        return training.Run(cancellation).IsDone;
    }

    private bool Dream(int cycle, IProgress<DreamProgress>? progress, CancellationToken cancellation)
    {
        Load(cycle);
        _improvement!.Follow(_recordings);
        Policy!.IsSure = false;
        var end = (cycle + 1L) * _run.Dreams.Updates;
        while (_step < end && !cancellation.IsCancellationRequested)
        {
            _improvement.Step(_step++);
            if (_step % _run.Dreams.CheckpointEvery == 0)
            {
                Save();
            }

            Tell(progress, DreamDoing.Dreaming, cycle, _step - end + _run.Dreams.Updates, _run.Dreams.Updates);
        }

        Save();
        _improvement.Forget();
        return _step == end;
    }

    // The model of a cycle, and the policy that follows it, with the weights that the run had reached.
    private void Load(int cycle)
    {
        _improvement?.Forget();
        var model = WorldModel.Load(_engine, Path.Combine(ModelRun(cycle), "model"));
        if (Policy is null)
        {
            Policy = new DreamtPolicy(model, _run.Dreams.Hidden, _run.Dreams.LogDeviation, _run.Seed);
            _improvement = new DreamImprovement(Policy, _run.Dreams, _run.Seed, _goal);
            if (_resumed is { } checkpoint)
            {
                Policy.Network.Parameters.Load(checkpoint.Weights);
                TensorFile.Load(checkpoint.Optimiser, _improvement.Optimiser.State);
                checkpoint.ReadState().Scales.CopyTo(_improvement.Scale.State);
                _resumed = null;
            }
        }

        Policy.Follow(model);
        _model?.Dispose();
        _model = model;
    }

    private void Save()
    {
        if (_checkpoints.All is [.., var newest] && newest.Step == _step)
        {
            return;
        }

        _checkpoints.Save(
            new CheckpointState { Step = _step, Batches = "", Scales = [.. _improvement!.Scale.State], Moments = Lived, Backend = Tier.Of(_engine.Backend), Engine = Tier.Version },
            [
                new(Checkpoint.WeightsName, path => Policy!.Network.Parameters.Save(path)),
                new(Checkpoint.OptimiserName, path => TensorFile.Save(path, _improvement.Optimiser.State)),
            ]);
    }

    // The newest checkpoint that says where it stands; damaged ones are passed over, the others are written again.
    private Checkpoint? Newest()
    {
        Checkpoint? sound = null;
        foreach (var checkpoint in _checkpoints.All)
        {
            try
            {
                var state = checkpoint.ReadState();
                sound = state.Scales.Length == new ReturnScale().State.Length && File.Exists(checkpoint.Weights) && File.Exists(checkpoint.Optimiser) ? checkpoint : sound;
            }
            catch (InvalidFileException)
            {
                continue;
            }
        }

        _checkpoints.SetAside(sound?.Step ?? -1);
        return sound;
    }

    // Everything lived up to a cycle.
    private void Open(int cycle)
    {
        Close();
        Lived = 0;
        for (var c = 0; c <= cycle; c++)
        {
            _recordings.Add(Recording.Open(LivedIn(c)));
            Lived += _recordings[^1].MomentCount;
        }
    }

    private void Close()
    {
        foreach (var recording in _recordings)
        {
            recording.Dispose();
        }

        _recordings.Clear();
    }

    private void Tell(IProgress<DreamProgress>? progress, DreamDoing doing, int cycle, long step, long steps)
    {
        var isDreamed = doing is DreamDoing.Dreaming or DreamDoing.Cycle;
        progress?.Report(new DreamProgress(
            doing,
            cycle,
            Lived,
            step,
            steps,
            _loss,
            isDreamed ? _improvement!.Worth : double.NaN,
            isDreamed ? _improvement!.Entropy : double.NaN,
            isDreamed ? _improvement!.Discounted : double.NaN));
    }

    private sealed class Shown(DreamTraining training, IProgress<DreamProgress>? progress, int cycle) : TrainingObserver
    {
        public override void Stepped(TrainingStep step)
        {
            training._loss = step.Loss;
            training.Tell(progress, DreamDoing.Learning, cycle, step.Step, step.Steps);
        }
    }
}
