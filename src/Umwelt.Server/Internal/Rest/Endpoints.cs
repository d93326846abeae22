// What can be asked over plain HTTP, and where the two WebSockets are. One switch: there are few addresses, and none of them is
// made of what a client sends but a recording's name.
using Microsoft.AspNetCore.Http;
using Umwelt.Server.Internal.Dreams;
using Umwelt.Server.Internal.OpenEnv;
using Umwelt.Server.Internal.Play;
using Umwelt.Server.Internal.Recordings;
using Umwelt.Server.Internal.Sessions;
using Umwelt.Server.Internal.Training;
using Umwelt.Worlds;

namespace Umwelt.Server.Internal.Rest;

internal sealed class Endpoints(ServerOptions options, SessionDirectory sessions, RecordingShelf shelf, TrainingRun? training, ServerMetrics metrics)
{
    private const string Starts = "/starts/";

    private readonly PageFiles _page = new();
    private readonly PlayConnection _play = new(sessions, shelf, options, metrics);
    private readonly OpenEnvConnection _agents = new(sessions, options, metrics);
    private readonly RestSessions _rest = new(sessions, options, metrics);
    private readonly RestTraining _training = new(training, metrics);
    private readonly RestMoments _moments = new(sessions, options, metrics);
    private readonly RecordingVideo _video = new();

    public async Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value ?? "/";
        if (RestSessions.Takes(context.Request))
        {
            await _rest.AnswerAsync(context).ConfigureAwait(false);
            return;
        }

        if (path == RestTraining.Path)
        {
            await _training.AnswerAsync(context).ConfigureAwait(false);
            return;
        }

