// What an agent is answered: the moment that its reset or step led to, in the words of OpenEnv, or why there is none.
using System.Text.Json;
using Umwelt.Moments;
using Umwelt.Server.Internal.Rest;
using Umwelt.Server.Internal.Sessions;

namespace Umwelt.Server.Internal.Agents;

/// <summary>An answer as bytes of JSON; one that refuses has a code and says why.</summary>
internal sealed record AgentAnswer(byte[] Json, string? Code = null, string Message = "")
{
    /// <summary>The present moment of a session; called on its host's thread.</summary>
    public static AgentAnswer Of(Session session) => new(Observation(session));

    public static AgentAnswer Refused(string code, string message) => new(
        JsonBytes.Object(json =>
        {
            json.WriteString("type"u8, "error"u8);
            json.WriteStartObject("data"u8);
            json.WriteString("message"u8, message);
            json.WriteString("code"u8, code);
            json.WriteEndObject();
        }),
        code,
        message);

    private static byte[] Observation(Session session) => JsonBytes.Object(json =>
    {
        var (moments, row) = (session.Host.Moments, session.Row);
        var schema = moments.Schema;
        var ending = moments.Endings[row];
        json.WriteString("type"u8, "observation"u8);
        json.WriteStartObject("data"u8);
        json.WriteStartObject("observation"u8);
        foreach (var i in schema.Senses)
        {
            json.WritePropertyName(schema.Channels[i].Name);
            Write(json, moments, i, row);
        }

        json.WriteBoolean("terminated"u8, ending == Ending.End);
        json.WriteBoolean("truncated"u8, ending == Ending.Truncation);
        json.WriteEndObject();
        if (schema.Rewards.IsEmpty || !moments.IsPresent(schema.Rewards[0], row))
        {
            json.WriteNull("reward"u8);
        }
        else
        {
            json.WriteNumber("reward"u8, moments.Vector(schema.Rewards[0], row)[0]);
        }

        json.WriteBoolean("done"u8, ending != Ending.None);
        json.WriteEndObject();
    });

    /// <summary>The value of a channel.</summary>
    public static void Write(Utf8JsonWriter json, MomentBatch moments, int channel, int row)
    {
        if (!moments.IsPresent(channel, row))
        {
            json.WriteNullValue();
            return;
        }

        switch (moments.Schema.Channels[channel])
        {
            case TextChannel:
                json.WriteStringValue(System.Text.Encoding.UTF8.GetString(moments.Text(channel, row)));
                break;
            case CategoryChannel:
                json.WriteNumberValue(moments.Category(channel, row));
                break;
            case VectorChannel:
                json.WriteStartArray();
                foreach (var value in moments.Vector(channel, row))
                {
                    if (float.IsFinite(value))
                    {
                        json.WriteNumberValue(value);
                    }
                    else
                    {
                        json.WriteNullValue();
                    }
                }

                json.WriteEndArray();
                break;
            case var array:
                json.WriteStartObject();
                json.WriteString("dtype"u8, array.Kind == ChannelKind.Image ? "uint8"u8 : "int16"u8);
                json.WriteStartArray("shape"u8);
                foreach (var extent in array.Shape)
                {
                    json.WriteNumberValue(extent);
                }

                json.WriteEndArray();
                json.WriteBase64String("base64"u8, moments.Bytes(channel, row));
                json.WriteEndObject();
                break;
        }
    }
}
