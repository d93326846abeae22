// How much memory the process holds, as the system counts it; the same question that the Python peers ask of themselves.
using System.Globalization;

namespace Umwelt.Cli.Bench;

internal static class ProcessMemory
{
    /// <summary>Begins a new peak and gives what is resident now; null where the system does not tell.</summary>
    public static double? ResetPeak()
    {
        GC.Collect();
        try
        {
            File.WriteAllText("/proc/self/clear_refs", "5");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }

        return Field("VmRSS:");
    }

    /// <summary>The most that was resident since the last reset.</summary>
    public static double? Peak() => Field("VmHWM:");

    private static double? Field(string name)
    {
        const string Status = "/proc/self/status";
        if (!File.Exists(Status))
        {
            return null;
        }

        foreach (var line in File.ReadLines(Status))
        {
            if (line.StartsWith(name, StringComparison.Ordinal))
            {
                return 1024.0 * double.Parse(line[name.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
            }
        }

        return null;
    }
}