        if (path == RestMoments.Path && HttpMethods.IsPost(context.Request.Method))
        {
            await _moments.AnswerAsync(context).ConfigureAwait(false);
            return;
        }

        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method) && !HttpMethods.IsConnect(context.Request.Method))
        {
            context.Response.Headers.Allow = path == RestSessions.Path ? "GET, HEAD, POST" : "GET, HEAD";
            await Answers.ErrorAsync(context, 405, "method", "this address answers GET and HEAD").ConfigureAwait(false);
            return;
        }

        await (path switch
        {
            "/play" => _play.RunAsync(context),
            "/ws" => _agents.RunAsync(context),
            "/schema" => AboutAsync(context, OpenEnvDocuments.WriteSchema),
            "/metadata" => AboutAsync(context, OpenEnvDocuments.WriteMetadata),
            "/health" => HealthAsync(context),
            "/metrics" => MetricsAsync(context),
            "/worlds" => WorldsAsync(context),
            "/sessions" => SessionsAsync(context),
            "/recordings" => RecordingsAsync(context),
            "/openapi.json" => Answers.BytesAsync(context, OpenApiDocument.Content, "application/json; charset=utf-8"),
            _ when RecordingName(path, "/download") is { } name => DownloadAsync(context, name, isVideo: false),
            _ when RecordingName(path, "/video") is { } name => DownloadAsync(context, name, isVideo: true),
            _ when path.StartsWith(Starts, StringComparison.Ordinal) => StartAsync(context, path[Starts.Length..]),
            _ => PageAsync(context, path),
        }).ConfigureAwait(false);
    }

    private static string? RecordingName(string path, string after)
    {
        const string before = "/recordings/";
        return path.Length > before.Length + after.Length && path.StartsWith(before, StringComparison.Ordinal) && path.EndsWith(after, StringComparison.Ordinal)
            ? path[before.Length..^after.Length]
            : null;
    }

    private Task HealthAsync(HttpContext context) => Answers.JsonAsync(
        context,
        json => json.WriteString("status"u8, sessions.IsStopping ? "stopping" : "healthy"),
        sessions.IsStopping ? 503 : 200);

    private async Task AboutAsync(HttpContext context, Action<System.Text.Json.Utf8JsonWriter, SessionHost> write)
    {
        try
        {
            var host = await sessions.HostAsync(context.Request.Query["world"].ToString() is { Length: > 0 } name ? name : options.Worlds[0]).ConfigureAwait(false);
            await Answers.JsonAsync(context, json => write(json, host)).ConfigureAwait(false);
        }
        catch (SessionRefusedException error)
        {
            await Answers.ErrorAsync(context, error.Code == "unknown-world" ? 404 : 503, error.Code, error.Message).ConfigureAwait(false);
        }
    }

    // What is seen at a recorded moment that a dream can begin at.
    private async Task StartAsync(HttpContext context, string name)
    {
        try
        {
            var host = await sessions.HostAsync(context.Request.Query["world"].ToString() is { Length: > 0 } world ? world : options.Worlds[0]).ConfigureAwait(false);
            if (DreamStart.NumberOf(name) is { } number && host.Stage.Dream?.Starts is { } starts && number < starts.Count && starts.Picture(number) is { } picture)
            {
                await Answers.BytesAsync(context, picture, "image/png").ConfigureAwait(false);
                return;
            }

            await Answers.ErrorAsync(context, 404, "start", "no moment of this name has a picture").ConfigureAwait(false);
        }
        catch (SessionRefusedException error)
        {
            await Answers.ErrorAsync(context, error.Code == "unknown-world" ? 404 : 503, error.Code, error.Message).ConfigureAwait(false);
        }
    }

    private Task MetricsAsync(HttpContext context)
    {
        var all = sessions.All();
        var text = metrics.Text(all.Length, all.Count(session => session.IsAttached), shelf.UnderWay);
        return Answers.BytesAsync(context, System.Text.Encoding.UTF8.GetBytes(text), "text/plain; version=0.0.4; charset=utf-8");
    }

    private Task WorldsAsync(HttpContext context) => Answers.JsonAsync(context, json =>
    {
        json.WriteBoolean("training"u8, options.Training is not null);
        json.WriteStartArray("worlds"u8);
        foreach (var world in options.Worlds)
        {
            var dream = options.Dreams.FirstOrDefault(dream => string.Equals(dream.Name, world, StringComparison.Ordinal));
            var kind = WorldCatalogue.Entries.FirstOrDefault(entry => world.AsSpan().StartsWith(entry.Name, StringComparison.Ordinal));
            json.WriteStartObject();
            json.WriteString("name"u8, world);
            json.WriteString("summary"u8, dream is null ? kind?.Summary ?? "" : dream.Truth is { } truth ? $"a dream, beside the truth of {truth}" : "a dream");
            json.WriteBoolean("dream"u8, dream is not null);
            json.WriteBoolean("truth"u8, dream?.Truth is not null);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    private Task SessionsAsync(HttpContext context) => Answers.JsonAsync(context, json =>
    {
        json.WriteStartArray("sessions"u8);
        foreach (var session in sessions.All())
        {
            json.WriteStartObject();
            json.WriteString("session"u8, session.Id);
            json.WriteString("world"u8, session.Host.World);
            json.WriteBoolean("attached"u8, session.IsAttached);
            json.WriteBoolean("agent"u8, session.IsStepped);
            json.WriteNumber("moments"u8, session.LivedMoments);
            json.WriteNumber("silent_seconds"u8, session.Silence / 1000);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    private Task RecordingsAsync(HttpContext context) => Answers.JsonAsync(context, json =>
    {
        json.WriteBoolean("available"u8, options.DataFolder is not null);
        json.WriteBoolean("video"u8, RecordingVideo.IsPossible);
        json.WriteStartArray("recordings"u8);
        foreach (var recording in shelf.List())
        {
            json.WriteStartObject();
            json.WriteString("id"u8, recording.Id);
            json.WriteBoolean("recording"u8, recording.IsUnderWay);
            if (!recording.IsUnderWay)
            {
                json.WriteString("world"u8, recording.World);
                json.WriteNumber("moments"u8, recording.Moments);
                json.WriteNumber("seconds"u8, recording.Seconds);
                json.WriteNumber("bytes"u8, recording.Bytes);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    private async Task DownloadAsync(HttpContext context, string name, bool isVideo)
    {
        if (shelf.FolderOf(name, out var isUnderWay) is { } folder)
        {
            await (isVideo ? _video.AnswerAsync(context, folder, name) : RecordingZip.AnswerAsync(context, folder, name)).ConfigureAwait(false);
        }
        else if (isUnderWay)
        {
            await Answers.ErrorAsync(context, 409, "recording", "this recording is still being written; stop it first").ConfigureAwait(false);
        }
        else
        {
            await Answers.ErrorAsync(context, 404, "recording", "there is no recording of this name").ConfigureAwait(false);
        }
    }

    private async Task PageAsync(HttpContext context, string path)
    {
        if (!await _page.AnswerAsync(context, path).ConfigureAwait(false))
        {
            await Answers.ErrorAsync(context, 404, "path", "there is nothing here").ConfigureAwait(false);
        }
    }
}
