// `umwelt learn CONFIG --in WORLD`: learns a policy from the rewards of a world, or of a dream of one, and says what it is worth
// on episodes it has never seen.
using System.CommandLine;
using System.Globalization;
using System.Text;
using Umwelt.Agents;
using Umwelt.Cli.Act;
using Umwelt.Cli.Output;
using Umwelt.Models;
using Umwelt.Moments;
using Umwelt.Storage;
using Umwelt.Tensors;

namespace Umwelt.Cli.Commands;

internal static class LearnCommand
{
    private const string PolicyName = "policy";
    private const string ConfigurationName = "config.json";
    private const string CurveName = "learn.jsonl";

    // Fresh episodes are of another run than those that were learnt from.
    private const int FreshStream = 1;

    public static Command Create()
    {
        var words = new Argument<string[]>("CONFIG") { Description = "A configuration, and changes to it: --key.key=value.", Arity = ArgumentArity.OneOrMore };
        var where = new Option<string>("--in") { Description = "The world it learns in, or dream:FOLDER.", HelpName = "WORLD", Required = true };
        var command = new ExampleCommand(
            "learn",
            "Learn a policy from reward.",
            ("umwelt learn runs/cartpole.json --in cartpole", "balance a pole"),
            ("umwelt learn runs/pendulum.json --in pendulum --ppo.moments=300000 --out=longer", "swing up, with changes"),
            ("umwelt learn runs/pendulum.json --in dream:umwelt-world/model --ppo.longestEpisode=200", "the same in a model's dream"))
        {
            words, where,
        };
        command.TakesChanges = true;
        command.SetAction((parsed, cancellation) => Task.Run(() => Run(parsed.GetValue(words)!, parsed.GetRequiredValue(where), parsed.GetValue(CommandLine.Json), cancellation), CancellationToken.None));
        return command;
    }

    private static int Run(string[] words, string where, bool json, CancellationToken cancellation)
    {
        var changes = words.Where(Misuse.IsChange).ToArray();
        var path = words.Except(changes, StringComparer.Ordinal).ToArray() is [var one]
            ? File.Exists(one) ? one : throw new CommandFailedException($"{one}: there is no such file.")
            : throw new MisuseException("give one configuration, such as runs/cartpole.json, and changes such as --ppo.rate=0.001.");
        try
        {
            var run = PolicyRun.Read(path, changes.Select(change => change[2..]));
            using var engine = new Engine(new CpuBackend());
            using var world = Open(where, Math.Clamp(run.Ppo.Rows, 1, 4096));
            using var training = new PpoTraining(engine, world, run.Ppo, run.Seed);
            Directory.CreateDirectory(run.Out);
            run.Write(Path.Combine(run.Out, ConfigurationName));
            var done = Learn(training, run, cancellation);
            var folder = Path.Combine(run.Out, PolicyName);
            training.Policy.Save(folder);
            var (fresh, by) = Measure(where, folder, run, cancellation);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{folder}: {done.Moments:N0} moments lived, {Counted.Of(done.Episodes, "episode")}; on {Counted.Of(fresh.Count, "fresh episode")}:"));
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
        catch (ArgumentException error) when (error is not ShapeException)
        {
            throw new MisuseException(error.Message.Replace($" (Parameter '{error.ParamName}')", "", StringComparison.Ordinal));
        }
    }

    // A policy looks at nothing that a dream would have to render.
    private static World Open(string where, int rows)
    {
        var world = RecordCommand.Open(where, rows);
        (world as Dream)?.Renders = false;
        return world;
    }

    private static PpoProgress Learn(PpoTraining training, PolicyRun run, CancellationToken cancellation)
    {
        using var line = new ProgressLine();
        var curve = new StringBuilder();
        var done = training.Run(new Shown(line, run.Ppo.Moments, curve), cancellation);
        AtomicFile.WriteAllText(Path.Combine(run.Out, CurveName), curve.ToString());
        return done;
    }

    private static (IReadOnlyList<TrialEpisode> Episodes, Score Score) Measure(string where, string folder, PolicyRun run, CancellationToken cancellation)
    {
        long[] seeds = [.. Enumerable.Range(0, run.MeasuredEpisodes).Select(number => Recorder.EpisodeSeed(run.Seed, FreshStream, number))];
        using var world = Open(where, Score.RowsFor(seeds.Length));
        using var agent = ActingAgent.Open(folder, world, null, new PlannerOptions());
        var score = Score.Live(world, agent, seeds, run.LongestEpisode, cancellation);
        return (score.Episodes, score);
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
