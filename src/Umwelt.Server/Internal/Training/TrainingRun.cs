// The one training that a server's clients may watch and start: a process of its own at the lowest priority, so that dreams never
// wait for it. It ends with the server, gently where the system knows how, so that what was learnt is kept.
using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Umwelt.Server.Internal.Training;

internal sealed class TrainingRun(TrainingSource source, ILogger log) : IAsyncDisposable
{
    // A run that somebody else has started writes this often at least.
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(60);

    // Less than a server that is told to end is given by whoever told it.
    private static readonly TimeSpan StopTime = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly LossCurve _curve = new(source.Folder);
    private CancellationTokenSource? _stopping;
    private Task _running = Task.CompletedTask;
    private string? _problem;

    public TrainingSource Source => source;

    /// <summary>Whether it can be started here.</summary>
    public bool CanStart => source.Start is not null;

    /// <summary>Starts it, unless it runs; false where it can't be started.</summary>
    public bool Begin()
    {
        lock (_gate)
        {
            if (source.Start is null)
            {
                return false;
            }

            if (_running.IsCompleted)
            {
                _stopping?.Dispose();
                _stopping = new CancellationTokenSource();
                _problem = null;
                var cancellation = _stopping.Token;
                _running = Task.Run(() => RunAsync(cancellation), CancellationToken.None);
            }

            return true;
        }
    }

    /// <summary>Stops it, where it was started here; what it has learnt is kept.</summary>
    public async Task StopAsync()
    {
        Task running;
        lock (_gate)
        {
            running = _running;
            _stopping?.Cancel();
        }

        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>How it goes.</summary>
    public TrainingState Look()
    {
        lock (_gate)
        {
            _curve.Read();
            var isOurs = !_running.IsCompleted;
            var isFresh = _curve.Written is { } written && DateTime.UtcNow - written < Fresh;
            var isDone = _curve.Steps > 0 && _curve.Step >= _curve.Steps;
            var state = isOurs ? (isFresh && _curve.Step > 0 ? "running" : "preparing") : _problem is not null ? "failed" : isDone ? "done" : isFresh ? "running" : _curve.Step > 0 ? "stopped" : "none";
            return new TrainingState(
                state, isOurs, _curve.Step, _curve.Steps, state == "running" ? _curve.SecondsLeft : null, [.. _curve.Points], ModelVersions.Newest(source.Folder) is not null, _problem);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        _stopping?.Dispose();
    }

    private async Task RunAsync(CancellationToken cancellation)
    {
        try
        {
            foreach (var start in source.Start!())
            {
                if (await RunAsync(start, cancellation).ConfigureAwait(false) is { } problem)
                {
                    _problem = problem;
                    return;
                }

                if (cancellation.IsCancellationRequested)
                {
                    return;
                }
            }
        }
        catch (Exception error) when (error is System.ComponentModel.Win32Exception or IOException or InvalidOperationException)
        {
            log.TrainingFailed(error.Message);
            _problem = "it could not be started; the server's log says why";
        }
    }

    // Runs a program to its end; says what is wrong where it failed by itself. Its input stays open and empty as long as this process lives:
    // a program that waits for its end learns of ours, however that came.
    private async Task<string?> RunAsync(ProcessStartInfo start, CancellationToken cancellation)
    {
        start.UseShellExecute = false;
        start.RedirectStandardOutput = start.RedirectStandardError = start.RedirectStandardInput = true;
        using var process = Process.Start(start)!;
        var last = "";
        process.ErrorDataReceived += (_, line) => last = line.Data is { Length: > 0 } said ? said : last;
        process.OutputDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        Lower(process);
        log.TrainingStarted(process.Id);
        try
        {
            await process.WaitForExitAsync(cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            await EndAsync(process).ConfigureAwait(false);
            return null;
        }

        if (process.ExitCode == 0)
        {
            return null;
        }

        log.TrainingFailed(last);
        return "it broke off; the server's log says why";
    }

    private static void Lower(Process process)
    {
        try
        {
            process.PriorityClass = ProcessPriorityClass.Idle;
        }
        catch (Exception error) when (error is System.ComponentModel.Win32Exception or InvalidOperationException or PlatformNotSupportedException)
        {
            // It has ended already, or priorities are none of ours here: it runs like any other.
        }
    }

    // Asks it to stop, and ends it where it does not listen. What shells start in the background is deaf to the signal of Ctrl-C,
    // and so is whatever it starts itself; nothing is deaf to this one.
    private static async Task EndAsync(Process process)
    {
        try
        {
            if (!OperatingSystem.IsWindows())
            {
                using var asking = Process.Start(new ProcessStartInfo("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)]) { UseShellExecute = false });
            }

            using var patience = new CancellationTokenSource(OperatingSystem.IsWindows() ? TimeSpan.Zero : StopTime);
            await process.WaitForExitAsync(patience.Token).ConfigureAwait(false);
        }
        catch (Exception error) when (error is OperationCanceledException or System.ComponentModel.Win32Exception)
        {
            process.Kill(entireProcessTree: true);
        }
    }
}

/// <summary>How a training goes: none, preparing, running, stopped, done or failed; and whether it was started here.</summary>
internal sealed record TrainingState(string State, bool IsOurs, long Step, long Steps, double? SecondsLeft, (long Step, double Loss)[] Points, bool HasModel, string? Problem);
