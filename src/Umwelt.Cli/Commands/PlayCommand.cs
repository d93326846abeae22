// `umwelt play WORLD`: step into a world, on a page in the browser or, with --terminal, right here; and record it if one likes.
using System.CommandLine;
using System.Globalization;
using Umwelt.Cli.Output;
using Umwelt.Cli.Play;
using Umwelt.Cli.Serve;
using Umwelt.Moments;

namespace Umwelt.Cli.Commands;

internal static class PlayCommand
{
    public static Command Create()
    {
        var name = new Argument<string>("WORLD") { Description = "Its name, such as 'house', the folder of a model to dream in, or a run's configuration, to dream while it learns; 'umwelt worlds' lists names." };
        var seed = new Option<long>("--seed") { Description = "Of the first episode.", HelpName = "NUMBER", DefaultValueFactory = _ => 1 };
        var data = new Option<string?>("--data") { Description = "Where what one records on the page is kept; a folder of one's own unless said.", HelpName = "FOLDER" };
        var terminal = new Option<bool>("--terminal") { Description = "Play in this terminal instead of on a page." };
        var watch = new Option<string?>("--watch") { Description = "In the terminal: watch somebody act instead of acting.", HelpName = "OCCUPANT" };
        var speed = new Option<double>("--speed") { Description = "In the terminal: times the world's own speed.", HelpName = "NUMBER", DefaultValueFactory = _ => 1 };
        var output = new Option<string?>("--out") { Description = "In the terminal: record what one plays into this folder.", HelpName = "FOLDER" };
        var moments = new Option<long?>("--moments") { Description = "In the terminal: leave after so many moments.", HelpName = "NUMBER" };
        var options = new ServeOptions();
        var command = new ExampleCommand(
            "play",
            "Step into a world, in a browser or in the terminal.",
            ("umwelt play house --open", "walk through the house in a browser"),
            ("umwelt play umwelt-house --from house-data --open", "step into a dream, with the truth beside it"),
            ("umwelt play runs/house.json --open", "watch a model learn, from within its dream"),
            ("umwelt play house --terminal --watch explorer --speed 2", "watch the explorer here, at twice the speed"),
            ("umwelt play pendulum:pixels --terminal --out swings", "record what one plays"))
        {
            name, seed, data, terminal, watch, speed, output, moments,
        };
        options.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            Option[] here = [watch, speed, output, moments];
            Option[] page = [data, options.Port, options.Host, options.Name, options.Token, options.Truth, options.From, options.Open];
            var isHere = parsed.GetValue(terminal);
            if ((isHere ? page : here).FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false }) is { } strange)
            {
                throw new MisuseException(isHere ? $"{strange.Name} is for the page; leave it or --terminal out." : $"{strange.Name} is for the terminal; say --terminal too.");
            }

            if (!isHere)
            {
                var world = parsed.GetRequiredValue(name);
                var server = options.Of(parsed, [world], parsed.GetValue(data) ?? DataOfUser);
                var query = parsed.GetValue(seed) == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $"?seed={parsed.GetValue(seed)}");
                await RunningServer.RunAsync(
                    server, query, takesAnotherPort: parsed.GetResult(options.Port) is not { Implicit: false }, parsed.GetValue(options.Open), parsed.GetValue(CommandLine.Json), cancellation).ConfigureAwait(false);
                return CommandLine.Done;
            }

            if (Console.IsOutputRedirected || Console.IsInputRedirected)
            {
                throw new CommandFailedException("playing here needs a terminal; 'umwelt record' lives in a world without one.");
            }

            return await Task.Run(
                () =>
                {
                    var times = parsed.GetValue(speed);
                    if (!(times is >= 0.05 and <= 100))
                    {
                        throw new MisuseException($"--speed is {times.ToString(CultureInfo.InvariantCulture)}; it can be 0.05 to 100.");
                    }

                    using var world = RecordCommand.Open(parsed.GetRequiredValue(name));
                    var occupant = parsed.GetValue(watch) is { } who ? RecordCommand.Create(world, who) : null;
                    using var writer = parsed.GetValue(output) is { } folder
                        ? RecordingWriter.Create(folder, world.Schema, new Provenance
                        {
                            Origin = parsed.GetRequiredValue(name),
                            Occupant = parsed.GetValue(watch) ?? "a person",
                            Seed = parsed.GetValue(seed),
                            Creator = $"umwelt {ThisAssemblyVersion.Value}",
                        })
                        : null;
                    var lived = Play(world, occupant, writer, parsed.GetValue(seed), times, parsed.GetValue(moments) ?? long.MaxValue, cancellation);
                    writer?.Dispose();
                    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Counted.Of(lived, "moment")} lived{(writer is null ? "." : $", recorded in {writer.Folder}.")}"));
                    if (parsed.GetValue(CommandLine.Json))
                    {
                        JsonLine.Write(line => line.WriteNumber("moments", lived));
                    }

                    return CommandLine.Done;
                },
                CancellationToken.None).ConfigureAwait(false);
        });
        return command;
    }

    /// <summary>Where what one plays is kept unless another folder is said: beside the records of experiments.</summary>
    public static string DataOfUser => Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "umwelt", "played");

    /// <summary>Plays in the terminal until somebody leaves, and gives it back as it was; says how many moments were lived.</summary>
    public static long Play(World world, Occupant? occupant, RecordingWriter? writer, long seed, double speed, long most, CancellationToken cancellation)
    {
        const string Enter = "\e[?1049h\e[?25l\e[2J";
        const string Leave = "\e[0m\e[?25h\e[?1049l";
        var nextSeed = seed;
        using var output = new StreamWriter(Console.OpenStandardOutput(), bufferSize: 1 << 16) { AutoFlush = false };
        var terminal = new PlayTerminal(
            () => Console.KeyAvailable ? Console.ReadKey(intercept: true).Key : null,
            output,
            () => (Terminal.Width, Math.Max(8, Console.WindowHeight)));
        output.Write(Enter);
        try
        {
            return new TerminalPlay(world, occupant, terminal, speed).Run(seed, most, Record, cancellation);
        }
        finally
        {
            output.Write(Leave);
            output.Flush();
        }

        void Record(MomentBatch moments, bool isFirst)
        {
            if (isFirst)
            {
                writer?.BeginEpisode(nextSeed++);
            }

            writer?.Write(moments, 0);
        }
    }
}
