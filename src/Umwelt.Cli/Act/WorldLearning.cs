// A policy learnt straight from a world, or from the dream of a model that there is: lives, measures, tells.
using System.Globalization;
using System.Text;
using Umwelt.Agents;
using Umwelt.Cli.Commands;
using Umwelt.Cli.Output;
using Umwelt.Models;
using Umwelt.Moments;
using Umwelt.Storage;
using Umwelt.Tensors;

namespace Umwelt.Cli.Act;

internal static class WorldLearning
{
    private const string PolicyName = "policy";
    private const string ConfigurationName = "config.json";
    private const string CurveName = "learn.jsonl";

    // Fresh episodes are of another run than those that were learnt from.
    private const int FreshStream = 1;

    public static int Run(PolicyRun run, bool json, CancellationToken cancellation)
    {
        using var engine = new Engine(new CpuBackend());
        using var world = Open(run.World, Math.Clamp(run.Ppo.Rows, 1, 4096));
        using var training = new PpoTraining(engine, world, run.Ppo, run.Seed);
        Directory.CreateDirectory(run.Out);
        run.Write(Path.Combine(run.Out, ConfigurationName));
        var done = Learn(training, run, cancellation);
        var folder = Path.Combine(run.Out, PolicyName);
        training.Policy.Save(folder);
        var by = Measure(folder, run, cancellation);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{folder}: {done.Moments:N0} moments lived, {Counted.Of(done.Episodes, "episode")}; on {Counted.Of(by.Episodes.Count, "fresh episode")}:"));
        TextTable.Write(Score.Columns, [by.Row()]);
        if (json)
        {
            JsonLine.Write(line =>
            {
                line.WriteString("policy", folder);
                line.WriteNumber("lived", done.Moments);
                by.Write(line);
            });
        }

        return CommandLine.Done;
    }

    /// <summary>A world by name. A policy looks at nothing that a dream would have to render.</summary>
    public static World Open(string where, int rows)
    {
        var world = RecordCommand.Open(where, rows);
        (world as Dream)?.Renders = false;
        return world;
    }

    /// <summary>What the seeds of fresh episodes are.</summary>
    public static long[] FreshSeeds(PolicyRun run) => [.. Enumerable.Range(0, run.MeasuredEpisodes).Select(number => Recorder.EpisodeSeed(run.Seed, FreshStream, number))];

    /// <summary>Lets a policy live fresh episodes.</summary>
    public static Score Measure(string folder, PolicyRun run, CancellationToken cancellation)
    {
        var seeds = FreshSeeds(run);
        using var world = Open(run.World, Score.RowsFor(seeds.Length));
        using var agent = ActingAgent.Open(folder, world, null, new PlannerOptions());
        return Score.Live(world, agent, seeds, run.LongestEpisode, cancellation);
    }

    private static PpoProgress Learn(PpoTraining training, PolicyRun run, CancellationToken cancellation)
    {
        using var line = new ProgressLine();
        var curve = new StringBuilder();
        var done = training.Run(new Shown(line, run.Ppo.Moments, curve), cancellation);
        AtomicFile.WriteAllText(Path.Combine(run.Out, CurveName), curve.ToString());
        return done;
    }

    private sealed class Shown(IProgress<string> line, long moments, StringBuilder curve) : IProgress<PpoProgress>
    {
        public void Report(PpoProgress value)
        {
            line.Report(string.Create(
                CultureInfo.InvariantCulture, $"{value.Moments / (double)moments,4:P0}  {value.Moments:N0} moments  return {value.Return:0.0}  length {value.Length:0}  entropy {value.Entropy:0.00}"));
            curve.Append(JsonLine.Text(writer =>
            {
                writer.WriteNumber("moments", value.Moments);
                writer.WriteNumber("episodes", value.Episodes);
                writer.WriteFigure("return", value.Return);
                writer.WriteFigure("length", value.Length);
                writer.WriteFigure("entropy", value.Entropy);
                writer.WriteFigure("divergence", value.Divergence);
            })).Append('\n');
        }
    }
}
