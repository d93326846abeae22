// The test executable started again as a process that trains until it is killed, and says after each step how far it is.
// It runs before the test runner starts, when a variable names the folder.
using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace Umwelt.Learning.Tests.Training;

internal static class KilledTrainer
{
    private const string Variable = "UMWELT_TEST_KILLED_TRAINER";

    public static TrainerOptions Options { get; } = CurveRun.Options with { Steps = 100_000, CheckpointEvery = 3, EvaluateEvery = 7 };

    /// <summary>Starts the process. This assembly may itself run under `dotnet`.</summary>
    public static Process Start(string folder)
    {
        var self = Environment.ProcessPath!;
        var isHost = string.Equals(Path.GetFileNameWithoutExtension(self), "dotnet", StringComparison.OrdinalIgnoreCase);
        return Process.Start(new ProcessStartInfo(self, isHost ? [typeof(KilledTrainer).Assembly.Location] : [])
        {
            Environment = { [Variable] = folder },
            RedirectStandardOutput = true,
            UseShellExecute = false,
        })!;
    }

#pragma warning disable CA2255 // A test executable is the application; its entry point belongs to the test framework.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Run()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { } folder)
        {
            return;
        }

        using var run = new CurveRun(Options, folder, new Spoken());
        run.Trainer.Resume();
        run.Trainer.Run();
        Environment.Exit(0);
    }

    private sealed class Spoken : TrainingObserver
    {
        public override void Noted(long step, string text)
        {
            Console.Out.WriteLine(step.ToString(CultureInfo.InvariantCulture));
            Console.Out.Flush();
        }
    }
}
