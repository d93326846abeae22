// Sessions for programs that speak plain HTTP: begin one, step it, look, reset, end it. Each is an agent's session, found again
// by a key that only whoever began it was told.
using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Umwelt.Server.Internal.Agents;
using Umwelt.Server.Internal.Play;
using Umwelt.Server.Internal.Sessions;

namespace Umwelt.Server.Internal.Rest;

internal sealed class RestSessions(SessionDirectory sessions, ServerOptions options, ServerMetrics metrics)
{
    public const string Path = "/sessions";
    private const int MostSteps = 256;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 8, AllowDuplicateProperties = false };

    private readonly ConcurrentDictionary<string, Entry> _lives = new(StringComparer.Ordinal);

    /// <summary>Whether a request is for here: what changes sessions, or asks for one of them.</summary>
    public static bool Takes(HttpRequest request) =>
        (request.Path == Path && HttpMethods.IsPost(request.Method))
        || (request.Path.Value!.StartsWith(Path + "/", StringComparison.Ordinal)
            && (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsPost(request.Method) || HttpMethods.IsDelete(request.Method)));

    public async Task AnswerAsync(HttpContext context)
    {
        try
        {
            var request = context.Request;
            using var body = await BodyAsync(request, context.RequestAborted).ConfigureAwait(false);
            if (request.Path == Path)
            {
                await BeginAsync(context, body.RootElement).ConfigureAwait(false);
                return;
            }

            var parts = request.Path.Value![(Path.Length + 1)..].Split('/');
            if (!_lives.TryGetValue(parts[0], out var entry))
            {
                await Answers.ErrorAsync(context, 404, "session", "there is no session of this key, or no more").ConfigureAwait(false);
            }
            else if (!entry.Guard.Take())
            {
                metrics.Refusal();
                await Answers.ErrorAsync(context, 429, "too-fast", $"a session is asked {options.Limits.MessagesPerSecond} times a second at most").ConfigureAwait(false);
            }
            else
            {
                metrics.Message();
                await AnswerAsync(context, parts, entry.Life, body.RootElement).ConfigureAwait(false);
            }
        }
        catch (SessionRefusedException error)
        {
            metrics.Refusal();
            await Answers.ErrorAsync(context, error.Code switch { "unknown-world" => 404, "too-many" => 429, _ => 503 }, error.Code, error.Message).ConfigureAwait(false);
        }
        catch (Exception error) when (error is JsonException or ClientMessageException or BadHttpRequestException)
        {
            metrics.Fault();
            var status = (error as BadHttpRequestException)?.StatusCode ?? 400;
            await Answers.ErrorAsync(context, status, "message", error is ClientMessageException or BadHttpRequestException ? error.Message : "the body is not well-formed JSON").ConfigureAwait(false);
        }
    }

    private static async Task<JsonDocument> BodyAsync(HttpRequest request, CancellationToken cancellation)
    {
        if (!HttpMethods.IsPost(request.Method))
        {
            return JsonDocument.Parse("{}");
        }

        // A form of another site can send any text but not this type.
        if (request.ContentLength is not 0 && request.ContentType?.StartsWith("application/json", StringComparison.OrdinalIgnoreCase) != true)
        {
            throw new BadHttpRequestException("the body is JSON, and says so: Content-Type: application/json", 415);
        }

        if (request.ContentLength is 0)
        {
            return JsonDocument.Parse("{}");
        }

        var document = await JsonDocument.ParseAsync(request.Body, Strict, cancellation).ConfigureAwait(false);
        if (document.RootElement.ValueKind != JsonValueKind.Object)
        {
            document.Dispose();
            throw new ClientMessageException("the body is a JSON object");
        }

        return document;
    }

    private static Task WriteAsync(HttpContext context, AgentAnswer answer, string? key = null, int status = 200) => answer.Code is { } code
        ? Answers.ErrorAsync(context, code == "SESSION_ERROR" ? 404 : 409, code == "SESSION_ERROR" ? "session" : "over", answer.Message)
        : Answers.JsonAsync(
            context,
            json =>
            {
                if (key is not null)
                {
                    json.WriteString("key"u8, key);
                }

                using var said = JsonDocument.Parse(answer.Json);
                foreach (var property in said.RootElement.GetProperty("data"u8).EnumerateObject())
                {
                    property.WriteTo(json);
                }
            },
            status);

    private static long? Whole(JsonElement body, string name, long least, long most) =>
        !body.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) && number >= least && number <= most ? number
        : throw new ClientMessageException(FormattableString.Invariant($"'{name}' is a whole number from {least} to {most}"));

    private async Task BeginAsync(HttpContext context, JsonElement body)
    {
        var world = !body.TryGetProperty("world", out var name) ? options.Worlds[0]
            : name.ValueKind == JsonValueKind.String ? name.GetString()! : throw new ClientMessageException("'world' is a name");
        var key = SessionDirectory.Secret(18);
        var life = new AgentLife(sessions, world, Answers.Client(context), () => _lives.TryRemove(key, out _));
        var first = await life.ResetAsync(Whole(body, "seed", long.MinValue, long.MaxValue)).ConfigureAwait(false);
        _lives[key] = new Entry(life, new MessageGuard(options.Limits));
        if (!sessions.Has(life.Session!))
        {
            _lives.TryRemove(key, out _); // It was over before anybody knew its key.
        }

        await WriteAsync(context, first, key, status: 201).ConfigureAwait(false);
    }

    private async Task AnswerAsync(HttpContext context, string[] parts, AgentLife life, JsonElement body)
    {
        var method = context.Request.Method;
        switch (parts)
        {
            case [_] when HttpMethods.IsDelete(method):
                life.Dispose();
                _lives.TryRemove(parts[0], out _);
                context.Response.StatusCode = 204;
                break;
            case [_] when !HttpMethods.IsPost(method):
                await WriteAsync(context, await life.StateAsync().ConfigureAwait(false)).ConfigureAwait(false);
                break;
            case [_, "moment"] when !HttpMethods.IsPost(method) && !HttpMethods.IsDelete(method):
                await WriteAsync(context, await life.LookAsync().ConfigureAwait(false)).ConfigureAwait(false);
                break;
            case [_, "reset"] when HttpMethods.IsPost(method):
                await WriteAsync(context, await life.ResetAsync(Whole(body, "seed", long.MinValue, long.MaxValue)).ConfigureAwait(false)).ConfigureAwait(false);
                break;
            case [_, "step"] when HttpMethods.IsPost(method):
                await WriteAsync(context, await StepAsync(life, body).ConfigureAwait(false)).ConfigureAwait(false);
                break;
            default:
                await Answers.ErrorAsync(context, 404, "path", "there is nothing here; /openapi.json says what there is").ConfigureAwait(false);
                break;
        }
    }

    // The same command for so many moments, or until the episode is over.
    private async Task<AgentAnswer> StepAsync(AgentLife life, JsonElement body)
    {
        var motor = ClientMessage.Property(body, "motor");
        var left = Whole(body, "count", 1, MostSteps) ?? 1;
        var answer = await life.StepAsync(motor).ConfigureAwait(false);
        while (--left > 0 && answer.Code is null && life.Session is { IsOver: false })
        {
            answer = await life.StepAsync(motor).ConfigureAwait(false);
        }

        return answer;
    }

    private sealed record Entry(AgentLife Life, MessageGuard Guard);
}
