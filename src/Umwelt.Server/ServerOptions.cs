// Where a server listens, which worlds it shows and who may come in. Worlds are named here and nowhere else: a client chooses
// among them, so that no name from outside opens a file or starts a program.
using System.Collections.Immutable;
using System.Net;
using Umwelt.Moments;

namespace Umwelt.Server;

/// <summary>How a server is run.</summary>
public sealed record ServerOptions
{
    /// <summary>The fewest characters of a token where the server can be reached from other machines.</summary>
    public const int ShortestToken = 16;

    /// <summary>The address to listen at. Any but a loopback address needs a <see cref="Token"/>.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>The port; 0 takes one that is free.</summary>
    public int Port { get; init; } = 7070;

    /// <summary>What every client has to show; null lets in whoever reaches the address.</summary>
    public string? Token { get; init; }

    /// <summary>Names by which browsers may call this server, beside numeric addresses and localhost.</summary>
    public ImmutableArray<string> HostNames { get; init; } = [];

    /// <summary>The worlds that clients may choose from, as the catalogue names them; the first is the usual one.</summary>
    public ImmutableArray<string> Worlds { get; init; } = ["house", "house:random", "balls", "pendulum:pixels"];

    /// <summary>Models to dream in. A dream is shown where its name stands among <see cref="Worlds"/>.</summary>
    public ImmutableArray<DreamSource> Dreams { get; init; } = [];

    /// <summary>A training to watch, and perhaps to start, whose model is one of the <see cref="Dreams"/>; null for none.</summary>
    public TrainingSource? Training { get; init; }

    /// <summary>Opens worlds that the catalogue does not know with so many rows; null for a name that it does not
    /// know either. A world is opened, stepped and closed on a thread of its own.</summary>
    public Func<string, int, World?>? OpenWorld { get; init; }

    /// <summary>Where recordings and sessions are kept; null for a server that keeps nothing.</summary>
    public string? DataFolder { get; init; }

    /// <summary>What clients get at most.</summary>
    public ServerLimits Limits { get; init; } = new();

    /// <summary>Throws if a server can't be run like this.</summary>
    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(Address);
        ArgumentNullException.ThrowIfNull(Limits);
        Limits.Validate();
        if (Port is < 0 or > 65535)
        {
            throw new ArgumentException($"A port is 0 to 65535, not {Port}.");
        }

        if (Worlds.IsDefaultOrEmpty)
        {
            throw new ArgumentException("A server shows one world at least.");
        }

        if (Token is { } token && (token.Length == 0 || token.Length > 256 || token.AsSpan().ContainsAnyExceptInRange('!', '~')))
        {
            throw new ArgumentException("A token is 1 to 256 visible ASCII characters without blanks.");
        }

        if (!IPAddress.IsLoopback(Address) && (Token is null || Token.Length < ShortestToken))
        {
            throw new ArgumentException(
                $"At {Address} other machines can reach the server, so it needs a token of at least {ShortestToken} characters, such as '{SuggestedToken()}'.");
        }
    }

    private static string SuggestedToken() => Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(16));
}
