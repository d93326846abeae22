// A policy learnt in the dreams of a model that is learnt from what the policy lives: tells how it goes, measures the policy on
// fresh episodes, and says how far what the model expects of it is from what comes.
using System.Globalization;
using Umwelt.Agents;
using Umwelt.Cli.Output;
using Umwelt.Tensors;

namespace Umwelt.Cli.Act;

internal static class DreamLearning
{
    private const string CurveName = "learn.jsonl";
    private const int ReckonedEpisodes = 32;
    private const int ReckonedMoments = 200;

    public static int Run(PolicyRun run, bool resumes, bool json, CancellationToken cancellation)
    {
        using var engine = new Engine(new CpuBackend());
        using var training = new DreamTraining(engine, rows => WorldLearning.Open(run.World, rows), run, resumes);
        using (var line = new ProgressLine())
        {
            if (!training.Run(new Shown(line, Path.Combine(run.Out, CurveName)), cancellation))
            {
                Console.WriteLine($"Stopped; --resume goes on from there. Everything is in {run.Out}.");
                return CommandLine.Failed;
            }
        }

        var folder = training.PolicyFolder;
        var by = WorldLearning.Measure(folder, run, cancellation);
        var reckoning = Reckon(training.Policy!, run, cancellation);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{folder}: {training.Lived:N0} moments lived; on {Counted.Of(by.Episodes.Count, "fresh episode")}:"));
        TextTable.Write(Score.Columns, [by.Row()]);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"Its model expects {reckoning.Predicted.Average():0.00} of the first {ReckonedMoments} moments, and {reckoning.Real.Average():0.00} come: {(reckoning.IsWrong ? "the model is wrong about what the policy does" : "the model is right about what the policy does")}, by {reckoning.Gap:0.00} (95% from {reckoning.GapLow:0.00} to {reckoning.GapHigh:0.00})."));
        if (json)
        {
            JsonLine.Write(line =>
            {
                line.WriteString("policy", folder);
                line.WriteNumber("lived", training.Lived);
                line.WriteFigure("expected", reckoning.Predicted.Average());
                line.WriteFigure("came", reckoning.Real.Average());
                line.WriteFigure("gap", reckoning.Gap);
                line.WriteFigure("gap_low", reckoning.GapLow);
                line.WriteFigure("gap_high", reckoning.GapHigh);
                line.WriteBoolean("model_is_wrong", reckoning.IsWrong);
                by.Write(line);
            });
        }

        return CommandLine.Done;
    }

    private static Reckoning Reckon(DreamtPolicy policy, PolicyRun run, CancellationToken cancellation)
    {
        var seeds = WorldLearning.FreshSeeds(run).Take(ReckonedEpisodes).ToArray();
        using var world = WorldLearning.Open(run.World, Score.RowsFor(seeds.Length));
        return Reckoning.Of(world, policy, seeds, (int)Math.Min(run.LongestEpisode, ReckonedMoments), cancellation: cancellation);
    }

    // A line for every cycle goes into the curve; a run that was resumed adds to it.
    private sealed class Shown(IProgress<string> line, string curve) : IProgress<DreamProgress>
    {
        public void Report(DreamProgress value)
        {
            line.Report(value.Doing switch
            {
                DreamDoing.Living => string.Create(CultureInfo.InvariantCulture, $"cycle {value.Cycle + 1}: {value.Lived:N0} moments lived"),
                DreamDoing.Learning => string.Create(CultureInfo.InvariantCulture, $"cycle {value.Cycle + 1}: learning the model, step {value.Step:N0} of {value.Steps:N0}, loss {value.Loss:0.0000}"),
                DreamDoing.Dreaming => string.Create(
                    CultureInfo.InvariantCulture,
                    $"cycle {value.Cycle + 1}: dreaming, {value.Step:N0} of {value.Steps:N0}, worth {value.Worth:0.00}, entropy {value.Entropy:0.00}, {value.Discounted:P0} did not count"),
                _ => string.Create(CultureInfo.InvariantCulture, $"cycle {value.Cycle} is over: {value.Lived:N0} moments lived, worth {value.Worth:0.00}"),
            });
            if (value.Doing == DreamDoing.Cycle)
            {
                File.AppendAllText(curve, JsonLine.Text(writer =>
                {
                    writer.WriteNumber("cycle", value.Cycle);
                    writer.WriteNumber("moments", value.Lived);
                    writer.WriteFigure("loss", value.Loss);
                    writer.WriteFigure("worth", value.Worth);
                    writer.WriteFigure("entropy", value.Entropy);
                    writer.WriteFigure("discounted", value.Discounted);
                }) + "\n");
            }
        }
    }
}
