// The test executable started again as a process that records until it is killed, and says now and then how much is kept.
// It runs before the test runner starts, when a variable names the folder.
using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace Umwelt.Moments.Tests.Recordings;

internal static class KilledRecorder
{
    public const long Seed = 77;
    public const int Rows = 2;
    private const string Variable = "UMWELT_TEST_KILLED_RECORDER";

    /// <summary>Small, so that a kill seldom finds nothing to lose.</summary>
    public static RecordingOptions Options { get; } = new() { SegmentBytes = 4000 };

    /// <summary>Starts the process. This assembly may itself run under `dotnet`.</summary>
    public static Process Start(string folder)
    {
        var self = Environment.ProcessPath!;
        var isHost = string.Equals(Path.GetFileNameWithoutExtension(self), "dotnet", StringComparison.OrdinalIgnoreCase);
        return Process.Start(new ProcessStartInfo(self, isHost ? [typeof(KilledRecorder).Assembly.Location] : [])
        {
            Environment = { [Variable] = folder },
            RedirectStandardOutput = true,
            UseShellExecute = false,
        })!;
    }

    public static CountingWorld World() => new(Rows, length: 23);

    public static RecordingWriter Writer(string folder) => Directory.Exists(folder)
        ? RecordingWriter.Open(folder, Options)
        : RecordingWriter.Create(folder, World().Schema, new Provenance { Seed = Seed }, Options);

#pragma warning disable CA2255 // A test executable is the application; its entry point belongs to the test framework.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Run()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { } folder)
        {
            return;
        }

        using var world = World();
        using var writer = Writer(folder);
        var recorder = new Recorder(world, world.CreateOccupant("random"), writer, new RecorderOptions { Seed = Seed, Moments = long.MaxValue });
        recorder.Run(new KeptMoments(writer));
        Environment.Exit(0);
    }

    private sealed class KeptMoments(RecordingWriter writer) : IProgress<RecorderProgress>
    {
        public void Report(RecorderProgress value)
        {
            Console.Out.WriteLine(writer.KeptCount.ToString(CultureInfo.InvariantCulture));
            Console.Out.Flush();
        }
    }
}
