// How the training goes, and whether it is to run: GET tells its curve, POST starts or stops it.
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Umwelt.Server.Internal.Training;

namespace Umwelt.Server.Internal.Rest;

internal sealed class RestTraining(TrainingRun? training, ServerMetrics metrics)
{
    public const string Path = "/training";

    public async Task AnswerAsync(HttpContext context)
    {
        if (training is null)
        {
            await Answers.ErrorAsync(context, 404, "training", "this server shows no training").ConfigureAwait(false);
            return;
        }

        if (HttpMethods.IsPost(context.Request.Method))
        {
            if (await WantsAsync(context).ConfigureAwait(false) is not { } isOn)
            {
                metrics.Fault();
                await Answers.ErrorAsync(context, 400, "message", "the body is JSON such as {\"on\":true}, and says so: Content-Type: application/json").ConfigureAwait(false);
                return;
            }

            if (!training.CanStart)
            {
                metrics.Refusal();
                await Answers.ErrorAsync(context, 409, "training", "this training is only watched here").ConfigureAwait(false);
                return;
            }

            if (isOn)
            {
                training.Begin();
            }
            else
            {
                await training.StopAsync().ConfigureAwait(false);
            }
        }
        else if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            context.Response.Headers.Allow = "GET, HEAD, POST";
            await Answers.ErrorAsync(context, 405, "method", "this address answers GET, HEAD and POST").ConfigureAwait(false);
            return;
        }

        var state = training.Look();
        await Answers.JsonAsync(context, json => Write(json, training, state)).ConfigureAwait(false);
    }

    private static async Task<bool?> WantsAsync(HttpContext context)
    {
        // A form of another site can send any text but not this type.
        if (context.Request.ContentType?.StartsWith("application/json", StringComparison.OrdinalIgnoreCase) != true)
        {
            return null;
        }

        try
        {
            using var body = await JsonDocument.ParseAsync(context.Request.Body, new JsonDocumentOptions { MaxDepth = 4 }, context.RequestAborted).ConfigureAwait(false);
            return body.RootElement.ValueKind == JsonValueKind.Object && body.RootElement.TryGetProperty("on", out var on) && on.ValueKind is JsonValueKind.True or JsonValueKind.False ? on.GetBoolean() : null;
        }
        catch (Exception error) when (error is JsonException or BadHttpRequestException)
        {
            return null;
        }
    }

    private static void Write(Utf8JsonWriter json, TrainingRun training, TrainingState state)
    {
        json.WriteString("dream"u8, training.Source.Dream);
        json.WriteString("state"u8, state.State);
        json.WriteBoolean("startable"u8, training.CanStart);
        json.WriteBoolean("ours"u8, state.IsOurs);
        json.WriteBoolean("dreams"u8, state.HasModel);
        json.WriteNumber("step"u8, state.Step);
        json.WriteNumber("steps"u8, state.Steps);
        if (state.SecondsLeft is { } left)
        {
            json.WriteNumber("seconds_left"u8, Math.Round(left));
        }

        if (state.Problem is { } problem)
        {
            json.WriteString("problem"u8, problem);
        }

        if (training.Source.About is { } about)
        {
            json.WriteString("about"u8, about);
        }

        json.WriteStartArray("losses"u8);
        foreach (var (step, loss) in state.Points)
        {
            json.WriteStartArray();
            json.WriteNumberValue(step);
            json.WriteNumberValue(Math.Round(loss, 5));
            json.WriteEndArray();
        }

        json.WriteEndArray();
    }
}
