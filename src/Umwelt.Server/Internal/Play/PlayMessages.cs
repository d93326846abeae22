// The words a server says to a page: one JSON object a message, as docs/protocol.md lists them.
using System.Text.Json;
using Umwelt.Moments;
using Umwelt.Server.Internal.Rest;
using Umwelt.Server.Internal.Sessions;

namespace Umwelt.Server.Internal.Play;

internal static class PlayMessages
{
    public const int Version = 1;

    public static byte[] Hello(Session session, bool isResumed) => JsonBytes.Object(json =>
    {
        var host = session.Host;
        json.WriteString("type"u8, "hello"u8);
        json.WriteNumber("version"u8, Version);
        json.WriteString("session"u8, session.Id);
        json.WriteString("resume"u8, session.Resume);
        json.WriteBoolean("resumed"u8, isResumed);
        json.WriteString("world"u8, host.World);
        json.WriteNumber("seed"u8, session.Seed);
        json.WriteNumber("rate"u8, host.Schema.Rate);
        json.WriteBoolean("keeps"u8, host.Stage.CanKeep);
        json.WritePropertyName("schema"u8);
        JsonBytes.WriteSchema(json, host.Schema);
        json.WriteStartArray("occupants"u8);
        foreach (var occupant in host.Stage.World.Occupants)
        {
            json.WriteStringValue(occupant);
        }

        json.WriteEndArray();
        if (host.Stage.Dream is { } dream)
        {
            json.WriteStartObject("dream"u8);
            WriteMaybe(json, "truth"u8, dream.TruthName);
            json.WriteStartArray("starts"u8);
            foreach (var start in dream.AllStarts())
            {
                json.WriteStringValue(start);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteStartArray("kept"u8);
        foreach (var kept in session.Kept.Keys)
        {
            json.WriteStringValue(kept);
        }

        json.WriteEndArray();
        if (host.Stage.Map(session.Row) is { } map)
        {
            json.WritePropertyName("map"u8);
            MapJson.Write(json, map);
        }
    });

    public static byte[] Map(Umwelt.Worlds.HouseMap map) => JsonBytes.Object(json =>
    {
        json.WriteString("type"u8, "map"u8);
        json.WritePropertyName("map"u8);
        MapJson.Write(json, map);
    });

    public static byte[] State(Session session) => JsonBytes.Object(json =>
    {
        json.WriteString("type"u8, "state"u8);
        json.WriteBoolean("paused"u8, session.IsPaused);
        json.WriteNumber("speed"u8, session.Speed);
        json.WriteNumber("moment"u8, session.Number);
        json.WriteNumber("seed"u8, session.Seed);
        WriteMaybe(json, "recording"u8, session.Recording?.Id);
        WriteMaybe(json, "acting"u8, session.Acting);
        WriteMaybe(json, "replaying"u8, session.Replay?.Name);
        if (session.Host.Stage.Dream is { } dream)
        {
            var row = dream.Row(session.Row);
            WriteMaybe(json, "from"u8, session.From);
            json.WriteBoolean("truth"u8, row.IsReal);
            WriteNames(json, "given"u8, session.Host.Schema, row.Given);
            WriteNames(json, "held"u8, session.Host.Schema, row.Held);
        }
    });

    public static byte[] Answer(MomentBatch answer) => JsonBytes.Object(json =>
    {
        json.WriteString("type"u8, "answer"u8);
        json.WriteStartObject("moment"u8);
        for (var i = 0; i < answer.Schema.Channels.Length; i++)
        {
            json.WritePropertyName(answer.Schema.Channels[i].Name);
            Agents.AgentAnswer.Write(json, answer, i, 0);
        }

        json.WriteEndObject();
    });

    public static byte[] Replayed(Replay replay) => JsonBytes.Object(json =>
    {
        json.WriteString("type"u8, "replayed"u8);
        json.WriteString("id"u8, replay.Name);
        json.WriteNumber("moments"u8, replay.Moments);
        json.WriteNumber("compared"u8, replay.Compared);
        json.WriteNumber("different"u8, replay.Different);
    });

    public static byte[] Error(string code, string message) => JsonBytes.Object(json =>
    {
        json.WriteString("type"u8, "error"u8);
        json.WriteString("code"u8, code);
        json.WriteString("message"u8, message);
    });

    public static byte[] Bye(string reason) => JsonBytes.Object(json =>
    {
        json.WriteString("type"u8, "bye"u8);
        json.WriteString("reason"u8, reason);
    });

    public static byte[] Kept(string id) => JsonBytes.Object(json =>
    {
        json.WriteString("type"u8, "kept"u8);
        json.WriteString("id"u8, id);
    });

    public static byte[] Saved(string id, string name, byte[] file) => JsonBytes.Object(json =>
    {
        json.WriteString("type"u8, "saved"u8);
        json.WriteString("id"u8, id);
        json.WriteString("name"u8, name);
        json.WriteString("file"u8, file);
    });

    private static void WriteNames(Utf8JsonWriter json, ReadOnlySpan<byte> name, Schema schema, bool[] isNamed)
    {
        json.WriteStartArray(name);
        for (var i = 0; i < isNamed.Length; i++)
        {
            if (isNamed[i])
            {
                json.WriteStringValue(schema.Channels[i].Name);
            }
        }

        json.WriteEndArray();
    }

    private static void WriteMaybe(Utf8JsonWriter json, ReadOnlySpan<byte> name, string? value)
    {
        if (value is null)
        {
            json.WriteNull(name);
        }
        else
        {
            json.WriteString(name, value);
        }
    }
}
