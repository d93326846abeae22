// The test executable started again as a process that writes half a file and waits to be killed.
// It runs before the test runner starts, when a variable names the file.
using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Umwelt.Storage.Tests;

internal static class KilledWriter
{
    public const string Ready = "half written";
    private const string Variable = "UMWELT_TEST_KILLED_WRITER";

    /// <summary>Starts the process; with an empty path it ends at once. This assembly may itself run under `dotnet`.</summary>
    public static Process Start(string path)
    {
        var self = Environment.ProcessPath!;
        var isHost = string.Equals(Path.GetFileNameWithoutExtension(self), "dotnet", StringComparison.OrdinalIgnoreCase);
        return Process.Start(new ProcessStartInfo(self, isHost ? [typeof(KilledWriter).Assembly.Location] : [])
        {
            Environment = { [Variable] = path },
            RedirectStandardOutput = true,
            UseShellExecute = false,
        })!;
    }

#pragma warning disable CA2255 // A test executable is the application; its entry point belongs to the test framework.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Run()
    {
        var path = Environment.GetEnvironmentVariable(Variable);
        if (path is null)
        {
            return;
        }

        if (path.Length > 0)
        {
            using var writer = AtomicFile.Create(path);
            writer.Stream.Write(new byte[100_000]);
            writer.Stream.Flush();
            Console.Out.WriteLine(Ready);
            Console.Out.Flush();
            Thread.Sleep(60_000);
        }

        Environment.Exit(0);
    }
}
