// Who may come in. A name in the Host header that is not this server's is refused, since a web page could have pointed it here
// (DNS rebinding); so is a foreign Origin, and, where the server has a token, whoever does not show it.
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Umwelt.Server.Internal.Access;

internal sealed class AccessGate(ServerOptions options)
{
    /// <summary>The cookie that carries the token after it was shown in an address.</summary>
    public const string Cookie = "umwelt-token";

    // Hashes have one length, so that comparing them tells nothing of the token, not even how long it is.
    private readonly byte[]? _token = options.Token is { } token ? SHA256.HashData(Encoding.UTF8.GetBytes(token)) : null;

    /// <summary>Why a request is refused, as status, code and message; null where it may go on.</summary>
    public (int Status, string Code, string Message)? Refuse(HttpContext context)
    {
        var request = context.Request;
        if (!IsOurs(request.Host))
        {
            return (421, "host", "this server does not go by that name; start it with --name NAME if it should");
        }

        // A request from a page says from which; whatever is no browser says nothing.
        if (request.Headers.Origin is { Count: > 0 } origin && !IsSame(origin.ToString(), request.Host))
        {
            return (403, "origin", "pages of other sites may not call this server");
        }

        // Whether a server is alive is no secret, and those who ask for it have no token.
        return _token is null || request.Path == "/health" || Shows(request)
            ? null
            : (401, "token", "this server needs its token: ?token=…, a bearer token, or the cookie that the former leaves");
    }

    /// <summary>Whether the request carries the token in its address, where it should not stay.</summary>
    public bool ShowsInAddress(HttpRequest request) => _token is not null && request.Query["token"] is { Count: 1 } shown && Is(shown[0]);

    private bool Shows(HttpRequest request) =>
        (request.Headers.Authorization is { Count: 1 } header && header[0] is { } value
            && value.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) && Is(value["Bearer ".Length..].Trim()))
        || Is(request.Cookies[Cookie])
        || ShowsInAddress(request);

    private bool Is(string? shown) =>
        !string.IsNullOrEmpty(shown) && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(shown)), _token);

    // Rebinding needs a name: numbers can't be pointed elsewhere.
    private bool IsOurs(HostString host)
    {
        var name = host.Host;
        return name.Length > 0
            && (string.Equals(name, "localhost", StringComparison.OrdinalIgnoreCase)
                || IPAddress.TryParse(name.Trim('[', ']'), out _)
                || options.HostNames.Contains(name, StringComparer.OrdinalIgnoreCase));
    }

    private static bool IsSame(string origin, HostString host) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var uri)
        && uri.Scheme is "http" or "https"
        && string.Equals(origin, $"{uri.Scheme}://{host.Value}", StringComparison.OrdinalIgnoreCase);
}
