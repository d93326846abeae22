// `umwelt watch MODEL < stream.jsonl`: says of each moment, as it comes, how surprising it is, and raises alarms that are false as seldom as asked.
using System.CommandLine;
using System.Globalization;
using Umwelt.Cli.Output;
using Umwelt.Cli.Watch;
using Umwelt.Models;
using Umwelt.Moments;

namespace Umwelt.Cli.Commands;

internal static class WatchCommand
{
    private const double UsualRate = 0.001;
    private const int UsualPrime = 16;
    private const long MostUsual = 100_000;

    public static Command Create()
    {
        var model = new Argument<string>("MODEL") { Description = "The model's folder." };
        var rate = new Option<double>("--false-alarms") { Description = "The share of usual moments that may raise an alarm.", HelpName = "SHARE", DefaultValueFactory = _ => UsualRate };
        var usual = new Option<string?>("--usual") { Description = "A recording of what is usual, never learnt from; it draws a finer line than the model's own measure.", HelpName = "FOLDER" };
        var prime = new Option<int>("--prime") { Description = "Moments of an episode that are taken in before one is judged.", HelpName = "NUMBER", DefaultValueFactory = _ => UsualPrime };
        var quiet = new Option<bool>("--quiet") { Description = "Print alarms alone." };
        var command = new ExampleCommand(
            "watch",
            "Say how surprising moments are as they come, and raise alarms.",
            ("umwelt watch sensors/model < stream.jsonl", "moments as 'umwelt export jsonl' writes them, an object a line"),
            ("tail -f log.jsonl | umwelt watch sensors/model --quiet --false-alarms 0.0001", "alarms alone, one false in ten thousand moments at most"),
            ("umwelt watch sensors/model --usual last-week --json < stream.jsonl", "by what was usual last week; a line of JSON a moment"))
        {
            model, rate, usual, prime, quiet,
        };
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                var share = parsed.GetValue(rate);
                if (!(share is > 0 and < 1))
                {
                    throw new MisuseException($"--false-alarms is {share.ToString(CultureInfo.InvariantCulture)}; it is a share between 0 and 1.");
                }

                if (parsed.GetValue(prime) is < 1 or > 100_000)
                {
                    throw new MisuseException($"--prime is {parsed.GetValue(prime)}; it can be 1 to 100000.");
                }

                using var loaded = WorldModel.Load(parsed.GetRequiredValue(model));
                using var watcher = new Watcher(loaded, parsed.GetValue(prime));
                var line = parsed.GetValue(usual) is { } folder ? By(folder, loaded, watcher, share, cancellation) : AlarmLine.Of(Watcher.Judged(loaded), share);
                Run(Console.In, Console.Out, loaded.Schema, watcher, line, parsed.GetValue(quiet), parsed.GetValue(CommandLine.Json), cancellation);
                return CommandLine.Done;
            },
            CancellationToken.None));
        return command;
    }

    /// <summary>Judges moments until there are no more.</summary>
    public static void Run(TextReader input, TextWriter output, Schema schema, Watcher watcher, AlarmLine line, bool isQuiet, bool isJson, CancellationToken cancellation)
    {
        var moments = new MomentBatch(schema, 1);
        var lines = new MomentLines(schema, "standard input");
        var (judged, alarms) = (0L, 0L);
        if (!isJson)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Alarms above {line.Height:0.00}: false in {line.Promise}."));
        }

        while (input.ReadLine() is { } text)
        {
            cancellation.ThrowIfCancellationRequested();
            if (!lines.Read(text, moments))
            {
                continue;
            }

            var surprise = watcher.Take(moments, lines.IsNew);
            var isAlarm = surprise.Height > line.Height;
            judged += double.IsNaN(surprise.Height) ? 0 : 1;
            alarms += isAlarm ? 1 : 0;
            if (isQuiet && !isAlarm)
            {
                continue;
            }

            if (isJson)
            {
                output.WriteLine(Json(lines, surprise, isAlarm));
            }
            else
            {
                var when = lines.Time is { } time ? string.Create(CultureInfo.InvariantCulture, $" at {time:0.###}") : "";
                output.WriteLine(double.IsNaN(surprise.Height)
                    ? string.Create(CultureInfo.InvariantCulture, $"{lines.Line}{when}: –")
                    : string.Create(CultureInfo.InvariantCulture, $"{lines.Line}{when}: {surprise.Height:0.00} {surprise.Channel}{(isAlarm ? "  ALARM" : "")}"));
            }

            output.Flush();
        }

        if (isJson)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $$"""{"judged":{{judged}},"alarms":{{alarms}},"threshold":{{line.Height:R}}}"""));
        }
        else
        {
            output.WriteLine($"{Counted.Of(judged, "moment")} judged, {Counted.Of(alarms, "alarm")}.");
        }
    }

    private static string Json(MomentLines lines, Surprise surprise, bool isAlarm)
    {
        using var stream = new MemoryStream();
        using (var json = new System.Text.Json.Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteNumber("line", lines.Line);
            if (lines.Time is { } time)
            {
                json.WriteNumber("time", time);
            }

            if (double.IsNaN(surprise.Height))
            {
                json.WriteNull("surprise");
            }
            else
            {
                json.WriteNumber("surprise", surprise.Height);
                json.WriteString("channel", surprise.Channel);
            }

            json.WriteBoolean("alarm", isAlarm);
            json.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }

    private static AlarmLine By(string folder, WorldModel model, Watcher watcher, double rate, CancellationToken cancellation)
    {
        using var recording = Recording.Open(folder);
        if (!recording.Schema.Equals(model.Schema))
        {
            throw new CommandFailedException($"{folder} holds ({recording.Schema}), the model knows ({model.Schema}).");
        }

        using var progress = new ProgressLine();
        try
        {
            return AlarmLine.Of(watcher.Usual(recording, recording.Episodes, MostUsual, progress, cancellation), rate);
        }
        catch (ArgumentException error)
        {
            throw new CommandFailedException($"{folder}: {error.Message.Replace($" (Parameter '{error.ParamName}')", "", StringComparison.Ordinal)}.");
        }
    }
}
