// A world model trained on a world by the run that trains every world model: recorded, learnt in lanes, loaded again. What it is
// measured on are other lives in the same world.
using System.Globalization;
using Umwelt.Learning;
using Umwelt.Models;
using Umwelt.Moments;
using Umwelt.Tensors;

namespace Umwelt.Dreams;

/// <summary>A model of a world.</summary>
internal sealed class LearntWorld : IDisposable
{
    private const long FreshSeed = 1 << 20;
    private readonly Func<int, World> _open;
    private readonly long _seed;

    private LearntWorld(Func<int, World> open, long seed, Engine engine, WorldModel model) => (_open, _seed, Engine, Model) = (open, seed, engine, model);

    public Engine Engine { get; }

    public WorldModel Model { get; }

    /// <summary>A small model of its kind: every part there is, few features.</summary>
    public static WorldModelOptions Small => new()
    {
        Width = 32,
        Heads = 2,
        Registers = 2,
        Backbone = "space, attention(on: others, window: 4), mlstm(on: registers)",
        Decoder = "space",
        PictureSlots = 4,
        PictureFeatures = [16, 32],
        SoundHidden = 32,
        VectorHidden = 128,
        MostTokens = 2,
    };

    /// <summary>A run for such models: the longer and the larger are said by each claim.</summary>
    public static WorldRun Run(long steps, int lanes, int length) => new()
    {
        Data = new WorldData { HeldOut = 0, Vocabulary = 0 },
        Model = Small,
        Objective = new WorldObjective { Reentry = 0 },
        Training = new TrainerOptions
        {
            Steps = steps,
            Rate = 3e-3,
            WarmUp = 50,
            FinalRate = 0,
            BatchSize = StagedSchedule.Constant(lanes),
            Length = StagedSchedule.Constant(length),
            Average = 0.995,
            Balance = true,
            EvaluateEvery = 0,
            CheckpointEvery = 0,
        },
    };

    /// <summary>Records a random occupant's lives, many at once, and learns them.</summary>
    /// <param name="name">What it is called on the screen.</param>
    /// <param name="open">The world, so many at once.</param>
    /// <param name="moments">How many to record.</param>
    /// <param name="run">How to learn; its steps are scaled.</param>
    public static LearntWorld Train(
        string name, Func<int, World> open, int moments, WorldRun run, long seed, ExperimentOptions options, IProgress<string> progress, CancellationToken cancellation)
    {
        const int Streams = 16;
        const int LongestEpisode = 200;
        var folder = Directory.CreateTempSubdirectory("umwelt-learnt-world-").FullName;
        var engine = new Engine(new CpuBackend(options.Threads));
        try
        {
            var data = Path.Combine(folder, "data");
            using (var world = open(Streams))
            using (var writer = RecordingWriter.Create(data, world.Schema, new Provenance { Origin = name, Occupant = "random", Seed = seed }))
            {
                new Recorder(world, world.CreateOccupant("random"), writer, new RecorderOptions { Seed = seed, Moments = moments, LongestEpisode = LongestEpisode })
                    .Run(cancellation: cancellation);
            }

            run = run with
            {
                Out = Path.Combine(folder, "run"),
                Seed = seed,
                Data = run.Data with { Recordings = [data] },
                Training = run.Training with { Steps = options.Scaled(run.Training.Steps) },
            };
            using var training = new WorldTraining(engine, run, resumes: false, new StepLine($"{name}, seed {seed}", progress));
            var model = training.Run(cancellation).Model;
            cancellation.ThrowIfCancellationRequested();
            return new LearntWorld(open, seed, engine, WorldModel.Load(engine, model));
        }
        catch
        {
            engine.Dispose();
            throw;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Lives that were not learnt from, each from its beginning: moments [row, time].</summary>
    public MomentBatch Fresh(int rows, int length, long which = 0)
    {
        using var world = _open(rows);
        var occupant = world.CreateOccupant("random");
        var lives = new MomentBatch(world.Schema, rows * length);
        var (moments, commands) = (new MomentBatch(world.Schema, rows), new MomentBatch(world.Schema.Motor, rows));
        var all = new bool[rows];
        Array.Fill(all, true);
        for (var row = 0; row < rows; row++)
        {
            var seed = Recorder.EpisodeSeed(_seed + FreshSeed + which, row, 0);
            world.Reset(row, seed, moments);
            occupant.Reset(row, seed);
        }

        for (var t = 0; t < length; t++)
        {
            for (var row = 0; row < rows; row++)
            {
                lives.Copy(moments, row, (row * length) + t);
            }

            if (t + 1 < length)
            {
                occupant.Act(moments, commands, all);
                world.Step(commands, moments);
            }
        }

        return lives;
    }

    /// <summary>Dreams that remember the first moments of lives, each with chances of its own.</summary>
    public Dream Dream(MomentBatch lives, int length, int remembered, long which = 0, long firstSeed = 0)
    {
        var rows = lives.Count / length;
        var history = new MomentBatch(lives.Schema, rows * remembered);
        var dream = Model.Dream(which, rows);
        for (var row = 0; row < rows; row++)
        {
            dream.Forget(row, firstSeed + row);
            for (var t = 0; t < remembered; t++)
            {
                history.Copy(lives, (row * length) + t, (row * remembered) + t);
            }
        }

        dream.Prime(history, remembered);
        return dream;
    }

    public void Dispose()
    {
        Model.Dispose();
        Engine.Dispose();
    }

    private sealed class StepLine(string name, IProgress<string> progress) : TrainingObserver
    {
        private const int StepsBetween = 50;

        public override void Stepped(TrainingStep step)
        {
            if (step.Step % StepsBetween == 0)
            {
                progress.Report(string.Create(CultureInfo.InvariantCulture, $"{name}: step {step.Step:N0} of {step.Steps:N0}, loss {step.Loss:0.0000}, {step.Elapsed.TotalSeconds:0} s"));
            }
        }
    }
}
