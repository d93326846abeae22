// Claim: the text model, trained by the trainer from a configuration, learns what a known small GPT learns on the same text in
// the same number of steps. A loss far below would mean that it sees what it should say.
using System.Globalization;
using Umwelt.Learning;
using Umwelt.Models;
using Umwelt.Networks;
using Umwelt.Tensors;

namespace Umwelt;

/// <summary>Trains a character model on tinyshakespeare, three times.</summary>
public sealed class GptShakespeare : IExperiment
{
    /// <summary>The environment variable that names the text.</summary>
    public const string Variable = "UMWELT_TINYSHAKESPEARE";

    private const double Highest = 1.92;
    private const double Lowest = 1.55;
    private const int Length = 64;
    private const int Seeds = 3;

    /// <inheritdoc/>
    public static string Name => "gpt-shakespeare";

    /// <inheritdoc/>
    public static string Claim =>
        "Four layers, 128 wide, context 64, batch 12: after 2,000 steps on the characters of tinyshakespeare the loss on the held-out tenth is at most 1.92 (published: 1.88).";

    /// <inheritdoc/>
    public static ExperimentResult Run(ExperimentOptions options, IProgress<string> progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(progress);
        var path = Environment.GetEnvironmentVariable(Variable);
        if (path is null || !File.Exists(path))
        {
            throw new InvalidOperationException($"This experiment needs the text tinyshakespeare (1,115,394 characters, github.com/karpathy/char-rnn): set {Variable} to its path.");
        }

        var losses = new List<double>();
        var figures = new Dictionary<string, double>(StringComparer.Ordinal);
        for (var seed = options.Seed; seed < options.Seed + Seeds; seed++)
        {
            var folder = Directory.CreateTempSubdirectory("umwelt-gpt-").FullName;
            try
            {
                losses.Add(Train(path, folder, seed, options.Scaled(2000), progress, cancellation));
                figures[string.Create(CultureInfo.InvariantCulture, $"loss_seed_{seed}")] = losses[^1];
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        }

        figures["loss_mean"] = losses.Average();
        figures["loss_worst"] = losses.Max();
        return new ExperimentResult(
            figures,
            [$"every loss ≤ {Highest} (the published model: 1.88)", $"every loss ≥ {Lowest}: less would mean a leak"],
            losses.TrueForAll(loss => loss is <= Highest and >= Lowest));
    }

    private static double Train(string path, string folder, long seed, long steps, IProgress<string> progress, CancellationToken cancellation)
    {
        using var engine = new Engine(new CpuBackend());
        var run = new TextRun
        {
            Out = Path.Combine(folder, "run"),
            Seed = seed,
            Data = new TextData { Path = path, MeasuredWindows = 0 },
            Model = new TextModelOptions { Stack = new StackOptions { Layers = "attentionx4", Width = 128, Heads = 4, Context = Length } },
            Optimiser = new OptimiserOptions { Beta2 = 0.99f, Decay = 0.1f },
            Training = new TrainerOptions
            {
                Steps = steps,
                Rate = 2e-3,
                WarmUp = 100,
                FinalRate = 0.1,
                BatchSize = StagedSchedule.Constant(12),
                Length = StagedSchedule.Constant(Length),
                EvaluateEvery = 0,
                CheckpointEvery = 0,
            },
        };
        using var training = new TextTraining(engine, run, false, new Told(seed, progress));
        var result = training.Run(cancellation);
        cancellation.ThrowIfCancellationRequested();
        return result.Figures[0].Value;
    }

    private sealed class Told(long seed, IProgress<string> progress) : TrainingObserver
    {
        public override void Stepped(TrainingStep step)
        {
            if (step.Step % 20 == 0)
            {
                progress.Report(string.Create(CultureInfo.InvariantCulture, $"seed {seed}: step {step.Step:N0} of {step.Steps:N0}, loss {step.Loss:0.000}"));
            }
        }
    }
}
