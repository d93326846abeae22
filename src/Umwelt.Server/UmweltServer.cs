// The server: worlds that many people and programs live in over WebSocket, and the page on which one steps inside. It listens
// once it exists, and everything it opened is closed when it is disposed.
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Umwelt.Server.Internal;
using Umwelt.Server.Internal.Access;
using Umwelt.Server.Internal.Recordings;
using Umwelt.Server.Internal.Rest;
using Umwelt.Server.Internal.Sessions;
using Umwelt.Server.Internal.Training;

namespace Umwelt.Server;

/// <summary>A server of worlds that is running.</summary>
public sealed class UmweltServer : IAsyncDisposable
{
    /// <summary>The meter that the server's instruments belong to, for those who collect measurements.</summary>
    public const string MeterName = ServerMetrics.MeterName;

    private static readonly TimeSpan StopTime = TimeSpan.FromSeconds(5);

    private readonly WebApplication _application;
    private readonly SessionDirectory _sessions;
    private readonly RecordingShelf _shelf;
    private readonly TrainingRun? _training;
    private readonly ServerMetrics _metrics;
    private readonly ILogger _log;
    private int _isStopped;

    private UmweltServer(WebApplication application, SessionDirectory sessions, RecordingShelf shelf, TrainingRun? training, ServerMetrics metrics, ILogger log) =>
        (_application, _sessions, _shelf, _training, _metrics, _log) = (application, sessions, shelf, training, metrics, log);

    /// <summary>Where the page is, with the port that was really taken.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>Starts a server.</summary>
    /// <param name="options">How it is run.</param>
    /// <param name="logging">Where it logs to; nowhere if null.</param>
    /// <param name="cancellation">Gives up starting.</param>
    /// <exception cref="ArgumentException">It can't be run like this.</exception>
    /// <exception cref="IOException">The address is taken.</exception>
    public static Task<UmweltServer> StartAsync(ServerOptions options, ILoggerFactory? logging = null, CancellationToken cancellation = default) =>
        StartAsync(options, logging, open: null, cancellation);

    /// <summary>Stops: clients are told, recordings are written to their end, worlds are closed.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isStopped, 1) != 0)
        {
            return;
        }

        _log.Stopping();
        var training = _training?.DisposeAsync().AsTask() ?? Task.CompletedTask;
        await _sessions.DisposeAsync().ConfigureAwait(false);
        await training.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _shelf.FinishAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        using (var time = new CancellationTokenSource(StopTime))
        {
            await _application.StopAsync(time.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await _application.DisposeAsync().ConfigureAwait(false);
        _metrics.Dispose();
    }

    internal static async Task<UmweltServer> StartAsync(ServerOptions options, ILoggerFactory? logging, Func<string, int, Stage>? open, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        var log = (logging ?? NullLoggerFactory.Instance).CreateLogger("Umwelt.Server");
        var metrics = new ServerMetrics();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(logging ?? NullLoggerFactory.Instance);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = options.Limits.RequestBytes;
            kestrel.Limits.MaxConcurrentConnections = options.Limits.MostConnections;
            kestrel.Limits.MaxConcurrentUpgradedConnections = options.Limits.MostConnections;
            kestrel.Limits.MaxRequestHeadersTotalSize = 16 << 10;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
            kestrel.Listen(options.Address, options.Port);
        });
        var application = builder.Build();
        var sessions = new SessionDirectory(options, metrics, log, open);
        var shelf = new RecordingShelf(options, log);
        metrics.Watch(() => sessions.All().Length);
        var server = new UmweltServer(application, sessions, shelf, options.Training is { } training ? new TrainingRun(training, log) : null, metrics, log);
        try
        {
            server.Answer(options, metrics);
            await application.StartAsync(cancellation).ConfigureAwait(false);
            var listening = application.Services.GetRequiredService<Microsoft.AspNetCore.Hosting.Server.IServer>().Features.Get<IServerAddressesFeature>()!;
            server.Address = new Uri(listening.Addresses.First() + "/");
            _ = sessions.HostAsync(options.Worlds[0]).ContinueWith(static warmed => _ = warmed.Exception, TaskScheduler.Default);
            log.Listening(server.Address.ToString(), string.Join(", ", options.Worlds));
            return server;
        }
        catch
        {
            await server.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private void Answer(ServerOptions options, ServerMetrics metrics)
    {
        var gate = new AccessGate(options);
        var endpoints = new Endpoints(options, _sessions, _shelf, _training, metrics);
        _application.UseWebSockets();
        _application.Run(async context =>
        {
            SecurityHeaders.Write(context.Response.Headers);
            if (gate.Refuse(context) is var (status, code, message))
            {
                metrics.Refusal();
                _log.Refused(Answers.Client(context), code);
                await Answers.ErrorAsync(context, status, code, message).ConfigureAwait(false);
                return;
            }

            if (!context.WebSockets.IsWebSocketRequest && context.Request.Path == "/" && gate.ShowsInAddress(context.Request))
            {
                // From here on the cookie shows the token, so that it stays out of histories and screenshots.
                context.Response.Cookies.Append(AccessGate.Cookie, options.Token!, new CookieOptions
                {
                    HttpOnly = true,
                    SameSite = SameSiteMode.Strict,
                    Secure = context.Request.IsHttps,
                    Path = "/",
                });
                context.Response.Redirect("/" + QueryString.Create(context.Request.Query.Where(part => part.Key != "token")));
                return;
            }

            try
            {
                await endpoints.AnswerAsync(context).ConfigureAwait(false);
            }
            catch (Exception error) when (error is not OperationCanceledException && !context.RequestAborted.IsCancellationRequested)
            {
                _log.RequestFailed(context.Request.Path, error);
                if (!context.Response.HasStarted)
                {
                    await Answers.ErrorAsync(context, 500, "failed", "the request failed; the server's log says why").ConfigureAwait(false);
                }
                else
                {
                    context.Abort();
                }
            }
            catch (OperationCanceledException)
            {
                context.Abort();
            }
        });
    }
}
