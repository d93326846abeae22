// `umwelt import FORMAT SOURCE`: looks at somebody else's data, shows what it would make of it, and writes a recording. A
// format more is a line in the importers' list; the options are the same for all. Models of others have a command of their own.
using System.CommandLine;
using System.Globalization;
using Umwelt.Cli.Output;
using Umwelt.Moments;
using Umwelt.Moments.Importers;

namespace Umwelt.Cli.Commands;

internal static class ImportCommand
{
    public static Command Create()
    {
        var command = new ExampleCommand(
            "import",
            "Turn videos, tables, sounds, pictures or text into a recording, or somebody else's language model into one of ours.",
            ("umwelt import video drive.mp4 --rate 20 --size 64x64 --out drive", "a video; commands from drive.csv, if it lies beside it"),
            ("umwelt import csv sensors.csv --dry-run", "show what would become of a table"),
            ("umwelt import csv run.csv --map throttle=motor:vector:motor --drop note --commands before --out run", "correct what was guessed"),
            ("umwelt import images frames/ --rate 10 --out clip", "pictures; every folder is an episode"),
            ("umwelt import llama Llama-3.2-1B --out llama", "a language model"));
        foreach (var format in Importer.Formats)
        {
            command.Add(Create(format));
        }

        command.Add(ImportLlamaCommand.Create());
        return command;
    }

