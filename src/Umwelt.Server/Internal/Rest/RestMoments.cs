// A moment that was saved as a file, brought back: what was done since its episode began is done again, and whoever sent the file
// is told how to come in. The file is lines of commands, each of which is checked before anything is done.
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Umwelt.Server.Internal.Sessions;

namespace Umwelt.Server.Internal.Rest;

internal sealed class RestMoments(SessionDirectory sessions, ServerOptions options, ServerMetrics metrics)
{
    public const string Path = "/moments";
    public const string Type = "application/x-ndjson";

    public async Task AnswerAsync(HttpContext context)
    {
        try
        {
            // A form of another site can send any text but not this type.
            if (context.Request.ContentType?.StartsWith(Type, StringComparison.OrdinalIgnoreCase) != true)
            {
                throw new BadHttpRequestException($"a moment is lines of JSON, and says so: Content-Type: {Type}", 415);
            }

            if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            {
                limit.MaxRequestBodySize = options.Limits.MomentBytes;
            }

            using var file = new MemoryStream();
            await context.Request.Body.CopyToAsync(file, context.RequestAborted).ConfigureAwait(false);
            var (session, replay) = await sessions.ReliveAsync(file.ToArray(), Answers.Client(context)).ConfigureAwait(false);
            session.Host.Post(() => session.IsPaused = true);
            await Answers.JsonAsync(
                context,
                json =>
                {
                    json.WriteString("resume"u8, session.Resume);
                    json.WriteString("world"u8, session.Host.World);
                    json.WriteNumber("moments"u8, replay.Moments);
                    json.WriteBoolean("same"u8, replay.Different == 0);
                },
                201).ConfigureAwait(false);
        }
        catch (SessionRefusedException error)
        {
            metrics.Refusal();
            await Answers.ErrorAsync(context, error.Code switch { "unknown-world" => 404, "too-many" => 429, "from" => 400, _ => 503 }, error.Code, error.Message).ConfigureAwait(false);
        }
        catch (InvalidDataException error)
        {
            metrics.Fault();
            await Answers.ErrorAsync(context, 400, "moment", error.Message).ConfigureAwait(false);
        }
        catch (BadHttpRequestException error)
        {
            metrics.Fault();
            await Answers.ErrorAsync(context, error.StatusCode, "moment", error.Message).ConfigureAwait(false);
        }
    }
}
