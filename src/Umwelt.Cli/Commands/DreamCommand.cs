// `umwelt dream MODEL`: step inside a model in the terminal, or make a film of what it dreams when a recording's commands drive it.
using System.CommandLine;
using System.Globalization;
using Umwelt.Cli.Dreams;
using Umwelt.Cli.Output;
using Umwelt.Models;
using Umwelt.Moments;

namespace Umwelt.Cli.Commands;

internal static class DreamCommand
{
    private const int UsualPrime = 240;
    private const int UsualMoments = 600;
    private const int MostScale = 16;

    public static Command Create()
    {
        var model = new Argument<string>("MODEL") { Description = "The model's folder." };
        var motors = new Option<string?>("--motors") { Description = "A recording whose commands drive the dream, and whose moments it begins with.", HelpName = "FILE" };
        var episode = new Option<int>("--episode") { Description = "Which episode of it, from 0.", HelpName = "NUMBER" };
        var start = new Option<long>("--start") { Description = "Which of its moments is the first real one.", HelpName = "NUMBER" };
        var prime = new Option<int>("--prime") { Description = "Real moments before the dream; 0 begins from nothing.", HelpName = "NUMBER", DefaultValueFactory = _ => UsualPrime };
        var moments = new Option<int?>("--moments") { Description = $"How many are dreamed; in a film {UsualMoments} unless said, or as many as the episode has.", HelpName = "NUMBER" };
        var film = new Option<string?>("--mp4") { Description = "Make a film with sound instead of playing.", HelpName = "FILE" };
        var beside = new Option<bool>("--beside") { Description = "Show what really followed to the left of it." };
        var scale = new Option<int>("--scale") { Description = "Times the size of the pictures in the film.", HelpName = "NUMBER", DefaultValueFactory = _ => 4 };
        var own = new Option<bool>("--own") { Description = "Let it act by its own commands." };
        var seed = new Option<long>("--seed") { Description = "Of the dream.", HelpName = "NUMBER", DefaultValueFactory = _ => 1 };
        var speed = new Option<double>("--speed") { Description = "Times the world's own speed.", HelpName = "NUMBER", DefaultValueFactory = _ => 1 };
        var command = new ExampleCommand(
            "dream",
            "Step inside a model.",
            ("umwelt dream umwelt-house/model", "walk through a dream in the terminal"),
            ("umwelt dream umwelt-house/model --motors house-data --mp4 dream.mp4 --beside", "a film of a dream with true commands, beside the truth"),
            ("umwelt dream umwelt-house/model --own --mp4 alone.mp4", "a film of a dream by its own commands"))
        {
            model, motors, episode, start, prime, moments, film, beside, scale, own, seed, speed,
        };
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                var path = parsed.GetValue(film);
                if (path is null && (Console.IsOutputRedirected || Console.IsInputRedirected))
                {
                    throw new CommandFailedException("dreaming needs a terminal; --mp4 makes a film without one.");
                }

                if (parsed.GetValue(beside) && parsed.GetValue(motors) is null)
                {
                    throw new MisuseException("--beside shows what really followed; --motors names the recording.");
                }

                if (parsed.GetValue(own) && parsed.GetValue(beside))
                {
                    throw new MisuseException("--beside compares with what followed the recorded commands; it goes without --own.");
                }

                var size = Within("--scale", parsed.GetValue(scale), 1, MostScale);
                var history = Within("--prime", parsed.GetValue(prime), 0, 100_000);
                var wanted = parsed.GetValue(moments) is { } said ? Within("--moments", said, 1, 10_000_000) : (int?)null;
                var times = parsed.GetValue(speed);
                if (!(times is >= 0.05 and <= 100))
                {
                    throw new MisuseException($"--speed is {times.ToString(CultureInfo.InvariantCulture)}; it can be 0.05 to 100.");
                }

                var folder = parsed.GetRequiredValue(model);
                using var loaded = WorldModel.Load(Directory.Exists(folder) ? folder : throw new CommandFailedException($"{folder}: there is no such model; a model is a folder with model.json."));
                using var stretch = parsed.GetValue(motors) is { } data ? RecordedStretch.Open(data, loaded.Schema, parsed.GetValue(episode), parsed.GetValue(start), history) : null;
                using var dream = loaded.Dream(parsed.GetValue(seed));
                using var world = new PrimedDream(dream, stretch?.History);
                var count = wanted ?? UsualMoments;
                var occupant = parsed.GetValue(own) ? world.CreateOccupant(world.Occupants[0]) : stretch is null ? null : new RecordedMotors(stretch.Following(ref count, isBound: wanted is not null));
                var lived = path is null
                    ? PlayCommand.Play(world, occupant, null, parsed.GetValue(seed), times, wanted ?? long.MaxValue, cancellation)
                    : Film(world, occupant ?? throw new MisuseException("a film needs somebody who acts: --motors names a recording, --own lets the dream act."), parsed.GetValue(beside) ? stretch!.Following(ref count, isBound: wanted is not null) : null, count, parsed.GetValue(seed), path, size, cancellation);
                Console.WriteLine(path is null ? $"{Counted.Of(lived, "moment")} dreamed." : $"{path}: {Counted.Of(lived, "moment")} dreamed.");
                if (parsed.GetValue(CommandLine.Json))
                {
                    JsonLine.Write(line =>
                    {
                        line.WriteNumber("moments", lived);
                        line.WriteString("film", path);
                    });
                }

                return CommandLine.Done;
            },
            CancellationToken.None));
        return command;
    }

    private static long Film(World world, Occupant occupant, MomentBatch? truth, int count, long seed, string path, int scale, CancellationToken cancellation)
    {
        using var progress = new ProgressLine();
        return DreamFilm.Write(world, occupant, truth, count, seed, path, scale, progress, cancellation);
    }

    private static int Within(string name, int value, int least, int most) =>
        value >= least && value <= most ? value : throw new MisuseException(string.Create(CultureInfo.InvariantCulture, $"{name} is {value}; it can be {least} to {most}."));
}
