// Claim: a run at a constant rate can be ended at any point by a short decay, and is then as good as a run whose cosine was made
// for that length. One stable run is branched from its checkpoints; each branch stands against a cosine of its own.
// The gradients of a batch taken in parts are compared through one step of plain descent, whose change is the gradient.
using System.Globalization;
using Umwelt.Learning;
using Umwelt.Models;
using Umwelt.Networks;
using Umwelt.Tensors;

namespace Umwelt;

/// <summary>Warm-up, stable, decay against cosines; accumulated against concatenated gradients.</summary>
public sealed class Schedules : IExperiment
{
    private const long Steps = 2000;
    private const double DecayShare = 0.2;
    private const string CheckpointsFolder = "checkpoints";

    /// <inheritdoc/>
    public static string Name => "schedules";

    /// <inheritdoc/>
    public static string Claim =>
        "A stable run branched at 50, 75 and 100% of its length loses at most 1% more on held-out text than cosines made for those lengths; gradients added up over parts equal those of the whole batch to 1e-6.";

    /// <inheritdoc/>
    public static ExperimentResult Run(ExperimentOptions options, IProgress<string> progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(progress);
        var text = GptShakespeare.TextPath();
        var verdict = new Verdict(progress);
        foreach (var seed in options.EachSeed)
        {
            var folder = Directory.CreateTempSubdirectory("umwelt-schedules-").FullName;
            try
            {
                Branch(folder, Configure(text, folder, seed), seed, options, progress, verdict, cancellation);
                verdict.AtMost("accumulated_gradient_difference", seed, GradientDifference(Configure(text, folder, seed), options, cancellation), 1e-6);
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        }

        return verdict.Result();
    }

    private static void Branch(
        string folder, TextRun run, long seed, ExperimentOptions options, IProgress<string> progress, Verdict verdict, CancellationToken cancellation)
    {
        // Twentieths, so that every branch leaves the stable run at a checkpoint.
        var twentieth = Math.Max(5, options.Scaled(Steps) / 20);
        var stable = run with
        {
            Out = Path.Combine(folder, "stable"),
            Keep = 100,
            Training = run.Training with { Steps = 16 * twentieth, Decay = Decay.None, CheckpointEvery = 2 * twentieth },
        };
        progress.Report($"seed {seed}: the stable run");
        Loss(stable, resumes: false, options, cancellation);
        foreach (var percent in (int[])[50, 75, 100])
        {
            var steps = percent * twentieth / 5;
            var branch = run with
            {
                Out = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"branch-{percent}")),
                Training = run.Training with { Steps = steps, Decay = Decay.SquareRoot, DecayShare = DecayShare },
            };
            Copy(stable.Out, branch.Out, steps * 4 / 5);
            progress.Report($"seed {seed}: the branch at {percent}%");
            var branched = Loss(branch, resumes: true, options, cancellation);
            progress.Report($"seed {seed}: the cosine of {percent}%");
            var cosine = Loss(
                run with { Out = branch.Out + "-cosine", Training = run.Training with { Steps = steps, Decay = Decay.Cosine } }, resumes: false, options, cancellation);
            verdict.Tell($"branched_at_{percent}", seed, branched);
            verdict.Tell($"cosine_of_{percent}", seed, cosine);
            verdict.AtMost($"branched_over_cosine_{percent}", seed, branched / cosine, 1.01);
        }
    }

    private static void Copy(string from, string to, long step)
    {
        var checkpoint = new Checkpoints(Path.Combine(from, CheckpointsFolder), 100).All.Single(entry => entry.Step == step);
        var target = Directory.CreateDirectory(Path.Combine(to, CheckpointsFolder, Path.GetFileName(checkpoint.Folder))).FullName;
        foreach (var file in Directory.GetFiles(checkpoint.Folder))
        {
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
        }
    }

    private static double Loss(TextRun run, bool resumes, ExperimentOptions options, CancellationToken cancellation)
    {
        using var engine = new Engine(new CpuBackend(options.Threads));
        using var training = new TextTraining(engine, run, resumes);
        var result = training.Run(cancellation);
        cancellation.ThrowIfCancellationRequested();
        return result.Figures[0].Value;
    }

    private static double GradientDifference(TextRun run, ExperimentOptions options, CancellationToken cancellation)
    {
        // A rate so high that what the weights were before is lost in rounding, not what the gradients differ by.
        var step = run.Training with { Steps = 1, Rate = 1000, WarmUp = 0, Decay = Decay.None, Clip = 0 };
        var descent = run with { Optimiser = new OptimiserOptions { Kind = OptimiserKind.Sgd, Beta1 = 0, Decay = 0 }, Data = run.Data with { MeasuredWindows = 1 } };
        var whole = Changes(descent with { Out = run.Out + "-whole", Training = step });
        var parts = Changes(descent with { Out = run.Out + "-parts", Training = step with { Portion = 5 } });
        return whole.Zip(parts, (a, b) => Math.Abs(a - b)).Max() / whole.Max(Math.Abs);

        double[] Changes(TextRun one)
        {
            using var engine = new Engine(new CpuBackend(options.Threads));
            using var training = new TextTraining(engine, one);
            var before = Weights(training.Model);
            training.Run(cancellation);
            return [.. Weights(training.Model).Zip(before, (now, then) => (double)now - then)];
        }
    }

    private static float[] Weights(TextModel model) => [.. model.Parameters.Parameters.SelectMany(parameter => parameter.Value.ToArray<float>())];

    private static TextRun Configure(string text, string folder, long seed) => new()
    {
        Out = Path.Combine(folder, "run"),
        Seed = seed,
        Data = new TextData { Path = text, MeasuredWindows = 0 },
        Model = new TextModelOptions { Stack = new StackOptions { Layers = "attentionx2", Width = 64, Heads = 2, Context = 64 } },
        Training = new TrainerOptions
        {
            Rate = 2e-3,
            WarmUp = 50,
            FinalRate = 0,
            BatchSize = StagedSchedule.Constant(12),
            Length = StagedSchedule.Constant(64),
            EvaluateEvery = 0,
            CheckpointEvery = 0,
        },
    };
}
