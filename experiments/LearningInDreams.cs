// Claim: a pole is balanced by what was learnt in dreams of it, on a third of the real moments that learning without a model takes.
// The control: the same improvements in the dreams of a model that has learnt nothing.
using System.Globalization;
using Umwelt.Agents;
using Umwelt.Learning;
using Umwelt.Models;
using Umwelt.Moments;
using Umwelt.Tensors;
using Umwelt.Worlds;

namespace Umwelt;

/// <summary>A policy learnt on imagined moments alone.</summary>
public sealed class LearningInDreams : IExperiment
{
    private const int Fresh = 50;
    private const double Balanced = 475;
    private const long MomentsOfPpo = 100_000;
    private const string World = "cartpole";

    /// <inheritdoc/>
    public static string Name => "learning-in-dreams";

    /// <inheritdoc/>
    public static string Claim =>
        "A policy learnt in dreams balances the pole for at least 475 of 500 moments over 50 fresh episodes after at most a third of the 100,000 real moments that proximal policy optimisation is given; learnt in the dreams of a model that has learnt nothing, for at most 100.";

    private static PolicyRun Configuration => new()
    {
        World = World,
        Dreams = new DreamingOptions { Cycles = 8, FirstMoments = 2000, Moments = 1500, Updates = 400, Horizon = 16, Prime = 4 },
        Model = new WorldRun
        {
            Data = new WorldData { HeldOut = 0.05 },
            Model = new WorldModelOptions
            {
                Width = 48,
                Heads = 2,
                Registers = 1,
                Backbone = "space, attention(on: others, window: 4)",
                Decoder = "space",
                VectorHidden = 96,
                VectorSteps = 1,
            },
            Objective = new WorldObjective
            {
                Simulate = 0.9,
                Act = 0,
                Inverse = 0,
                Caption = 0,
                Imagine = 0,
                Independent = 0.1,
                Forgets = 0,
                Blind = 0,
                Clean = 0.7,
                Absent = 0.01,
                Noise = 0.1,
                Reentry = 0,
            },
            Training = new TrainerOptions
            {
                Steps = 600,
                Rate = 2e-3,
                WarmUp = 50,
                BatchSize = StagedSchedule.Constant(16),
                Length = StagedSchedule.Constant(17),
                Balance = true,
                Average = 0.99,
                EvaluateEvery = 0,
                CheckpointEvery = 0,
            },
            Measure = new WorldMeasure { Rows = 16, Prime = 4, Horizon = 8 },
        },
    };

    /// <inheritdoc/>
    public static ExperimentResult Run(ExperimentOptions options, IProgress<string> progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(progress);
        var verdict = new Verdict(progress);
        foreach (var seed in options.EachSeed)
        {
            var learnt = Learn(seed, isBlank: false);
            verdict.AtLeast("learnt", seed, learnt.Return, Balanced);
            verdict.AtMost("moments", seed, learnt.Moments, MomentsOfPpo / 3);
            verdict.Tell("gap", seed, learnt.Gap);
            verdict.AtMost("untrained", seed, Learn(seed, isBlank: true).Return, 100);
        }

        return verdict.Result();

        // Goes on until the pole is balanced or the cycles are over; what is measured on the way is not learnt from.
        (double Return, long Moments, double Gap) Learn(long seed, bool isBlank)
        {
            var folder = Directory.CreateTempSubdirectory("umwelt-dreaming-").FullName;
            try
            {
                var run = Configuration;
                run = run with
                {
                    Out = Path.Combine(folder, "run"),
                    Seed = seed,
                    Dreams = run.Dreams with { Updates = (int)options.Scaled(run.Dreams.Updates), Cycles = isBlank ? 2 : run.Dreams.Cycles },
                    Model = run.Model with { Training = run.Model.Training with { Steps = isBlank ? 1 : options.Scaled(run.Model.Training.Steps), Rate = isBlank ? 1e-9 : run.Model.Training.Rate } },
                };
                using var engine = new Engine(new CpuBackend(options.Threads));
                using var training = new DreamTraining(engine, rows => WorldCatalogue.Open(World, new WorldOptions { Count = rows }), run);
                using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
                var shown = new Shown(training, progress, seed, isBlank, enough);
                training.Run(shown, enough.Token);
                cancellation.ThrowIfCancellationRequested();
                return (shown.Return, shown.Moments, shown.Gap);
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }

    private sealed class Shown(DreamTraining training, IProgress<string> progress, long seed, bool isBlank, CancellationTokenSource enough) : IProgress<DreamProgress>
    {
        public double Return { get; private set; } = double.NaN;

        public long Moments { get; private set; }

        public double Gap { get; private set; } = double.NaN;

        public void Report(DreamProgress value)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"seed {seed}{(isBlank ? ", a model that has learnt nothing" : "")}, cycle {value.Cycle}: ");
            if (value.Doing == DreamDoing.Learning && value.Step == value.Steps)
            {
                progress.Report(string.Create(CultureInfo.InvariantCulture, $"{name}model's loss {value.Loss:0.0000}"));
            }

            if (value.Doing == DreamDoing.Dreaming && value.Step % 100 == 0)
            {
                progress.Report(string.Create(CultureInfo.InvariantCulture, $"{name}{value.Step} improvements, worth {value.Worth:0.00}, entropy {value.Entropy:0.00}, {value.Discounted:P0} did not count"));
            }

            if (value.Doing != DreamDoing.Cycle)
            {
                return;
            }

            var policy = training.Policy!;
            policy.IsSure = true;
            long[] seeds = [.. Enumerable.Range(0, Fresh).Select(number => Recorder.EpisodeSeed(seed, 1, number))];
            using var world = WorldCatalogue.Open(World, new WorldOptions { Count = Fresh });
            var reckoning = Reckoning.Of(world, policy, seeds, 100);
            (Return, Moments, Gap) = (Trial.Run(world, policy, seeds, 1000).Average(static episode => episode.Return), value.Lived, reckoning.Gap);
            progress.Report(string.Create(
                CultureInfo.InvariantCulture, $"{name}{Moments:N0} moments lived, return {Return:0.0}; of 100 moments {reckoning.Predicted.Average():0.0} are expected, {reckoning.Real.Average():0.0} come"));
            if (Return >= Balanced)
            {
                enough.Cancel();
            }
        }
    }
}
