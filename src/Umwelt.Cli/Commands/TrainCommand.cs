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
        var command = new ExampleCommand(
            "train",
            "Train a model.",
            ("umwelt train runs/text.json --data.path=book.txt", "a language model, from a text"),
            ("umwelt train runs/text.json --data.path=book.txt --training.steps=500 --out=short", "a shorter run in another folder"),
            ("umwelt train runs/text.json --data.path=book.txt --resume", "go on after a kill"))
        {
            words,
            resume,
        };
        command.TakesChanges = true;
        command.SetAction((parsed, cancellation) => Task.Run(() => Run(parsed.GetValue(words)!, parsed.GetValue(resume), parsed.GetValue(CommandLine.Json), cancellation), CancellationToken.None));
        return command;
    }

    private static int Run(string[] words, bool resumes, bool json, CancellationToken cancellation)
    {
        var changes = words.Where(Misuse.IsChange).ToArray();
        var run = words.Except(changes, StringComparer.Ordinal).ToArray() is [var path]
            ? TextRun.Read(File.Exists(path) ? path : throw new CommandFailedException($"{path}: there is no such file."), changes.Select(change => change[2..]))
            : throw new MisuseException("give one configuration, such as runs/text.json, and changes such as --training.steps=500.");
        using var engine = new Engine(new CpuBackend());
        using var display = new TrainingDisplay(engine, "tokens");
        using var log = new TrainingLog(run.Out);
        using var events = new TrainingEvents(Path.Combine(run.Out, "events"));
        try
        {
            using var training = new TextTraining(engine, run, resumes, display, log, events, new TrainingReport(run.Out, $"Training of {run.Out}"));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{training.Model.Parameters.Count:N0} parameters, {training.Model.Vocabulary:N0} tokens; everything goes into {run.Out}"));
            var result = training.Run(cancellation);
            Console.WriteLine(result.IsDone
                ? $"The model is {result.Model}; its curves are in {Path.Combine(run.Out, TrainingReport.FileName)}."
                : string.Create(CultureInfo.InvariantCulture, $"Stopped after step {result.Step:N0}; --resume goes on from there."));
            if (json)
            {
                JsonLine.Write(line =>
                {
                    line.WriteString("model", result.Model);
                    line.WriteNumber("steps", result.Step);
                    line.WriteBoolean("done", result.IsDone);
                    foreach (var (name, value) in result.Figures)
                    {
                        line.WriteFigure(name, value);
                    }
                });
            }

            return result.IsDone ? CommandLine.Done : CommandLine.Failed;
        }
        catch (NotFiniteException error)
        {
            throw new CommandFailedException($"{error.Message}. The last checkpoint in {run.Out} is as good as it was.");
        }
        catch (ArgumentException error) when (error is not ShapeException)
        {
            throw new MisuseException(error.Message.Replace($" (Parameter '{error.ParamName}')", "", StringComparison.Ordinal));
        }
    }
}
