// A server that runs until Ctrl-C: where it is stands on standard output, what happens in its log on standard error.
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Umwelt.Cli.Output;
using Umwelt.Server;

namespace Umwelt.Cli.Serve;

internal static class RunningServer
{
    /// <summary>Runs a server until it is cancelled, which is how it is meant to end.</summary>
    /// <param name="options">How it is run.</param>
    /// <param name="query">What the page's address ends with, such as "?seed=7".</param>
    /// <param name="takesAnotherPort">Whether a free port will do where the one in the options is taken.</param>
    /// <param name="opens">Whether to open the page in a browser.</param>
    /// <param name="json">Whether the address is said once more as JSON.</param>
    /// <param name="cancellation">Ctrl-C.</param>
    public static async Task RunAsync(ServerOptions options, string query, bool takesAnotherPort, bool opens, bool json, CancellationToken cancellation)
    {
        using var log = new ConsoleLog();
        using var telemetry = Telemetry.Start();
        var server = await StartAsync(options, takesAnotherPort, log, cancellation).ConfigureAwait(false);
        await using (server.ConfigureAwait(false))
        {
            var page = new Uri(server.Address, query).ToString();
            var secret = options.Token is { } token ? (page.Contains('?', StringComparison.Ordinal) ? "&token=" : "?token=") + Uri.EscapeDataString(token) : "";
            Console.WriteLine($"Umwelt is at {page}{(secret.Length > 0 ? secret[..7] + "…" : "")} – Ctrl-C stops it.");
            if (!IPAddress.IsLoopback(options.Address))
            {
                Console.WriteLine(
                    "Other machines can reach it, and what they send and get is not encrypted. Put a proxy that speaks TLS in front, such as "
                    + $"'caddy reverse-proxy --from NAME --to 127.0.0.1:{server.Address.Port.ToString(CultureInfo.InvariantCulture)}', listen at 127.0.0.1 with --name NAME, and keep the token.");
            }

            if (json)
            {
                JsonLine.Write(line => line.WriteString("address", page));
            }

            if (opens)
            {
                Open(page + secret);
            }

            await Task.Delay(Timeout.Infinite, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            telemetry?.Flush();
            Console.WriteLine("Stopping: clients are told, recordings are written to their end.");
        }
    }

    private static async Task<UmweltServer> StartAsync(ServerOptions options, bool takesAnotherPort, ConsoleLog log, CancellationToken cancellation)
    {
        try
        {
            return await UmweltServer.StartAsync(options, log, cancellation).ConfigureAwait(false);
        }
        catch (ArgumentException error)
        {
            throw new MisuseException(error.Message);
        }
        catch (Exception error) when (error is IOException or SocketException)
        {
            if (error.GetBaseException() is not SocketException { SocketErrorCode: var code })
            {
                throw new CommandFailedException($"can't listen at {options.Address}, port {options.Port}: {error.Message}");
            }

            if (code == SocketError.AddressAlreadyInUse && takesAnotherPort)
            {
                Console.WriteLine($"Port {options.Port} is taken; here is another one.");
                return await StartAsync(options with { Port = 0 }, takesAnotherPort: false, log, cancellation).ConfigureAwait(false);
            }

            throw new CommandFailedException(code switch
            {
                SocketError.AddressAlreadyInUse => $"port {options.Port} is taken, perhaps by another umwelt; --port 0 takes a free one.",
                SocketError.AddressNotAvailable => $"this machine has no address {options.Address}; 127.0.0.1 is always there, 0.0.0.0 means all it has.",
                SocketError.AccessDenied => $"port {options.Port} is not for everybody; take one above 1023, or --port 0 for a free one.",
                _ => $"can't listen at {options.Address}, port {options.Port}: {error.GetBaseException().Message}.",
            });
        }
    }

    private static void Open(string page)
    {
        const string Failed = "No browser could be opened here; open the address above yourself.";
        if (!HasScreen)
        {
            Console.WriteLine(Failed);
            return;
        }

        try
        {
            using var browser = Process.Start(new ProcessStartInfo(page) { UseShellExecute = true });
        }
        catch (Exception error) when (error is System.ComponentModel.Win32Exception or InvalidOperationException or PlatformNotSupportedException)
        {
            Console.WriteLine(Failed);
        }
    }

    // Without a screen a browser that reads in the terminal would be taken, into the midst of the log.
    private static bool HasScreen =>
        OperatingSystem.IsWindows() || OperatingSystem.IsMacOS()
        || !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("DISPLAY")) || !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("WAYLAND_DISPLAY"));
}
