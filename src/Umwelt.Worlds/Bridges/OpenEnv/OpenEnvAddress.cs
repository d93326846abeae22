// Where an OpenEnv server is: HOST:PORT, ws://HOST:PORT/ws or http://HOST:PORT. What stands after a question mark and is not ours goes to
// the server with every request, which is how ours is asked for one of its worlds.
using System.Globalization;
using Umwelt.Worlds.Catalogue;

namespace Umwelt.Worlds.Bridges.OpenEnv;

internal sealed record OpenEnvAddress(Uri Socket, Uri Schema, string? Token)
{
    private const string SocketPath = "/ws";
    private const string SchemaPath = "/schema";

    public static OpenEnvAddress Of(WorldName name)
    {
        var given = string.IsNullOrEmpty(name.Argument) ? throw name.Wrong("an address follows the colon, such as openenv:localhost:8000") : name.Argument;
        if (!given.Contains("://", StringComparison.Ordinal))
        {
            given = $"ws://{given}";
        }

        if (!Uri.TryCreate(given, UriKind.Absolute, out var uri) || uri.Scheme is not ("ws" or "wss" or "http" or "https") || uri.Host.Length == 0)
        {
            throw name.Wrong($"'{name.Argument}' is no address; they are like localhost:8000 or wss://host/ws");
        }

        var token = name.Text("token");
        var query = string.Join('&', name.Rest().Select(static setting => $"{Uri.EscapeDataString(setting.Key)}={Uri.EscapeDataString(setting.Value)}"));
        var isSafe = uri.Scheme is "wss" or "https";
        var place = uri.AbsolutePath.TrimEnd('/');
        place = place.EndsWith(SocketPath, StringComparison.Ordinal) ? place[..^SocketPath.Length] : place;
        return new OpenEnvAddress(At(isSafe ? "wss" : "ws", SocketPath), At(isSafe ? "https" : "http", SchemaPath), token);

        Uri At(string scheme, string path) => new(string.Create(CultureInfo.InvariantCulture, $"{scheme}://{uri.Authority}{place}{path}{(query.Length > 0 ? "?" : "")}{query}"));
    }
}
