// `umwelt record WORLD`: lets an occupant live in a world and writes down what happens. A run that was killed goes on where
// it stopped when it is started again with --continue.
using System.CommandLine;
using System.Globalization;
using Umwelt.Cli.Inspect;
using Umwelt.Cli.Output;
using Umwelt.Models;
using Umwelt.Moments;
using Umwelt.Worlds;

namespace Umwelt.Cli.Commands;

internal static class RecordCommand
{
    private const double UsualMinutes = 10;
    private const int MostRows = 256;
    private const string DreamPrefix = "dream:";

    public static Command Create()
    {
        var name = new Argument<string>("WORLD") { Description = "Its name, such as 'house'; 'umwelt worlds' lists them." };
        var output = new Option<string>("--out") { Description = "The recording's folder.", HelpName = "FOLDER", Required = true };
        var minutes = new Option<double?>("--minutes") { Description = $"How long, in the world's time; {UsualMinutes} unless something else is said.", HelpName = "NUMBER" };
        var moments = new Option<long?>("--moments") { Description = "How many moments.", HelpName = "NUMBER" };
        var episodes = new Option<long?>("--episodes") { Description = "How many episodes.", HelpName = "NUMBER" };
        var occupant = new Option<string?>("--occupant") { Description = "Who acts; the world's usual one unless said.", HelpName = "NAME" };
        var seed = new Option<long>("--seed") { Description = "Names every choice of the run.", HelpName = "NUMBER", DefaultValueFactory = _ => 1 };
        var rows = new Option<int>("--rows") { Description = "How many episodes are lived side by side.", HelpName = "NUMBER", DefaultValueFactory = _ => 1 };
        var licence = new Option<string?>("--licence") { Description = "The recording's licence, such as CC0-1.0.", HelpName = "NAME" };
        var access = new Option<string?>("--access") { Description = "Who may use it.", HelpName = "TEXT" };
        var notes = new Option<string?>("--notes") { Description = "Anything else worth knowing.", HelpName = "TEXT" };
        var goOn = new Option<bool>("--continue") { Description = "Go on with a recording that is there: the same world, occupant and seed." };
        var command = new ExampleCommand(
            "record",
            "Record experience in a world.",
            ("umwelt record house --minutes 30 --out house-data", "half an hour of the explorer in the house"),
            ("umwelt record house:random --episodes 100 --seed 7 --out many-houses", "a hundred houses"),
            ("umwelt record gym:CartPole-v1 --moments 5000 --occupant random --out poles", "somebody else's environment"),
            ("umwelt record dream:umwelt-house/model --minutes 5 --out dreamed", "what a world model dreams, acting by itself"),
            ("umwelt record house --minutes 60 --out house-data --continue", "go on after a kill, up to an hour in all"))
        {
            name, output, minutes, moments, episodes, occupant, seed, rows, licence, access, notes, goOn,
        };
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                var count = parsed.GetValue(rows);
                if (count is < 1 or > MostRows)
                {
                    throw new MisuseException($"--rows is {count}; it can be 1 to {MostRows}.");
                }

                if (new object?[] { parsed.GetValue(minutes), parsed.GetValue(moments), parsed.GetValue(episodes) }.Count(value => value is not null) > 1)
                {
                    throw new MisuseException("say one of --minutes, --moments and --episodes.");
                }

                if (parsed.GetValue(minutes) is { } duration && !(duration > 0 && duration <= 1e7))
                {
                    throw new MisuseException($"--minutes is {duration.ToString(CultureInfo.InvariantCulture)}; it is a number above 0.");
                }

                if (parsed.GetValue(moments) is < 1 || parsed.GetValue(episodes) is < 1)
                {
                    throw new MisuseException("--moments and --episodes are numbers above 0.");
                }

                using var world = Open(parsed.GetRequiredValue(name), count);
                var who = parsed.GetValue(occupant) ?? world.Occupants[0];
                var acting = Create(world, who);
                var provenance = new Provenance
                {
                    Origin = parsed.GetRequiredValue(name),
                    Occupant = who,
                    Seed = parsed.GetValue(seed),
                    Licence = parsed.GetValue(licence),
                    Access = parsed.GetValue(access),
                    Notes = parsed.GetValue(notes),
                    Creator = $"umwelt {ThisAssemblyVersion.Value}",
                };
                var options = new RecorderOptions
                {
                    Seed = parsed.GetValue(seed),
                    Episodes = parsed.GetValue(episodes),
                    Moments = parsed.GetValue(moments) ?? (parsed.GetValue(episodes) is null ? (long)Math.Round((parsed.GetValue(minutes) ?? UsualMinutes) * 60 * world.Schema.Rate) : null),
                };
                var folder = parsed.GetRequiredValue(output);
                using var writer = parsed.GetValue(goOn) ? Continue(folder, world, provenance) : RecordingWriter.Create(folder, world.Schema, provenance);
                var result = Run(new Recorder(world, acting, writer, options), writer, options, cancellation);
                writer.Dispose();
                Show(folder, world, result, parsed.GetValue(CommandLine.Json));
                return CommandLine.Done;
            },
            CancellationToken.None));
        return command;
    }

    /// <summary>Opens a world by name, <c>dream:FOLDER</c> among them; a name that can't be is the command's misuse.</summary>
    public static World Open(string name, int rows = 1)
    {
        if (name.StartsWith(DreamPrefix, StringComparison.Ordinal))
        {
            return Dream.Open(name[DreamPrefix.Length..], rows: rows);
        }

        try
        {
            return WorldCatalogue.Open(name, new WorldOptions { Count = rows });
        }
        catch (ArgumentException error) when (error is not SchemaException)
        {
            throw new MisuseException(error.Message.Replace($" (Parameter '{error.ParamName}')", "", StringComparison.Ordinal));
        }
    }

    /// <summary>Somebody who acts in a world; a name that can't be is the command's misuse.</summary>
    public static Occupant Create(World world, string name) =>
        world.Occupants.Contains(name, StringComparer.Ordinal)
            ? world.CreateOccupant(name)
            : throw new MisuseException(Misuse.Unknown("occupant", name, world.Occupants, $"this world knows {string.Join(", ", world.Occupants)}."));

    private static RecorderProgress Run(Recorder recorder, RecordingWriter writer, RecorderOptions options, CancellationToken cancellation)
    {
        using var line = new ProgressLine();
        try
        {
            return recorder.Run(new Shown(line, options), cancellation);
        }
        catch (OperationCanceledException)
        {
            writer.Dispose();
            throw new CommandFailedException($"cancelled; {writer.Folder} keeps {Counted.Of(writer.KeptCount, "moment")}, and the same with --continue goes on.");
        }
    }

    private static RecordingWriter Continue(string folder, World world, Provenance provenance)
    {
        var writer = RecordingWriter.Open(folder);
        var was = writer.Provenance;
        if (was.Origin != provenance.Origin || was.Occupant != provenance.Occupant || was.Seed != provenance.Seed || !writer.Schema.Equals(world.Schema))
        {
            writer.Dispose();
            throw new CommandFailedException(
                $"{folder} was recorded in '{was.Origin}' by '{was.Occupant}' with seed {was.Seed}; going on takes the same world, occupant and seed.");
        }

        return writer;
    }

    private static void Show(string folder, World world, RecorderProgress result, bool json)
    {
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{folder}: {Counted.Of(result.Moments, "moment")} ({RecordingReport.Duration(result.Moments / world.Schema.Rate)}) in {Counted.Of(result.Episodes, "episode")}; {result.Added:N0} added at {result.Added / Math.Max(1e-9, result.Elapsed.TotalSeconds):N0} a second."));
        Console.WriteLine($"Look at it: umwelt inspect {ShellWord.Of(folder)} --html {ShellWord.Of(folder.TrimEnd('/', '\\') + ".html")}");
        if (json)
        {
            JsonLine.Write(line =>
            {
                line.WriteString("folder", folder);
                line.WriteNumber("moments", result.Moments);
                line.WriteNumber("episodes", result.Episodes);
                line.WriteNumber("added", result.Added);
                line.WriteNumber("seconds", result.Elapsed.TotalSeconds);
            });
        }
    }

    private sealed class Shown(IProgress<string> line, RecorderOptions options) : IProgress<RecorderProgress>
    {
        public void Report(RecorderProgress value)
        {
            var share = options.Moments is { } most ? value.Moments / (double)most : value.Episodes / (double)options.Episodes!.Value;
            var rate = value.Added / Math.Max(1e-9, value.Elapsed.TotalSeconds);
            line.Report(string.Create(CultureInfo.InvariantCulture, $"{share,4:P0}  {Counted.Of(value.Moments, "moment")}  {Counted.Of(value.Episodes, "episode")}  {rate:N0} a second"));
        }
    }
}
