// A server on a free port of the loopback, with worlds that open fast and a data folder that goes with it.
using System.Collections.Concurrent;
using System.Net.WebSockets;
using Microsoft.Extensions.Logging;
using Umwelt.Server.Internal.Play;
using Umwelt.Server.Internal.Sessions;

namespace Umwelt.Server.Tests;

internal sealed class TestServer : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("umwelt-server-").FullName;

    private readonly ErrorLog _log = new();

    private TestServer()
    {
    }

    public UmweltServer Server { get; private set; } = null!;

    public HttpClient Http { get; private set; } = null!;

    public string Data => Path.Combine(_folder, "data");

    public static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<TestServer> StartAsync(Func<ServerOptions, ServerOptions>? change = null, Func<string, int, Stage>? open = null)
    {
        var server = new TestServer();
        var options = new ServerOptions { Port = 0, DataFolder = server.Data };
        server.Server = await UmweltServer.StartAsync(change?.Invoke(options) ?? options, server._log, open, Cancellation);
        server.Http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = server.Server.Address };
        return server;
    }

    public Uri Socket(string path) => new($"ws://{Server.Address.Authority}{path}");

    /// <summary>A page's connection whose greeting has come.</summary>
    public async Task<PlayClient> PlayAsync(string query = "")
    {
        var client = new PlayClient();
        await client.ConnectAsync(Socket("/play" + query));
        return client;
    }

    /// <summary>The same, with time stopped at the first moment of an episode with this seed.</summary>
    public async Task<PlayClient> PlayPausedAsync(string query = "", long seed = 7)
    {
        var client = await PlayAsync(query);
        await client.HelloAsync();
        await client.SendAsync("""{"type":"pause"}""");
        await client.UntilAsync("state", state => state.GetProperty("paused").GetBoolean());
        await client.SendAsync($$"""{"type":"reset","seed":{{seed}}}""");
        await client.UntilAsync("state", state => state.GetProperty("seed").GetInt64() == seed && state.GetProperty("moment").GetInt64() == 0);
        await client.FrameAsync();
        return client;
    }

    public async Task<ClientWebSocket> ConnectAsync(string path, Action<ClientWebSocketOptions>? change = null)
    {
        var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol(PlayConnection.Protocol);
        change?.Invoke(socket.Options);
        await socket.ConnectAsync(Socket(path), Cancellation);
        return socket;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);

        // Whatever a client does, nothing goes wrong inside.
        Assert.Empty(_log.Errors);
    }

    private sealed class ErrorLog : ILoggerFactory, ILogger
    {
        public ConcurrentQueue<string> Errors { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public void Dispose()
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                Errors.Enqueue($"{formatter(state, exception)}: {exception}");
            }
        }
    }
}
