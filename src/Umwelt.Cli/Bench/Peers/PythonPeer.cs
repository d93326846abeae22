// A peer written in Python, kept alive as a line server: a request goes in as one JSON line, one JSON line comes back.
// So rounds of ours and theirs alternate within one run, and the peer pays its start-up only once.
// A peer that cannot start, dies or falls silent gives null and never an exception; LastError says why.
using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using Umwelt.Worlds;

namespace Umwelt.Cli.Bench.Peers;

internal sealed class PythonPeer : IDisposable
{
    private static readonly string[] Interpreters =
        [.. new[] { Environment.GetEnvironmentVariable(GymnasiumOptions.PythonVariable), "/usr/bin/python3", "python3", "python" }.OfType<string>().Where(name => name.Length > 0)];

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    private readonly Process _process;
    private string _lastError = "";

    private PythonPeer(Process process) => _process = process;

    /// <summary>What the script said of itself on its first line: at least a "version".</summary>
    public JsonElement Hello { get; private set; }

    /// <summary>For a report's notes: "PyTorch 1.13.0a0" and the like.</summary>
    public string Description => Text(Hello, "name", "Python") + " " + Text(Hello, "version", "of unknown version");

    public string LastError => _lastError;

    /// <summary>
    /// Starts benchmarks/peers/<paramref name="script"/> with the first Python that can run it. The script prints
    /// one JSON line when it is ready (its name and version) and then answers each line it reads with one line.
    /// </summary>
    /// <returns>The peer, or null where no Python has what the script imports.</returns>
    public static PythonPeer? TryStart(string script, params ReadOnlySpan<string> arguments)
    {
        var path = Locate(script);
        if (path is null)
        {
            return null;
        }

        foreach (var interpreter in Interpreters)
        {
            var start = new ProcessStartInfo(interpreter)
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                UseShellExecute = false,
            };
            start.ArgumentList.Add(path);
            foreach (var argument in arguments)
            {
                start.ArgumentList.Add(argument);
            }

            PythonPeer peer;
            try
            {
                peer = new PythonPeer(Process.Start(start)!);
            }
            catch (Win32Exception)
            {
                continue;
            }

            peer._process.ErrorDataReceived += (_, line) => peer._lastError = line.Data is { Length: > 0 } text ? text : peer._lastError;
            peer._process.BeginErrorReadLine();
            if (peer.Read(StartLimit) is { } hello)
            {
                peer.Hello = hello;
                return peer;
            }

            peer.Dispose();
        }

        return null;
    }

    /// <summary>Sends one JSON line and waits for the answer: null when the peer has died, fails or needs too long.</summary>
    public JsonElement? Ask(string request, TimeSpan? limit = null)
    {
        try
        {
            _process.StandardInput.WriteLine(request);
            _process.StandardInput.Flush();
        }
        catch (IOException)
        {
            return null;
        }

        return Read(limit ?? TimeSpan.FromMinutes(5));
    }

    /// <summary>Asks, and takes "seconds" from the answer.</summary>
    public double? AskSeconds(string request, TimeSpan? limit = null) =>
        Ask(request, limit) is { } answer && answer.TryGetProperty("seconds", out var seconds) && seconds.ValueKind == JsonValueKind.Number
            ? seconds.GetDouble()
            : null;

    public void Dispose()
    {
        try
        {
            _process.StandardInput.Close();
            if (!_process.WaitForExit(2000))
            {
                _process.Kill();
            }
        }
        catch (Exception exception) when (exception is IOException or InvalidOperationException or Win32Exception)
        {
            _lastError = exception.Message;
        }

        _process.Dispose();
    }

    private static string Text(JsonElement element, string name, string otherwise) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value.ToString() : otherwise;

    // Beside the repository's root when run from a checkout, beside the executable when installed.
    private static string? Locate(string script)
    {
        foreach (var origin in new[] { AppContext.BaseDirectory, Environment.CurrentDirectory })
        {
            for (var folder = new DirectoryInfo(origin); folder is not null; folder = folder.Parent)
            {
                var path = Path.Combine(folder.FullName, "benchmarks", "peers", script);
                if (File.Exists(path))
                {
                    return path;
                }
            }
        }

        return null;
    }

    private JsonElement? Read(TimeSpan limit)
    {
        using var patience = new CancellationTokenSource(limit);
        try
        {
            var line = _process.StandardOutput.ReadLineAsync(patience.Token).AsTask().GetAwaiter().GetResult();
            if (line is null)
            {
                return null;
            }

            using var document = JsonDocument.Parse(line);
            return document.RootElement.Clone();
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException or JsonException)
        {
            _lastError = exception.Message;
            return null;
        }
    }
}
