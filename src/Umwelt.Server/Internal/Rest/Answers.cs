// How requests are answered: JSON with a length, or an error that says what is wrong in a code and a sentence.
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Umwelt.Server.Internal.Rest;

internal static class Answers
{
    public static Task JsonAsync(HttpContext context, Action<Utf8JsonWriter> fill, int status = 200) =>
        BytesAsync(context, JsonBytes.Object(fill), "application/json; charset=utf-8", status);

    public static Task ErrorAsync(HttpContext context, int status, string code, string message) => JsonAsync(
        context,
        json =>
        {
            json.WriteStartObject("error"u8);
            json.WriteString("code"u8, code);
            json.WriteString("message"u8, message);
            json.WriteEndObject();
        },
        status);

    public static async Task BytesAsync(HttpContext context, ReadOnlyMemory<byte> bytes, string type, int status = 200)
    {
        var response = context.Response;
        response.StatusCode = status;
        response.ContentType = type;
        response.ContentLength = bytes.Length;
        if (string.IsNullOrEmpty(response.Headers.CacheControl))
        {
            response.Headers.CacheControl = "no-store";
        }

        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await response.Body.WriteAsync(bytes, context.RequestAborted).ConfigureAwait(false);
        }
    }

    /// <summary>Who asks, as limits count: an address on the network.</summary>
    public static string Client(HttpContext context) => context.Connection.RemoteIpAddress?.ToString() ?? "local";
}
