// Values of channels as clients say them: a number, numbers or a text each. What is not said stays as it was. Every value is
// checked here, so that a world is never stepped with what it can't take.
using System.Text;
using System.Text.Json;
using Umwelt.Moments;

namespace Umwelt.Server.Internal.Play;

internal sealed class ChannelValues
{
    private const int LongestText = 4096;

    private readonly List<(int Channel, float[]? Vector, int Category, byte[]? Text)> _values = [];

    private ChannelValues()
    {
    }

    /// <summary>Reads the property <c>motor</c> of a message.</summary>
    /// <exception cref="ClientMessageException">It names what is wrong.</exception>
    public static ChannelValues Parse(JsonElement message, Schema motor) => Of(ClientMessage.Property(message, "motor"), motor);

    /// <summary>Reads an object with a property for each channel that is said.</summary>
    /// <exception cref="ClientMessageException">It names what is wrong.</exception>
    public static ChannelValues Of(JsonElement channels, Schema schema, string kind = "motor")
    {
        if (channels.ValueKind != JsonValueKind.Object)
        {
            throw new ClientMessageException($"what is said is an object with {kind} channels");
        }

        var values = new ChannelValues();
        foreach (var property in channels.EnumerateObject())
        {
            if (schema.Find(property.Name) is not { } channel)
            {
                throw new ClientMessageException(
                    $"no {kind} channel '{ClientMessage.Printable(property.Name)}'; there are {string.Join(", ", schema.Channels.Select(known => known.Name))}");
            }

            values._values.Add(schema.Channels[channel] switch
            {
                VectorChannel vector => (channel, Numbers(vector, property.Value), 0, null),
                CategoryChannel category => (channel, null, Choice(category, property.Value), null),
                TextChannel text => (channel, null, 0, Words(text, property.Value)),
                var other => throw new ClientMessageException($"'{other.Name}' holds {other.Kind}, which no message can say"),
            });
        }

        return values;
    }

    /// <summary>Whether all of these channels are sensed.</summary>
    public bool AreSenses(Schema schema) => _values.TrueForAll(value => schema.Channels[value.Channel].Role == ChannelRole.Sense);

    /// <summary>Writes them into a row, where they are present.</summary>
    public void Write(MomentBatch held, int row = 0)
    {
        foreach (var (channel, vector, category, text) in _values)
        {
            if (vector is not null)
            {
                vector.CopyTo(held.Vector(channel, row));
            }
            else if (text is not null)
            {
                held.SetText(channel, row, text);
            }
            else
            {
                held.Category(channel, row) = category;
            }

            held.SetPresent(channel, row);
        }
    }

    private static float[] Numbers(VectorChannel channel, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Number && channel.Size == 1)
        {
            return [Finite(channel.Name, value)];
        }

        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() != channel.Size)
        {
            throw new ClientMessageException($"'{channel.Name}' is {channel.Size} number{(channel.Size == 1 ? "" : "s")}");
        }

        return [.. value.EnumerateArray().Select(number => Finite(channel.Name, number))];
    }

    private static float Finite(string name, JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetSingle(out var number) && float.IsFinite(number)
            ? number
            : throw new ClientMessageException($"'{name}' holds finite numbers");

    private static int Choice(CategoryChannel channel, JsonElement value)
    {
        var single = value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 1 ? value[0] : value;
        return single.ValueKind == JsonValueKind.Number && single.TryGetInt32(out var number) && (uint)number < (uint)channel.Count
            ? number
            : throw new ClientMessageException($"'{channel.Name}' is a whole number from 0 to {channel.Count - 1}");
    }

    private static byte[] Words(TextChannel channel, JsonElement value)
    {
        var text = value.ValueKind == JsonValueKind.String ? Encoding.UTF8.GetBytes(value.GetString()!) : null;
        return text is { Length: <= LongestText } ? text : throw new ClientMessageException($"'{channel.Name}' is a text of {LongestText} bytes at most");
    }
}
