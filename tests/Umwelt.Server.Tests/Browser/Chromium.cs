// A headless Chromium of a test run, found in the PATH. It ends with whoever started it, however they end: a shell stands
// between the two, and once nobody holds its input any more it kills the browser's whole process group and removes the profile.
using System.Diagnostics;

namespace Umwelt.Server.Tests.Browser;

internal sealed class Chromium : IAsyncDisposable
{
    private const string Announcement = "DevTools listening on ";

    // A signal to the group interrupts the reading and so ends the browser too. What is being killed may still write a file.
    private const string Guard = """
        trap : HUP INT TERM
        setsid "$@" </dev/null &
        read -r end
        kill -KILL -- "-$!" 2>/dev/null || kill -KILL "$!" 2>/dev/null
        wait
        rm -rf "$UMWELT_PROFILE" 2>/dev/null || { sleep 1; rm -rf "$UMWELT_PROFILE"; }
        """;

    private static readonly string[] s_names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

    private static readonly string[] s_arguments =
    [
        "--headless", "--remote-debugging-port=0", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
        "--disable-component-update", "--disable-sync", "--disable-breakpad", "--no-first-run", "--no-default-browser-check", "--mute-audio",
        "--hide-scrollbars", "--disable-background-timer-throttling", "--disable-renderer-backgrounding", "--disable-backgrounding-occluded-windows",
    ];

    private readonly Process _guard;
    private readonly Queue<string> _said = new();
    private readonly TaskCompletionSource<Uri> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Chromium(Process guard) => _guard = guard;

    /// <summary>The program; null where this machine has none that the tests can use.</summary>
    public static string? Program { get; } = !OperatingSystem.IsLinux() ? null : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .SelectMany(folder => s_names.Select(name => Path.Combine(folder, name)))
        .FirstOrDefault(File.Exists);

    /// <summary>Starts one; where its DevTools listen comes with it.</summary>
    public static async Task<(Chromium Browser, Uri Address)> StartAsync(string program)
    {
        var profile = Directory.CreateTempSubdirectory("umwelt-chromium-").FullName;
        var start = new ProcessStartInfo("/bin/sh") { RedirectStandardInput = true, RedirectStandardError = true, RedirectStandardOutput = true, UseShellExecute = false };
        start.Environment["UMWELT_PROFILE"] = profile;
        foreach (var argument in (string[])["-c", Guard, "sh", program, .. s_arguments, $"--user-data-dir={profile}", "about:blank"])
        {
            start.ArgumentList.Add(argument);
        }

        var browser = new Chromium(Process.Start(start)!);
        browser._guard.ErrorDataReceived += (_, line) => browser.Hear(line.Data);
        browser._guard.OutputDataReceived += (_, line) => browser.Hear(line.Data);
        browser._guard.BeginErrorReadLine();
        browser._guard.BeginOutputReadLine();
        try
        {
            return (browser, await browser._address.Task.WaitAsync(TimeSpan.FromSeconds(60)));
        }
        catch
        {
            await browser.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _guard.StandardInput.Close();
        using (var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20)))
        {
            await _guard.WaitForExitAsync(patience.Token);
        }

        _guard.Dispose();
    }

    private void Hear(string? line)
    {
        lock (_said)
        {
            if (line is null)
            {
                _address.TrySetException(new InvalidOperationException($"Chromium did not start: {string.Join(" / ", _said)}"));
                return;
            }

            if (line.StartsWith(Announcement, StringComparison.Ordinal))
            {
                _address.TrySetResult(new Uri(line[Announcement.Length..].Trim()));
            }

            _said.Enqueue(line);
            if (_said.Count > 20)
            {
                _said.Dequeue();
            }
        }
    }
}
