// `umwelt train CONFIG [--a.b=c]`: trains what a configuration says. Stopping it keeps a checkpoint; --resume goes on from the
// last one, bit for bit, also after a kill.
using System.CommandLine;
using System.Globalization;
using Umwelt.Cli.Output;
using Umwelt.Cli.Train;
using Umwelt.Learning;
using Umwelt.Tensors;

namespace Umwelt.Cli.Commands;

internal static class TrainCommand
{
    public static Command Create()
    {
        var words = new Argument<string[]>("CONFIG")
        {
            Description = "A configuration, and changes to it: --key.key=value.",
            Arity = ArgumentArity.OneOrMore,
        };
        var resume = new Option<bool>("--resume") { Description = "Go on from the last checkpoint of the run's folder." };
        var live = new Option<bool>("--live") { Description = "Of a world model: write it again and again as it learns, for 'umwelt play CONFIG' to dream in." };
        var attached = new Option<bool>("--attached") { Description = "Stop when standard input ends, as it does where whoever started this is gone." };
        var command = new ExampleCommand(
            "train",
            "Train a model.",
            ("umwelt train runs/text.json --data.path=book.txt", "a language model, from a text"),
            ("umwelt train runs/text.json --data.path=book.txt --training.steps=500 --out=short", "a shorter run in another folder"),
            ("umwelt train runs/text.json --data.path=book.txt --resume", "go on after a kill"),
            ("umwelt train runs/house.json", "a world model, from what 'umwelt record house --out house-data' recorded"))
        {
            words,
            resume,
            live,
            attached,
        };
        command.TakesChanges = true;
        command.SetAction(async (parsed, cancellation) =>
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            if (parsed.GetValue(attached))
            {
                _ = StopWithInput(stop);
            }

            return await Task.Run(() => Run(parsed.GetValue(words)!, parsed.GetValue(resume), parsed.GetValue(live), parsed.GetValue(CommandLine.Json), stop.Token), CancellationToken.None).ConfigureAwait(false);
        });
        return command;
    }

    private static async Task StopWithInput(CancellationTokenSource stop)
    {
        var input = new byte[64];
        using var stream = Console.OpenStandardInput();
        while (await stream.ReadAsync(input).ConfigureAwait(false) > 0)
        {
        }

        try
        {
            await stop.CancelAsync().ConfigureAwait(false);
        }
        catch (ObjectDisposedException)
        {
            // The training has ended by itself.
        }
    }

    private static int Run(string[] words, bool resumes, bool isLive, bool json, CancellationToken cancellation)
    {
        var changes = words.Where(Misuse.IsChange).ToArray();
        var path = words.Except(changes, StringComparer.Ordinal).ToArray() is [var one]
            ? File.Exists(one) ? one : throw new CommandFailedException($"{one}: there is no such file.")
            : throw new MisuseException("give one configuration, such as runs/text.json, and changes such as --training.steps=500.");
        var overrides = changes.Select(change => change[2..]);
        using var engine = new Engine(new CpuBackend());
        try
        {
            return RunKind.Of(path) == RunKind.World
                ? Train(engine, WorldRun.Read(path, overrides), resumes, isLive, json, cancellation)
                : Train(engine, TextRun.Read(path, overrides), resumes, json, cancellation);
        }
        catch (NotFiniteException error)
        {
            throw new CommandFailedException($"{error.Message}. The last checkpoint is as good as it was.");
        }
        catch (ArgumentException error) when (error is not ShapeException)
        {
            throw new MisuseException(error.Message.Replace($" (Parameter '{error.ParamName}')", "", StringComparison.Ordinal));
        }
    }

    private static int Train(Engine engine, TextRun run, bool resumes, bool json, CancellationToken cancellation)
    {
        using var watchers = new Watchers(engine, "tokens", run.Out);
        using var training = new TextTraining(engine, run, resumes, watchers.All);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{training.Model.Parameters.Count:N0} parameters, {training.Model.Vocabulary:N0} tokens; everything goes into {run.Out}"));
        var result = training.Run(cancellation);
        return Show(run.Out, result.Model, result.Step, result.IsDone, result.Figures, json);
    }

    private static int Train(Engine engine, WorldRun run, bool resumes, bool isLive, bool json, CancellationToken cancellation)
    {
        using var watchers = new Watchers(engine, "moments", run.Out);
        var live = isLive ? new LiveModels(run.Out) : null;
        using var training = new WorldTraining(engine, run, resumes, live is null ? watchers.All : [.. watchers.All, live]);
        live?.Save = folder =>
        {
            training.Trainer.Average?.Exchange();
            training.Model.Save(folder);
            training.Trainer.Average?.Exchange();
        };
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{training.Model.Parameters.Count:N0} parameters, {training.Model.SlotCount:N0} slots; everything goes into {run.Out}"));
        var result = training.Run(cancellation);
        return Show(run.Out, result.Model, result.Step, result.IsDone, result.Figures, json);
    }

    private static int Show(string folder, string model, long step, bool isDone, IReadOnlyList<KeyValuePair<string, double>> figures, bool json)
    {
        Console.WriteLine(isDone
            ? $"The model is {model}; its curves are in {Path.Combine(folder, TrainingReport.FileName)}."
            : string.Create(CultureInfo.InvariantCulture, $"Stopped after step {step:N0}; --resume goes on from there."));
        if (json)
        {
            JsonLine.Write(line =>
            {
                line.WriteString("model", model);
                line.WriteNumber("steps", step);
                line.WriteBoolean("done", isDone);
                foreach (var (name, value) in figures)
                {
                    line.WriteFigure(name, value);
                }
            });
        }

        return isDone ? CommandLine.Done : CommandLine.Failed;
    }

    /// <summary>Everybody who watches a run: a display, a log, events, a report.</summary>
    private sealed class Watchers(Engine engine, string unit, string folder) : IDisposable
    {
        private readonly TrainingDisplay _display = new(engine, unit);
        private readonly TrainingLog _log = new(folder);
        private readonly TrainingEvents _events = new(Path.Combine(folder, "events"));

        public IReadOnlyList<TrainingObserver> All => [_display, _log, _events, new TrainingReport(folder, $"Training of {folder}")];

        public void Dispose()
        {
            _events.Dispose();
            _log.Dispose();
            _display.Dispose();
        }
    }
}
