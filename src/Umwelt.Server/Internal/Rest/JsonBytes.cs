// JSON written by hand: small objects whose names stand in the protocol, as UTF-8.
using System.Buffers;
using System.Text.Json;

namespace Umwelt.Server.Internal.Rest;

internal static class JsonBytes
{
    /// <summary>An object with what is written between its braces.</summary>
    public static byte[] Object(Action<Utf8JsonWriter> fill)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            fill(json);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>A schema, as recordings hold it but without blanks.</summary>
    public static void WriteSchema(Utf8JsonWriter json, Umwelt.Moments.Schema schema)
    {
        using var document = JsonDocument.Parse(schema.ToJson());
        document.RootElement.WriteTo(json);
    }
}
