// Runs the built umwelt command in a process of its own, as a user does, and keeps what it wrote and returned.
using System.Diagnostics;
using System.Runtime.InteropServices;
using Xunit;

namespace Umwelt.Cli.Tests;

internal sealed record BuiltCommand(int ExitCode, string Output, string Error)
{
    private static readonly string Executable = Path.Combine(AppContext.BaseDirectory, "umwelt.dll");

    // The host that runs this very process, wherever the runtime is installed.
    private static readonly string Host = Path.GetFullPath(
        Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));

    public IReadOnlyList<string> OutputLines => Output.TrimEnd().Split(Environment.NewLine);

    public IReadOnlyList<string> ErrorLines => Error.TrimEnd().Split(Environment.NewLine);

    /// <summary>How to start the command, with its output to be read.</summary>
    public static ProcessStartInfo Start(params string[] arguments) => new(Host, [Executable, .. arguments])
    {
        UseShellExecute = false,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    };

    public static async Task<BuiltCommand> RunAsync(params string[] arguments)
    {
        using var process = Process.Start(Start(arguments))!;
        var cancellation = TestContext.Current.CancellationToken;
        var output = process.StandardOutput.ReadToEndAsync(cancellation);
        var error = process.StandardError.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);
        return new BuiltCommand(process.ExitCode, await output, await error);
    }
}
