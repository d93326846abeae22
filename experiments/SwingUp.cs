// Claim: ten thousand moments of acting by chance are enough to learn a model of the pendulum in which planning swings it up. The
// controls: the same planner in copies of the pendulum itself, and in a model that has learnt nothing.
using System.Globalization;
using Umwelt.Agents;
using Umwelt.Learning;
using Umwelt.Models;
using Umwelt.Moments;
using Umwelt.Tensors;
using Umwelt.Worlds;

namespace Umwelt;

/// <summary>A pendulum swung up by planning in a learnt model.</summary>
public sealed class SwingUp : IExperiment
{
    private const int Lived = 10_000;
    private const int Fresh = 4;
    private const double Solved = -300;

    /// <inheritdoc/>
    public static string Name => "swing-up";

    /// <inheritdoc/>
    public static string Claim =>
        "Planning in a model learnt from 10,000 moments of a pendulum moved by chance swings it up: a mean return of at least -300 over fresh starts; in a model that has learnt nothing, at most -700.";

    /// <inheritdoc/>
    public static ExperimentResult Run(ExperimentOptions options, IProgress<string> progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(progress);
        var verdict = new Verdict(progress);
        foreach (var seed in options.EachSeed)
        {
            var folder = Directory.CreateTempSubdirectory("umwelt-swing-").FullName;
            try
            {
                Record(Path.Combine(folder, "lived"), seed, cancellation);
                using var engine = new Engine(new CpuBackend(options.Threads));
                var run = Configuration(folder, seed, options.Scaled(3000));
                using var training = new WorldTraining(engine, run, observers: [new Shown(progress, seed)]);
                using (var nothing = Imagination.OfModel(training.Model, 1))
                {
                    verdict.AtMost("untrained", seed, Return(nothing, "a model that has learnt nothing"), -700);
                }

                // What is kept is the average of the last weights.
                using var model = WorldModel.Load(engine, training.Run(cancellation).Model);
                using var learnt = Imagination.OfModel(model, 1);
                verdict.AtLeast("learnt", seed, Return(learnt, "the learnt model"), Solved);
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }

            using var truth = WorldCatalogue.Open("pendulum");
            using var copies = Imagination.OfWorld(truth);
            verdict.Tell("true", seed, Return(copies, "the pendulum itself", truth));
            verdict.Tell("moments", seed, Lived);

            double Return(Imagination imagination, string where, World? own = null)
            {
                progress.Report(string.Create(CultureInfo.InvariantCulture, $"seed {seed}: planning in {where}"));
                using var planner = new CrossEntropyPlanner(imagination, new PlannerOptions { Budget = 6400, Horizon = 25, Hold = 2, Rounds = 4, Persistence = 0.8, Spread = 0.8, Rows = 64, Seed = seed });
                using var fresh = own is null ? WorldCatalogue.Open("pendulum") : null;
                return Trial.Run(own ?? fresh!, planner, [.. Enumerable.Range(0, Fresh).Select(number => Recorder.EpisodeSeed(seed, 1, number))], 200, cancellation: cancellation).Average(static episode => episode.Return);
            }
        }

        return verdict.Result();
    }

    private static void Record(string folder, long seed, CancellationToken cancellation)
    {
        using var world = WorldCatalogue.Open("pendulum", new WorldOptions { Count = 10 });
        using var writer = RecordingWriter.Create(folder, world.Schema, new Provenance { Origin = "pendulum", Occupant = "random", Seed = seed });
        new Recorder(world, world.CreateOccupant("random"), writer, new RecorderOptions { Seed = seed, Moments = Lived }).Run(cancellation: cancellation);
    }

    private static WorldRun Configuration(string folder, long seed, long steps) => new()
    {
        Out = Path.Combine(folder, "run"),
        Seed = seed,
        Data = new WorldData { Recordings = [Path.Combine(folder, "lived")], HeldOut = 0.05 },
        Model = new WorldModelOptions
        {
            Width = 64,
            Heads = 2,
            Registers = 1,
            Backbone = "space, attention(on: others, window: 4)",
            Decoder = "spacex2",
            VectorHidden = 128,
            VectorSteps = 1,
        },
        Objective = new WorldObjective { Simulate = 0.8, Act = 0.02, Inverse = 0.02, Caption = 0, Imagine = 0, Independent = 0.16, Forgets = 0, Blind = 0.02, Noise = 0.1 },
        Training = new TrainerOptions
        {
            Steps = steps,
            Rate = 2e-3,
            WarmUp = 100,
            BatchSize = StagedSchedule.Constant(16),
            Length = StagedSchedule.Constant(16),
            Balance = true,
            Average = 0.995,
            EvaluateEvery = 0,
            CheckpointEvery = 0,
        },
    };

    private sealed class Shown(IProgress<string> progress, long seed) : TrainingObserver
    {
        public override void Stepped(TrainingStep step)
        {
            if (step.Step % 50 == 0)
            {
                progress.Report(string.Create(CultureInfo.InvariantCulture, $"seed {seed}: step {step.Step:N0} of {step.Steps:N0}, loss {step.Loss:0.0000}"));
            }
        }
    }
}
