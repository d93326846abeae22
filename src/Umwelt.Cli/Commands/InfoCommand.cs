// `umwelt info`: what this machine is and what the engine will use of it; the first thing to put beside a figure.
using System.CommandLine;
using System.Runtime.InteropServices;
using Umwelt.Cli.Output;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Cli.Commands;

internal static class InfoCommand
{
    public static Command Create()
    {
        var command = new ExampleCommand(
            "info",
            "Show the machine, what the engine uses of it, and versions.",
            ("umwelt info", "the machine and the engine's SIMD tier"),
            ("umwelt info --json", "the same for a program"));
        command.SetAction(parsed =>
        {
            var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
            var processor = ProcessorName();
            var architecture = RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();
            TextTable.Write(
                ["what", "value"],
                [
                    ["umwelt", Version()],
                    ["runtime", RuntimeInformation.FrameworkDescription],
                    ["system", $"{RuntimeInformation.OSDescription} ({architecture})"],
                    ["processor", processor],
                    ["SIMD tier", SimdTier.Name],
                    ["cores", $"{Environment.ProcessorCount}"],
                    ["memory", $"{memory / (double)(1 << 30):0.0} GiB"],
                ]);
            if (parsed.GetValue(CommandLine.Json))
            {
                JsonLine.Write(line =>
                {
                    line.WriteString("umwelt", Version());
                    line.WriteString("runtime", RuntimeInformation.FrameworkDescription);
                    line.WriteString("system", RuntimeInformation.OSDescription);
                    line.WriteString("architecture", architecture);
                    line.WriteString("processor", processor);
                    line.WriteString("simd_tier", SimdTier.Name);
                    line.WriteNumber("cores", Environment.ProcessorCount);
                    line.WriteNumber("memory_bytes", memory);
                });
            }

            return CommandLine.Done;
        });
        return command;
    }

    private static string Version() => ThisAssemblyVersion.Value;

    // The base library has no name for the processor; each system keeps it elsewhere.
    private static string ProcessorName()
    {
        if (OperatingSystem.IsWindows())
        {
            return Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? "unknown";
        }

        const string LinuxProcessors = "/proc/cpuinfo";
        if (!File.Exists(LinuxProcessors))
        {
            return "unknown";
        }

        var line = File.ReadLines(LinuxProcessors).FirstOrDefault(text => text.StartsWith("model name", StringComparison.Ordinal));
        return line is null ? "unknown" : line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
    }
}
