// What an agent's program asks before it connects: what it sends and gets, as JSON Schema beside the world's own, and what the
// world is.
using System.Reflection;
using System.Text.Json;
using Umwelt.Moments;
using Umwelt.Server.Internal.Rest;
using Umwelt.Server.Internal.Sessions;
using Umwelt.Worlds;

namespace Umwelt.Server.Internal.OpenEnv;

internal static class OpenEnvDocuments
{
    public static void WriteSchema(Utf8JsonWriter json, SessionHost host)
    {
        var schema = host.Schema;
        using (var document = JsonDocument.Parse(schema.ToJson()))
        {
            foreach (var property in document.RootElement.EnumerateObject())
            {
                property.WriteTo(json);
            }
        }

        WriteObject(json, "action", schema, schema.Motors, isObservation: false);
        WriteObject(json, "observation", schema, schema.Senses, isObservation: true);
        json.WriteStartObject("state"u8);
        json.WriteString("type"u8, "object"u8);
        json.WriteStartObject("properties"u8);
        WriteType(json, "episode_id", "string");
        WriteType(json, "step_count", "integer");
        WriteType(json, "world", "string");
        WriteType(json, "seed", "integer");
        json.WriteEndObject();
        json.WriteEndObject();
    }

    public static void WriteMetadata(Utf8JsonWriter json, SessionHost host)
    {
        var kind = WorldCatalogue.Entries.FirstOrDefault(entry => host.World.AsSpan().StartsWith(entry.Name, StringComparison.Ordinal));
        json.WriteString("name"u8, host.World);
        json.WriteString("description"u8, kind?.Summary ?? "");
        json.WriteString("version"u8, typeof(OpenEnvDocuments).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "");
    }

    private static void WriteObject(Utf8JsonWriter json, string name, Schema schema, IEnumerable<int> channels, bool isObservation)
    {
        json.WriteStartObject(name);
        json.WriteString("type"u8, "object"u8);
        json.WriteStartObject("properties"u8);
        foreach (var channel in channels)
        {
            Write(json, schema.Channels[channel]);
        }

        if (isObservation)
        {
            WriteType(json, "terminated", "boolean");
            WriteType(json, "truncated", "boolean");
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, Channel channel)
    {
        json.WriteStartObject(channel.Name);
        if (channel.Description is { } description)
        {
            json.WriteString("description"u8, description);
        }

        switch (channel)
        {
            case TextChannel:
                json.WriteString("type"u8, "string"u8);
                break;
            case CategoryChannel category:
                json.WriteString("type"u8, "integer"u8);
                json.WriteNumber("minimum"u8, 0);
                json.WriteNumber("maximum"u8, category.Count - 1);
                break;
            case VectorChannel vector:
                json.WriteString("type"u8, "array"u8);
                json.WriteNumber("minItems"u8, vector.Size);
                json.WriteNumber("maxItems"u8, vector.Size);
                json.WriteStartObject("items"u8);
                json.WriteString("type"u8, "number"u8);
                json.WriteEndObject();
                break;
            default:
                json.WriteString("type"u8, "object"u8);
                json.WriteStartObject("properties"u8);
                WriteType(json, "dtype", "string");
                WriteType(json, "shape", "array");
                WriteType(json, "base64", "string");
                json.WriteEndObject();
                break;
        }

        json.WriteEndObject();
    }

    private static void WriteType(Utf8JsonWriter json, string name, string type)
    {
        json.WriteStartObject(name);
        json.WriteString("type"u8, type);
        json.WriteEndObject();
    }
}
