// What a client asks for, read from one text message. Anything may stand in it: what is wrong is said by name, and nothing of a
// message that is wrong is done.
using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Umwelt.Moments;

namespace Umwelt.Server.Internal.Play;

/// <summary>A message that was understood.</summary>
internal abstract record ClientMessage
{
    /// <summary>The longest name in a message.</summary>
    public const int LongestName = 64;

    /// <summary>The fastest pace, times the world's rate.</summary>
    public const double MostSpeed = 8;

    /// <summary>The slowest pace.</summary>
    public const double LeastSpeed = 0.25;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 8, AllowDuplicateProperties = false };

    /// <summary>What changes what follows without being a command: it is noted beside commands and said again with them.</summary>
    public interface IAside
    {
        /// <summary>The message as one line.</summary>
        string Json { get; }
    }

    /// <summary>Reads a message of a client of a world with these channels.</summary>
    /// <exception cref="ClientMessageException">It names what is wrong.</exception>
    public static ClientMessage Parse(ReadOnlyMemory<byte> utf8, Schema schema)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8, Strict);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
            {
                throw new ClientMessageException("a message is a JSON object");
            }

            return Text(root, "type") switch
            {
                "command" => new Command(Whole(root, "sequence", 0, uint.MaxValue), ChannelValues.Parse(root, schema.Motor)),
                "pause" => new Pause(),
                "resume" => new Go(),
                "step" => new Step(),
                "reset" => new Reset(
                    root.TryGetProperty("seed", out var seed) && seed.ValueKind != JsonValueKind.Null ? Whole(root, "seed", long.MinValue, long.MaxValue) : null,
                    root.TryGetProperty("from", out var from) && from.ValueKind != JsonValueKind.Null ? Text(root, "from") : null),
                "speed" => new Pace(Speed(root)),
                "act" => new Act(root.TryGetProperty("occupant", out var occupant) && occupant.ValueKind == JsonValueKind.Null ? null : Text(root, "occupant")),
                "record" => new Record(Flag(root, "on")),
                "replay" => new Replay(Text(root, "id")),
                "keep" => new Keep(),
                "return" => new Return(Text(root, "id")),
                "save" => new Save(Text(root, "id")),
                "senses" => new Senses(Channels(root, "given", schema), Channels(root, "held", schema), Line(root)),
                "clamp" => new Clamp(Sensed(root, schema), Line(root)),
                "ask" => new Ask(
                    ChannelValues.Of(Property(root, "given"), schema, "known"),
                    root.TryGetProperty("forget", out _) && Flag(root, "forget")),
                var other => throw new ClientMessageException($"no message is of the type '{Printable(other)}'"),
            };
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // A name with half a surrogate pair is an InvalidOperationException of the reader.
            throw new ClientMessageException("the message is not well-formed JSON");
        }
    }

    internal static string Printable(string text) =>
        string.Concat(text.Where(letter => !char.IsControl(letter) && !char.IsSurrogate(letter)).Take(LongestName));

    internal static JsonElement Property(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) ? value : throw new ClientMessageException($"'{name}' is missing");

    // A list of senses by name, as their places.
    private static ImmutableArray<int> Channels(JsonElement root, string name, Schema schema)
    {
        var list = Property(root, name);
        if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() > schema.Channels.Length)
        {
            throw new ClientMessageException($"'{name}' is a list of senses");
        }

        return
        [
            .. list.EnumerateArray().Select(item =>
                item.ValueKind == JsonValueKind.String && schema.Find(item.GetString()!) is { } channel && schema.Channels[channel].Role != ChannelRole.Motor
                    ? channel
                    : throw new ClientMessageException($"'{name}' names senses; there are {string.Join(", ", schema.Channels.Where(known => known.Role != ChannelRole.Motor).Select(known => known.Name))}")),
        ];
    }

    private static ChannelValues Sensed(JsonElement root, Schema schema) =>
        ChannelValues.Of(Property(root, "given"), schema, "known") is var values && values.AreSenses(schema)
            ? values
            : throw new ClientMessageException("what a moment is clamped to is sensed; the body is told by commands");

    private static string Line(JsonElement root)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            root.WriteTo(json);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static string Text(JsonElement root, string name)
    {
        var value = Property(root, name);
        if (value.ValueKind != JsonValueKind.String)
        {
            throw new ClientMessageException($"'{name}' is a text");
        }

        var text = value.GetString()!;
        return text.Length <= LongestName ? text : throw new ClientMessageException($"'{name}' has {LongestName} letters at most");
    }

    private static long Whole(JsonElement root, string name, long least, long most) =>
        Property(root, name) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt64(out var number) && number >= least && number <= most
            ? number
            : throw new ClientMessageException(string.Create(CultureInfo.InvariantCulture, $"'{name}' is a whole number from {least} to {most}"));

    private static bool Flag(JsonElement root, string name) => Property(root, name).ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw new ClientMessageException($"'{name}' is true or false"),
    };

    private static double Speed(JsonElement root) =>
        Property(root, "value") is { ValueKind: JsonValueKind.Number } value && value.TryGetDouble(out var speed) && speed is 0 or (>= LeastSpeed and <= MostSpeed)
            ? speed
            : throw new ClientMessageException(string.Create(CultureInfo.InvariantCulture, $"'value' is {LeastSpeed} to {MostSpeed}, or 0 for as fast as it goes"));

    internal sealed record Command(long Sequence, ChannelValues Values) : ClientMessage;

    internal sealed record Pause : ClientMessage;

    internal sealed record Go : ClientMessage;

    internal sealed record Step : ClientMessage;

    internal sealed record Reset(long? Seed, string? From) : ClientMessage;

    internal sealed record Pace(double Times) : ClientMessage;

    internal sealed record Act(string? Occupant) : ClientMessage;

    internal sealed record Record(bool IsOn) : ClientMessage;

    internal sealed record Replay(string Id) : ClientMessage;

    internal sealed record Keep : ClientMessage;

    internal sealed record Return(string Id) : ClientMessage;

    internal sealed record Save(string Id) : ClientMessage;

    /// <summary>Which senses are the truth's, and which are held at nothing; all others are dreamed.</summary>
    internal sealed record Senses(ImmutableArray<int> Given, ImmutableArray<int> Held, string Json) : ClientMessage, IAside;

    /// <summary>What the next moment holds, whatever would be dreamed.</summary>
    internal sealed record Clamp(ChannelValues Values, string Json) : ClientMessage, IAside;

    /// <summary>What a moment would be that holds these; nothing changes.</summary>
    internal sealed record Ask(ChannelValues Given, bool Forgets) : ClientMessage;
}

/// <summary>A message that can't be understood; its text is for the client.</summary>
internal sealed class ClientMessageException(string message) : Exception(message);
