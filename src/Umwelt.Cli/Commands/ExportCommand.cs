// `umwelt export FORMAT RECORDING`: writes a recording, or a part of it, as a file that other programs open. Models have a
// command of their own.
using System.CommandLine;
using System.Globalization;
using Umwelt.Cli.Output;
using Umwelt.Moments;
using Umwelt.Moments.Exporters;

namespace Umwelt.Cli.Commands;

internal static class ExportCommand
{
    public static Command Create()
    {
        var command = new ExampleCommand(
            "export",
            "Write a recording as a video, a sound, a contact sheet or a table, or a language model for other programs.",
            ("umwelt export mp4 house --episode 0 --out walk.mp4", "what was seen and heard in the first episode"),
            ("umwelt export png house --step 20 --out sheet.png", "every twentieth picture on one sheet"),
            ("umwelt export csv house --out house.csv", "numbers and text; 'umwelt import csv' reads them back"),
            ("umwelt export llama umwelt-text --out for-others", "a language model"));
        foreach (var format in Exporter.Formats)
        {
            command.Add(Create(format));
        }

        command.Add(ExportLlamaCommand.Create());
        return command;
    }

    private static ExampleCommand Create(ExportFormat format)
    {
        var source = new Argument<string>("RECORDING") { Description = "The recording's folder." };
        var output = new Option<string?>("--out") { Description = "The file; by default the recording's name.", HelpName = "FILE" };
        var episode = new Option<int?>("--episode") { Description = "One episode, from 0.", HelpName = "NUMBER" };
        var from = new Option<long>("--from") { Description = "The first moment.", HelpName = "NUMBER" };
        var count = new Option<long?>("--count") { Description = "How many moments.", HelpName = "NUMBER" };
        var channels = new Option<string[]>("--channel") { Description = "One of the channels to write; by default all that fit.", HelpName = "NAME" };
        var step = new Option<long?>("--step") { Description = "Of a sheet: every how many-th moment.", HelpName = "NUMBER" };
        var columns = new Option<int>("--columns") { Description = "Of a sheet: pictures in a row.", HelpName = "NUMBER", DefaultValueFactory = _ => 8 };
        var scale = new Option<int>("--scale") { Description = "Of pictures: how many pixels a pixel becomes, each way.", HelpName = "NUMBER", DefaultValueFactory = _ => 1 };
        var videos = new Option<bool>("--videos") { Description = "Of a data set: make videos of pictures (needs ffmpeg; loses a little)." };
        var skip = new Option<bool>("--skip-damaged") { Description = "Pass over segments that can't be read, and name them." };
        var command = new ExampleCommand(format.Name, $"Export {format.Summary}.", ($"umwelt export {format.Name} house --out house.{format.Name}", "the whole recording"))
        {
            source, output, episode, from, count, channels, step, columns, scale, videos, skip,
        };
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                using var recording = Recording.Open(parsed.GetValue(source)!, new RecordingReading { SkipDamaged = parsed.GetValue(skip) });
                var path = parsed.GetValue(output) ?? $"{Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(recording.Folder)))}.{format.Name}";
                var options = new ExportOptions
                {
                    Episode = parsed.GetValue(episode),
                    From = parsed.GetValue(from),
                    Count = parsed.GetValue(count),
                    Channels = [.. parsed.GetValue(channels) ?? []],
                    Step = parsed.GetValue(step),
                    Columns = parsed.GetValue(columns),
                    Scale = parsed.GetValue(scale),
                    Videos = parsed.GetValue(videos),
                };
                var result = Write(format, recording, path, options, cancellation);
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{path}: {result.Moments:N0} moments"));
                foreach (var note in result.Notes)
                {
                    Console.WriteLine(Terminal.Printable(note));
                }

                foreach (var damage in recording.Damage)
                {
                    Console.WriteLine(Terminal.Printable($"damaged: {damage.Path}: {damage.Problem}"));
                }

                if (parsed.GetValue(CommandLine.Json))
                {
                    JsonLine.Write(line =>
                    {
                        line.WriteString("format", format.Name);
                        line.WriteString("recording", recording.Folder);
                        line.WriteString("file", path);
                        line.WriteNumber("moments", result.Moments);
                    });
                }

                return CommandLine.Done;
            },
            CancellationToken.None));
        return command;
    }

    // A part or a channel that there is not is a misuse, said by whoever looks for it.
    private static ExportResult Write(ExportFormat format, Recording recording, string path, ExportOptions options, CancellationToken cancellation)
    {
        using var line = new ProgressLine();
        try
        {
            return format.Write(recording, path, options, new Progress(line), cancellation);
        }
        catch (ArgumentException error)
        {
            throw new MisuseException(error.Message);
        }
    }

    private sealed class Progress(ProgressLine line) : IProgress<double>
    {
        public void Report(double value) => line.Report(string.Create(CultureInfo.InvariantCulture, $"{value:P0}"));
    }
}
