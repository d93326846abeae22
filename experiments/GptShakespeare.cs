// Claim: the text model, trained by the trainer from a configuration, learns what a known small GPT learns on the same text in
// the same number of steps. A loss far below would mean that it sees what it should say.
using System.Globalization;
using Umwelt.Learning;
using Umwelt.Models;
using Umwelt.Networks;
using Umwelt.Tensors;

namespace Umwelt;

/// <summary>Trains a character model on tinyshakespeare.</summary>
public sealed class GptShakespeare : IExperiment
{
    /// <summary>The environment variable that names the text.</summary>
    public const string Variable = "UMWELT_TINYSHAKESPEARE";

    private const double Highest = 1.92;
    private const double Lowest = 1.55;
    private const int Length = 64;

    /// <inheritdoc/>
    public static string Name => "gpt-shakespeare";

    /// <inheritdoc/>
    public static string Claim =>
        "Four layers, 128 wide, context 64, batch 12: after 2,000 steps on the characters of tinyshakespeare the loss on the held-out tenth is at most 1.92 (published: 1.88), and no later token changes a bit of what is said before it.";

    /// <inheritdoc/>
    public static ExperimentResult Run(ExperimentOptions options, IProgress<string> progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(progress);
        var path = TextPath();
        var verdict = new Verdict(progress);
        foreach (var seed in options.EachSeed)
        {
            var folder = Directory.CreateTempSubdirectory("umwelt-gpt-").FullName;
            try
            {
                var (loss, changed) = Train(path, folder, seed, options, progress, cancellation);
                verdict.AtMost("loss", seed, loss, Highest);
                verdict.AtLeast("loss_without_leak", seed, loss, Lowest);
                verdict.AtMost("scores_changed_by_later_tokens", seed, changed, 0);
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        }

        return verdict.Result();
    }

    internal static string TextPath() => Environment.GetEnvironmentVariable(Variable) is { } path && File.Exists(path)
        ? path
        : throw new InvalidOperationException($"This experiment needs the text tinyshakespeare (1,115,394 characters, github.com/karpathy/char-rnn): set {Variable} to its path.");

    private static (double Loss, int Changed) Train(string path, string folder, long seed, ExperimentOptions options, IProgress<string> progress, CancellationToken cancellation)
    {
        using var engine = new Engine(new CpuBackend(options.Threads));
        var run = new TextRun
        {
            Out = Path.Combine(folder, "run"),
            Seed = seed,
            Data = new TextData { Path = path, MeasuredWindows = 0 },
            Model = new TextModelOptions { Stack = new StackOptions { Layers = "attentionx4", Width = 128, Heads = 4, Context = Length } },
            Optimiser = new OptimiserOptions { Beta2 = 0.99f, Decay = 0.1f },
            Training = new TrainerOptions
            {
                Steps = options.Scaled(2000),
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
        return (result.Figures[0].Value, ChangedByLater(training.Model));
    }

    // Scores before a token that differ in any bit once the token is another.
    private static int ChangedByLater(TextModel model)
    {
        using var noGradient = model.Engine.NoGradient();
        using var scope = model.Engine.Scope();
        var tokens = Enumerable.Range(0, Length).Select(i => i * 7 % model.Vocabulary).ToArray();
        var before = model.Logits(model.Engine.From(tokens, [1, Length])).ToArray<float>();
        var changed = 0;
        for (var edited = 1; edited < Length; edited++)
        {
            var others = (int[])tokens.Clone();
            others[edited] = (others[edited] + 1) % model.Vocabulary;
            var after = model.Logits(model.Engine.From(others, [1, Length])).ToArray<float>();
            changed += Enumerable.Range(0, edited * model.Vocabulary).Count(i => BitConverter.SingleToInt32Bits(before[i]) != BitConverter.SingleToInt32Bits(after[i]));
        }

        return changed;
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
