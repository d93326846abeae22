// What tests of commands ask a server on this machine.
using System.Net;
using System.Net.Sockets;
using Xunit;

namespace Umwelt.Cli.Tests;

internal static class Loopback
{
    /// <summary>What an address answers; nothing where nobody listens yet.</summary>
    public static async Task<string> AskAsync(HttpClient http, string address)
    {
        try
        {
            return await http.GetStringAsync(address, TestContext.Current.CancellationToken);
        }
        catch (HttpRequestException)
        {
            return "";
        }
    }

    /// <summary>A port that was free a moment ago.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
