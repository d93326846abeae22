// A run of a world model as a server shows it: its dream, which sharpens as it learns, and what starts it: experience is recorded
// where there is none yet, and then this program trains, in a process of its own.
using System.Diagnostics;
using System.Globalization;
using Umwelt.Cli.Output;
using Umwelt.Learning;
using Umwelt.Moments;
using Umwelt.Server;

namespace Umwelt.Cli.Serve;

internal static class ServedTraining
{
    private const string UsualWorld = "house";
    private const string RecordingFile = "recording.json";
    private const string CheckpointsFolder = "checkpoints";
    private const int RowsToRecord = 8;
    private const long FewestToRecord = 6_000;
    private const long MostToRecord = 240_000;

    // How often a moment is learnt from, about: what is recorded costs little beside what is learnt.
    private const double TimesLearnt = 8;

    /// <summary>Whether a name is the configuration of a world model's run.</summary>
    public static bool Is(string name) => name.EndsWith(".json", StringComparison.Ordinal) && File.Exists(name) && RunKind.Of(name) == RunKind.World;

    /// <summary>The dream of a configuration, and its training.</summary>
    /// <param name="path">The configuration.</param>
    /// <param name="truth">The world to learn and to run beside; null for the one that was recorded, or the usual one.</param>
    /// <param name="changes">Changes to the configuration, such as "out=folder".</param>
    public static (DreamSource Dream, TrainingSource Training) Of(string path, string? truth, params string[] changes)
    {
        var run = WorldRun.Read(path, changes);
        if (run.Data.Recordings.Count == 0)
        {
            throw new MisuseException($"{path}: data.recordings names no folder to learn from.");
        }

        var data = run.Data.Recordings[0];
        var isRecorded = File.Exists(Path.Combine(data, RecordingFile));
        var world = truth ?? (isRecorded ? Origin(data) : null) ?? UsualWorld;
        using var opened = Commands.RecordCommand.Open(world); // A wrong name is said here.
        var folder = Path.GetFullPath(run.Out);
        var moments = MomentsFor(run);
        var name = "dream:" + string.Concat(Path.GetFileName(Path.TrimEndingDirectorySeparator(folder)).Where(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.'));
        var dream = new DreamSource(name, folder) { Truth = world, History = isRecorded ? Path.GetFullPath(data) : null };
        return (dream, new TrainingSource(folder, name)
        {
            Start = () => [.. Steps(path, data, world, folder, moments, changes)],
            About = isRecorded ? null : About(opened.Schema, world, moments),
        });
    }

    /// <summary>How many moments are recorded for a run that has none yet.</summary>
    internal static long MomentsFor(WorldRun run)
    {
        var learnt = run.Training.Steps * run.Training.BatchSize.Most * run.Training.Length.Most / TimesLearnt;
        return (long)Math.Clamp(Math.Round(learnt / 1000) * 1000, FewestToRecord, MostToRecord);
    }

    private static string About(Schema schema, string world, long moments) => string.Create(
        CultureInfo.InvariantCulture,
        $"A model that knows nothing yet. First somebody lives in “{world}” for {moments / schema.Rate / 60:0} minutes of its time, which takes a minute at most and {Math.Ceiling(moments * (double)schema.Channels.Sum(channel => channel.ByteCount) / 1e7) * 10:0} MB on the disk; from that alone it learns.");

    private static string? Origin(string data)
    {
        using var recording = Recording.Open(data);
        return recording.Provenance.Origin;
    }

    private static IEnumerable<ProcessStartInfo> Steps(string path, string data, string world, string folder, long moments, string[] changes)
    {
        if (!File.Exists(Path.Combine(data, RecordingFile)))
        {
            yield return ThisProgram("record", world, "--moments", moments.ToString(CultureInfo.InvariantCulture), "--rows", RowsToRecord.ToString(CultureInfo.InvariantCulture), "--out", data);
        }

        var checkpoints = Path.Combine(folder, CheckpointsFolder);
        var hasRun = Directory.Exists(checkpoints) && Directory.EnumerateDirectories(checkpoints).Any();
        yield return ThisProgram(["train", path, .. changes.Select(change => "--" + change), "--live", "--attached", .. hasRun ? (string[])["--resume"] : []]);
    }

    // This program once more, whether it is a program of its own or run by dotnet.
    private static ProcessStartInfo ThisProgram(params string[] arguments)
    {
        var program = Environment.ProcessPath ?? throw new CommandFailedException("this program does not know where it is, so it can't be started once more.");
        var isHosted = string.Equals(Path.GetFileNameWithoutExtension(program), "dotnet", StringComparison.OrdinalIgnoreCase);
        return new ProcessStartInfo(program, isHosted ? [Path.Combine(AppContext.BaseDirectory, "umwelt.dll"), .. arguments] : arguments);
    }
}
