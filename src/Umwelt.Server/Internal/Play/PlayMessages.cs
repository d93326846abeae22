// The words a server says to a page: one JSON object a message, as docs/protocol.md lists them.
using System.Text.Json;
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
