// `umwelt worlds`: lists the worlds that can be opened by name. `umwelt worlds probe WORLD` lives in one for a minute of its
// time and says what it found: channels, ranges, speed, determinism, and the delay from command to effect.
using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Umwelt.Cli.Output;
using Umwelt.Moments;
using Umwelt.Worlds;
using Umwelt.Worlds.Mapping;
using Umwelt.Worlds.Probe;

namespace Umwelt.Cli.Commands;

internal static class WorldsCommand
{
    private const double UsualSeconds = 60;
    private const long MostMoments = 1_000_000;
    private const long LongestGuess = 2000;

    public static Command Create()
    {
        var command = new ExampleCommand(
            "worlds",
            "List the worlds there are, or find out what one is like.",
            ("umwelt worlds", "list them"),
            ("umwelt worlds probe balls:3", "what its channels hold, how fast it is, whether it is deterministic"))
        {
            Probe(),
        };
        command.SetAction(parsed =>
        {
            List(parsed.GetValue(CommandLine.Json));
            return CommandLine.Done;
        });
        return command;
    }

    private static ExampleCommand Probe()
    {
        var name = new Argument<string>("WORLD") { Description = "Its name, such as 'pendulum:pixels' or 'gym:CartPole-v1'; 'umwelt worlds' lists them." };
        var moments = new Option<long?>("--moments") { Description = "How many moments to live; otherwise a minute's worth.", HelpName = "NUMBER" };
        moments.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !(long.TryParse(token.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 2 and <= MostMoments))
            {
                result.AddError($"--moments takes a whole number from 2 to {MostMoments}");
            }
        });
        var seed = new Option<long>("--seed") { Description = "Of the first episode and its commands.", HelpName = "NUMBER", DefaultValueFactory = _ => 1 };
        var mapping = new Option<string?>("--mapping") { Description = "Write a guess of how it could be mapped into this file, for 'mapped:FILE'.", HelpName = "FILE" };
        var command = new ExampleCommand(
            "probe",
            "Live in a world and say what it is like.",
            ("umwelt worlds probe pendulum", "a minute of its time"),
            ("umwelt worlds probe 'gym:CartPole-v1?sight=64' --moments 300", "an environment of Gymnasium with its picture"),
            ("umwelt worlds probe gym:CarRacing-v3 --mapping cars.json", "a first guess of a mapping; then: umwelt play mapped:cars.json"),
            ("umwelt worlds probe balls:3 --json", "the findings once more for a program"))
        {
            name,
            moments,
            seed,
            mapping,
        };
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                var world = parsed.GetValue(name)!;
                var report = Run(world, parsed.GetValue(moments), parsed.GetValue(seed), cancellation);
                Show(world, report);
                if (parsed.GetValue(mapping) is { } file)
                {
                    Guess(world, report, parsed.GetValue(seed), file, cancellation);
                }

                if (parsed.GetValue(CommandLine.Json))
                {
                    JsonLine.Write(line => Fill(line, world, report));
                }

                return CommandLine.Done;
            },
            CancellationToken.None));
        return command;
    }

    // A file that is there may hold somebody's work, so a guess never replaces it.
    private static void Guess(string name, ProbeReport report, long seed, string file, CancellationToken cancellation)
    {
        if (File.Exists(file))
        {
            throw new CommandFailedException($"{file} is there already; choose another file.");
        }

        using var world = WorldCatalogue.Open(name);
        MappingGuess.Of(name, world, Math.Min(report.Moments, LongestGuess), seed, cancellation).Write(file);
        Console.WriteLine($"{file} holds a guess of a mapping; look at it, change it, and open mapped:{ShellWord.Of(file)}.");
    }

    private static ProbeReport Run(string name, long? moments, long seed, CancellationToken cancellation)
    {
        using var progress = new ProgressLine();
        try
        {
            var count = moments ?? 0;
            if (moments is null)
            {
                using var world = WorldCatalogue.Open(name);
                count = Math.Clamp((long)(world.Schema.Rate * UsualSeconds), 2, MostMoments);
            }

            return WorldProbe.Run(rows => WorldCatalogue.Open(name, new WorldOptions { Count = rows }), count, seed, progress, cancellation);
        }
        catch (ArgumentException error) when (error is not SchemaException)
        {
            throw new MisuseException(error.ParamName is null ? error.Message : error.Message.Replace($" (Parameter '{error.ParamName}')", "", StringComparison.Ordinal));
        }
        catch (IOException error)
        {
            throw new CommandFailedException(error.Message);
        }
    }

    private static void List(bool json)
    {
        TextTable.Write(
            ["world", "what it is", "settings after '?'"],
            [.. WorldCatalogue.Entries.Select(entry => (IReadOnlyList<string>)[entry.Pattern, entry.Summary, entry.Settings])]);
        if (json)
        {
            JsonLine.Write(line =>
            {
                line.WriteStartArray("worlds");
                foreach (var entry in WorldCatalogue.Entries)
                {
                    line.WriteStringValue(entry.Name);
                }

                line.WriteEndArray();
            });
        }
    }

    private static void Show(string name, ProbeReport report)
    {
        TextTable.Write(
            ["channel", "role", "kind", "present %", "least", "most", "declared", "outside"],
            [.. report.Channels.Select(channel => (IReadOnlyList<string>)
                [
                    channel.Channel.Name,
                    Lower(channel.Channel.Role),
                    Kind(channel),
                    Text(100.0 * channel.Present / report.Moments, "0.#"),
                    channel.Present == 0 ? "-" : Text(channel.Least, "G5"),
                    channel.Present == 0 ? "-" : Text(channel.Most, "G5"),
                    Declared(channel.Channel),
                    $"{channel.Outside}",
                ])]);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{name}: {report.Moments:N0} moments at {report.Schema.Rate:0.###} a second, {report.Ends} ends, {report.Truncations} truncations; {report.MomentsPerSecond:N0} moments/s with one row."));
        Console.WriteLine(report.Difference is { } difference
            ? $"Not deterministic: two runs with one seed and equal commands differ first in '{difference.Channel}' of moment {difference.Moment}."
            : "Deterministic: two runs with one seed and equal commands gave equal bits.");
        foreach (var motor in report.Delays.GroupBy(delay => delay.Motor, StringComparer.Ordinal))
        {
            var seen = motor.Where(delay => delay.Moments is not null).Select(delay => $"'{delay.Sense}' after {delay.Moments}").ToList();
            Console.WriteLine(seen.Count == 0 ? $"'{motor.Key}' showed in no sense." : $"'{motor.Key}' shows in {string.Join(", ", seen)} (moments; 1 is at once).");
        }

        foreach (var found in report.Correlations)
        {
            Console.WriteLine($"'{found.Motor}' changes most in step with '{found.Sense}' after {found.Moments} (correlation {Text(found.Correlation, "0.00")}, a guess).");
        }
    }

    private static void Fill(Utf8JsonWriter line, string name, ProbeReport report)
    {
        line.WriteString("world", name);
        line.WriteNumber("moments", report.Moments);
        line.WriteNumber("rate", report.Schema.Rate);
        line.WriteNumber("ends", report.Ends);
        line.WriteNumber("truncations", report.Truncations);
        line.WriteFigure("moments_per_second", report.MomentsPerSecond);
        line.WriteBoolean("is_deterministic", report.Difference is null);
        line.WriteString("first_difference", report.Difference?.Channel);
        line.WriteFigure("first_difference_moment", report.Difference?.Moment);
        line.WriteStartArray("channels");
        foreach (var channel in report.Channels)
        {
            line.WriteStartObject();
            line.WriteString("name", channel.Channel.Name);
            line.WriteString("role", Lower(channel.Channel.Role));
            line.WriteString("kind", Lower(channel.Channel.Kind));
            line.WriteNumber("present", channel.Present);
            line.WriteFigure("least", channel.Least);
            line.WriteFigure("most", channel.Most);
            line.WriteNumber("outside", channel.Outside);
            line.WriteEndObject();
        }

        line.WriteEndArray();
        line.WriteFigure("delay", report.Delays.Min(delay => delay.Moments));
        line.WriteStartArray("delays");
        foreach (var delay in report.Delays)
        {
            line.WriteStartObject();
            line.WriteString("motor", delay.Motor);
            line.WriteString("sense", delay.Sense);
            line.WriteFigure("moments", delay.Moments);
            line.WriteEndObject();
        }

        line.WriteEndArray();
        line.WriteStartArray("correlations");
        foreach (var found in report.Correlations)
        {
            line.WriteStartObject();
            line.WriteString("motor", found.Motor);
            line.WriteString("sense", found.Sense);
            line.WriteNumber("moments", found.Moments);
            line.WriteFigure("correlation", found.Correlation);
            line.WriteEndObject();
        }

        line.WriteEndArray();
    }

    private static string Kind(ChannelProbe channel) => channel.Channel switch
    {
        CategoryChannel category => $"category, {channel.Categories} of {category.Count} seen",
        TextChannel => "text, bytes",
        var other => $"{Lower(other.Kind)} [{string.Join(", ", other.Shape)}]",
    };

    private static string Declared(Channel channel)
    {
        if (channel is not VectorChannel { Minimum.IsDefault: false, Maximum.IsDefault: false } vector)
        {
            return "-";
        }

        var (least, most) = (vector.Minimum.Min(), vector.Maximum.Max());
        return float.IsInfinity(least) && float.IsInfinity(most) ? "-" : $"{Text(least, "G5")} to {Text(most, "G5")}";
    }

    private static string Lower<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
