// Claim: a training killed at random instants and resumed is, to the last bit, the training never stopped: weights, optimiser,
// averages, losses on the way, samples. The runs are processes of their own, killed by the system.
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Umwelt.Learning;
using Umwelt.Models;
using Umwelt.Networks;
using Umwelt.Storage;

namespace Umwelt;

/// <summary>Kills trainings and resumes them.</summary>
public sealed class Resuming : IExperiment
{
    private const int Kills = 5;

    /// <inheritdoc/>
    public static string Name => "resume";

    /// <inheritdoc/>
    public static string Claim =>
        "A training killed five times at random instants (kill -9) and resumed equals the one never stopped in every bit of its weights, optimiser, averages, losses and samples.";

    /// <inheritdoc/>
    public static ExperimentResult Run(ExperimentOptions options, IProgress<string> progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(progress);
        var steps = options.Scaled(800);
        var (killed, different, lines, compared) = (0, 0L, 0L, 0L);
        foreach (var seed in options.EachSeed)
        {
            var folder = Directory.CreateTempSubdirectory("umwelt-resume-").FullName;
            try
            {
                File.WriteAllText(Path.Combine(folder, "text.txt"), Story(seed));
                var whole = Configure(folder, "whole", seed, steps);
                progress.Report($"seed {seed}: never stopped");
                var clock = Stopwatch.StartNew();
                using (var process = Start(whole))
                {
                    WaitFor(process, cancellation);
                }

                var random = RandomStream.Of(seed, DateTime.UtcNow.Ticks);
                var broken = Configure(folder, "broken", seed, steps);
                for (var i = 0; i < Kills; i++)
                {
                    progress.Report($"seed {seed}: kill {i + 1}");
                    using var process = Start(broken);

                    // Not longer than leaves something to do for the kills that follow.
                    killed += process.WaitForExit((int)(random.NextDouble() * clock.ElapsedMilliseconds / (Kills - 1))) ? 0 : 1;
                    process.Kill();
                    WaitFor(process, cancellation, mayFail: true);
                }

                using (var process = Start(broken))
                {
                    WaitFor(process, cancellation);
                }

                var (these, those) = (Everything(Path.Combine(folder, "whole")), Everything(Path.Combine(folder, "broken")));
                compared += these.Count;
                var unequal = these.Keys.Union(those.Keys).Where(key => !string.Equals(these.GetValueOrDefault(key), those.GetValueOrDefault(key), StringComparison.Ordinal)).ToList();
                different += unequal.Count;
                lines += unequal.Count(key => key.StartsWith("log:", StringComparison.Ordinal));
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        }

        return new ExperimentResult(
            new Dictionary<string, double>(StringComparer.Ordinal) { ["killed"] = killed, ["compared"] = compared, ["different"] = different, ["different_lines_of_log"] = lines },
            ["different = 0: every file of the last checkpoint and the model, and every line of the log but its times, is equal", string.Create(CultureInfo.InvariantCulture, $"killed ≥ {options.Seeds * (Kills - 1)}: nearly all kills hit a living process")],
            different == 0 && killed >= options.Seeds * (Kills - 1));
    }

    private static string Configure(string folder, string name, long seed, long steps)
    {
        var run = new TextRun
        {
            Out = Path.Combine(folder, name),
            Seed = seed,
            Data = new TextData { Path = Path.Combine(folder, "text.txt"), AreLanes = true, Restarts = 0.05 },
            Model = new TextModelOptions { Stack = new StackOptions { Layers = "mamba, attention(window: 16)", Width = 32, Heads = 2, Context = 64 } },
            Training = new TrainerOptions
            {
                Steps = steps,
                WarmUp = 10,
                BatchSize = new StagedSchedule([new Stage(0, 4), new Stage(0.5, 8)]),
                Length = StagedSchedule.Constant(24),
                Portion = 3,
                Average = 0.98,
                EvaluateEvery = 50,
                CheckpointEvery = 7,
            },
            Sample = new SampleOptions { Prompt = "The ", Sampling = new SamplingOptions { Tokens = 40 } },
        };
        var path = Path.Combine(folder, name + ".json");
        run.Write(path);
        return path;
    }

    private static Process Start(string configuration)
    {
        var self = Environment.ProcessPath!;
        var isHost = string.Equals(Path.GetFileNameWithoutExtension(self), "dotnet", StringComparison.OrdinalIgnoreCase);
        return Process.Start(new ProcessStartInfo(self, [.. isHost ? (string[])[Environment.GetCommandLineArgs()[0]] : [], "train", configuration, "--resume"])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        })!;
    }

    private static void WaitFor(Process process, CancellationToken cancellation, bool mayFail = false)
    {
        using var kill = cancellation.Register(process.Kill);
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        cancellation.ThrowIfCancellationRequested();
        if (process.ExitCode != 0 && !mayFail)
        {
            throw new InvalidOperationException($"A training ended with exit code {process.ExitCode}.");
        }
    }

    // Files as their bytes; what says how long something took, or where it is, left out.
    private static Dictionary<string, string> Everything(string folder)
    {
        var all = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var file in Directory.GetFiles(new Checkpoints(Path.Combine(folder, "checkpoints")).All[^1].Folder).Concat(Directory.GetFiles(Path.Combine(folder, "model"))))
        {
            all[Path.GetRelativePath(folder, file)] = file.EndsWith("state.json", StringComparison.Ordinal)
                ? Without(File.ReadAllText(file), "seconds")
                : Convert.ToHexString(File.ReadAllBytes(file));
        }

        foreach (var line in File.ReadLines(Path.Combine(folder, TrainingLog.FileName)).Where(line => !line.Contains("\"note\"", StringComparison.Ordinal)))
        {
            // A line by what it is of: one that is missing must not shift the others.
            using var document = JsonDocument.Parse(line);
            var properties = document.RootElement.EnumerateObject().Take(2).Select(property => property.Name).Last();
            all[$"log: {properties} of {document.RootElement.GetProperty("step")}"] = Without(line, "seconds");
        }

        return all;
    }

    private static string Without(string json, string key)
    {
        using var document = JsonDocument.Parse(json);
        return string.Concat(document.RootElement.EnumerateObject().Where(property => !property.NameEquals(key)).Select(property => property.ToString()));
    }

    private static string Story(long seed)
    {
        string[] words = ["the", "fox", "house", "sleeps", "red", "door", "opens", "and", "a", "lamp", "sees", "green", "walks", "under", "bell", "rings"];
        var random = RandomStream.Of(seed, 0x73746f);
        var text = new StringBuilder();
        for (var i = 0; i < 4000; i++)
        {
            text.Append(words[random.NextInt32(words.Length)]).Append(i % 9 == 8 ? ".\n" : " ");
        }

        return text.ToString();
    }
}