    private static ExampleCommand Create(ImportFormat format)
    {
        var source = new Argument<string>("SOURCE") { Description = "A file, or a folder of files." };
        var output = new Option<string?>("--out") { Description = "The recording's folder; by default the source's name.", HelpName = "FOLDER" };
        var dryRun = new Option<bool>("--dry-run") { Description = "Show the plan, write nothing." };
        var mapping = new Option<string?>("--mapping") { Description = "A JSON file with these options.", HelpName = "FILE" };
        var map = new Option<string[]>("--map") { Description = "Where a column goes: column=channel[:kind[:role]].", HelpName = "MAPPING" };
        var drop = new Option<string[]>("--drop") { Description = "Leave a column out.", HelpName = "COLUMN" };
        var rate = new Option<double?>("--rate") { Description = "Moments a second.", HelpName = "NUMBER" };
        var size = new Option<string?>("--size") { Description = "Size of pictures, such as 64x64.", HelpName = "WxH" };
        var commands = new Option<string?>("--commands") { Description = "Whether a row's command came 'before' or 'after' its senses.", HelpName = "ORDER" };
        var time = new Option<string?>("--time") { Description = "The column that says when.", HelpName = "COLUMN" };
        var episode = new Option<string?>("--episode") { Description = "The column whose change begins an episode.", HelpName = "COLUMN" };
        var gap = new Option<double?>("--gap") { Description = "Begin an episode where time jumps by more seconds.", HelpName = "SECONDS" };
        var asIs = new Option<bool>("--as-is") { Description = "A row is a moment, whatever its time; no sampling at --rate." };
        var separator = new Option<string?>("--separator") { Description = "What stands between cells; 'tab' for a tab.", HelpName = "CHARACTER" };
        var soundRate = new Option<int?>("--sound-rate") { Description = "Samples of sound a second.", HelpName = "NUMBER" };
        var ears = new Option<int?>("--ears") { Description = "1 for mono, 2 for stereo.", HelpName = "NUMBER" };
        var table = new Option<string?>("--table") { Description = "The table of commands that goes with a video.", HelpName = "FILE" };
        var textBytes = new Option<int?>("--text-bytes") { Description = "Bytes of text a moment; else a line.", HelpName = "NUMBER" };
        var licence = new Option<string?>("--licence") { Description = "The data's licence, to be kept with the recording.", HelpName = "NAME" };
        var access = new Option<string?>("--access") { Description = "Who may use it, to be kept with the recording.", HelpName = "TEXT" };
        var command = new ExampleCommand(
            format.Name,
            $"Import {format.Summary}.",
            ($"umwelt import {format.Name} {Example(format.Name)} --dry-run", "show the plan"),
            ($"umwelt import {format.Name} {Example(format.Name)} --out recording", "write a recording; the same again goes on after a kill"))
        {
            source, output, dryRun, mapping, map, drop, rate, size, commands, time, episode, gap, asIs, separator, soundRate, ears, table, textBytes, licence, access,
        };
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                var (width, height) = Size(parsed.GetValue(size));
                var options = Checked(() => new ImportOptions
                {
                    Rate = parsed.GetValue(rate),
                    Width = width,
                    Height = height,
                    Commands = Order(parsed.GetValue(commands)),
                    Map = [.. (parsed.GetValue(map) ?? []).Select(ImportMapping.Parse)],
                    Drop = [.. parsed.GetValue(drop) ?? []],
                    Time = parsed.GetValue(time),
                    Episode = parsed.GetValue(episode),
                    Gap = parsed.GetValue(gap),
                    AsIs = parsed.GetValue(asIs) ? true : null,
                    Separator = SeparatorOf(parsed.GetValue(separator)),
                    SoundRate = parsed.GetValue(soundRate),
                    Ears = parsed.GetValue(ears),
                    Table = parsed.GetValue(table),
                    TextBytes = parsed.GetValue(textBytes),
                });
                options = parsed.GetValue(mapping) is { } file ? options.Or(ImportOptions.Read(file)) : options;
                var from = parsed.GetValue(source)!;
                var json = parsed.GetValue(CommandLine.Json);
                using var importer = Opened(format, from, options, cancellation);
                Show(importer.Plan);
                if (parsed.GetValue(dryRun))
                {
                    Finish(importer.Plan, null, null, json);
                    return CommandLine.Done;
                }

                var folder = parsed.GetValue(output) ?? Path.GetFileNameWithoutExtension(Path.TrimEndingDirectorySeparator(Path.GetFullPath(from))) + ".recording";
                var provenance = new Provenance { Licence = parsed.GetValue(licence), Access = parsed.GetValue(access) };
                var result = Write(importer, folder, provenance, cancellation);
                Finish(importer.Plan, folder, result, json);
                return CommandLine.Done;
            },
            CancellationToken.None));
        return command;
    }

    private static string Example(string format) => format switch
    {
        "video" => "drive.mp4",
        "images" => "frames/",
        "text" => "book.txt",
        "csv" or "jsonl" or "wav" => $"run.{format}",
        _ => "folder/",
    };

    private static Importer Opened(ImportFormat format, string source, ImportOptions options, CancellationToken cancellation)
    {
        using var line = new ProgressLine();
        line.Report($"looking at {source}");
        return Checked(() => Importer.Open(format.Name, source, options, cancellation));
    }

    private static ImportResult Write(Importer importer, string folder, Provenance provenance, CancellationToken cancellation)
    {
        using var line = new ProgressLine();
        try
        {
            return importer.Write(folder, provenance, new Progress(line), cancellation);
        }
        catch (OperationCanceledException)
        {
            throw new CommandFailedException($"cancelled; {folder} keeps what was imported, and the same again goes on from there.");
        }
    }

    // What can't be asked for is a misuse, wherever it is found out.
    private static T Checked<T>(Func<T> make)
    {
        try
        {
            return make();
        }
        catch (Exception error) when (error is ArgumentException or FormatException)
        {
            throw new MisuseException(error.Message);
        }
    }

    private static void Show(ImportPlan plan)
    {
        TextTable.Write(
            ["from", "channel", "kind", "role", "shape"],
            [
                .. plan.Map.Select(mapping => (IReadOnlyList<string>)
                [
                    Terminal.Printable(mapping.Column), mapping.Channel, $"{mapping.Kind}".ToLowerInvariant(), $"{mapping.Role}".ToLowerInvariant(), Shape(plan.Schema[mapping.Channel]),
                ]),
            ]);
        foreach (var dropped in plan.Dropped)
        {
            Console.WriteLine($"no channel: {Terminal.Printable(dropped)}");
        }

        if (plan.Commands is { } order)
        {
            Console.WriteLine($"a row's command came {(order == CommandOrder.Before ? "before" : "after")} its senses: {plan.CommandsReason}");
        }

        var about = plan.MomentCount is { } moments ? $", about {Counted.Of(moments, "moment")}" : "";
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Counted.Of(plan.EpisodeCount, "episode")}{about} at {plan.Schema.Rate:0.####} a second"));
        foreach (var warning in plan.Warnings)
        {
            Console.WriteLine($"note: {Terminal.Printable(warning)}");
        }
    }

    private static void Finish(ImportPlan plan, string? folder, ImportResult? result, bool json)
    {
        foreach (var warning in result?.Warnings ?? [])
        {
            Console.WriteLine($"note: {Terminal.Printable(warning)}");
        }

        if (result is not null)
        {
            var before = result.Resumed > 0 ? string.Create(CultureInfo.InvariantCulture, $", {result.Resumed:N0} of them from before") : "";
            Console.WriteLine($"{folder}: {Counted.Of(result.Moments, "moment")} in {Counted.Of(result.Episodes, "episode")}{before}");
        }

        if (json)
        {
            JsonLine.Write(line =>
            {
                line.WriteString("format", plan.Format);
                line.WriteString("source", plan.Source);
                line.WriteNumber("rate", plan.Schema.Rate);
                line.WriteNumber("episodes", result?.Episodes ?? plan.EpisodeCount);
                line.WriteFigure("moments", result?.Moments ?? plan.MomentCount);
                line.WriteStartObject("map");
                foreach (var mapping in plan.Map.DistinctBy(mapping => mapping.Column, StringComparer.Ordinal))
                {
                    line.WriteString(mapping.Column, mapping.Target);
                }

                line.WriteEndObject();
                line.WriteString("commands", plan.Commands?.ToString().ToLowerInvariant());
                line.WriteStartArray("warnings");
                foreach (var warning in plan.Warnings.Concat(result?.Warnings ?? []))
                {
                    line.WriteStringValue(warning);
                }

                line.WriteEndArray();
                line.WriteString("recording", folder);
            });
        }
    }

    private static string Shape(Channel channel) => channel switch
    {
        CategoryChannel category => $"one of {category.Count}",
        { Shape.IsEmpty: true } => "any length",
        _ => string.Join(" x ", channel.Shape),
    };

    private static (int? Width, int? Height) Size(string? text)
    {
        if (text is null)
        {
            return (null, null);
        }

        var parts = text.Split('x');
        return parts.Length == 2 && int.TryParse(parts[0], CultureInfo.InvariantCulture, out var width) && int.TryParse(parts[1], CultureInfo.InvariantCulture, out var height)
            ? (width, height)
            : throw new MisuseException($"--size takes a width and a height, such as 64x64, not '{text}'");
    }

    private static CommandOrder? Order(string? text) => text switch
    {
        null => null,
        "before" => CommandOrder.Before,
        "after" => CommandOrder.After,
        _ => throw new MisuseException($"--commands takes 'before' or 'after', not '{text}'"),
    };

    private static char? SeparatorOf(string? text) => text switch
    {
        null => null,
        "tab" => '\t',
        [var one] => one,
        _ => throw new MisuseException($"--separator takes one character or 'tab', not '{text}'"),
    };

    private sealed class Progress(ProgressLine line) : IProgress<ImportProgress>
    {
        public void Report(ImportProgress value) => line.Report(string.Create(
            CultureInfo.InvariantCulture,
            $"episode {Math.Min(value.Episode + 1, value.EpisodeCount)} of {value.EpisodeCount}, {value.Moments:N0}{(value.MomentCount is { } all ? $" of about {all:N0}" : "")} moments"));
    }
}
