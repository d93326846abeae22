// Values of channels out of a server's JSON and into it. Whatever is not of its channel is an error that names it: a moment holds what was
// said or nothing.
using System.Runtime.InteropServices;
using System.Text.Json;
using Umwelt.Moments;

namespace Umwelt.Worlds.Bridges.OpenEnv;

internal sealed class OpenEnvValues(string world, OpenEnvSpaces spaces)
{
    /// <summary>Writes the senses of an observation; what it lacks or has as null is absent.</summary>
    public void Read(JsonElement observation, MomentBatch moments, int row)
    {
        foreach (var channel in spaces.Schema.Senses)
        {
            var value = observation;
            foreach (var key in spaces.Paths[channel])
            {
                value = value.ValueKind == JsonValueKind.Object && value.TryGetProperty(key, out var inner) ? inner : default;
            }

            if (value.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null))
            {
                Read(value, moments, channel, row);
                if (moments.Schema.Channels[channel].Kind != ChannelKind.Text)
                {
                    moments.SetPresent(channel, row);
                }
            }
        }
    }

    /// <summary>Writes a row's command as an action.</summary>
    public void Write(Utf8JsonWriter json, MomentBatch moments, int row)
    {
        json.WriteStartObject();
        Write(json, spaces.Schema.Motors, moments, row, depth: 0);
        json.WriteEndObject();
    }

    private void Read(JsonElement value, MomentBatch moments, int index, int row)
    {
        var channel = moments.Schema.Channels[index];
        switch (channel)
        {
            case VectorChannel:
                var numbers = moments.Vector(index, row);
                var count = Numbers(value, numbers, 0, channel);
                if (count != numbers.Length)
                {
                    throw Wrong(channel, $"it has {count} numbers, not {numbers.Length}");
                }

                break;
            case CategoryChannel category:
                var chosen = value.ValueKind switch
                {
                    JsonValueKind.True => 1,
                    JsonValueKind.False => 0,
                    JsonValueKind.String when !category.Labels.IsDefault => category.Labels.IndexOf(value.GetString()!),
                    JsonValueKind.Number when value.TryGetInt32(out var number) => number,
                    _ => -1,
                };
                moments.Category(index, row) = (uint)chosen < (uint)category.Count ? chosen : throw Wrong(channel, $"it is none of its {category.Count}");
                break;
            case TextChannel:
                moments.SetText(index, row, value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText());
                break;
            default:
                Bytes(value, moments.Bytes(index, row), channel);
                break;
        }
    }

    private int Numbers(JsonElement value, Span<float> numbers, int at, Channel channel)
    {
        if (value.ValueKind == JsonValueKind.Array)
        {
            foreach (var inner in value.EnumerateArray())
            {
                at = Numbers(inner, numbers, at, channel);
            }

            return at;
        }

        var number = value.ValueKind switch
        {
            JsonValueKind.True => 1,
            JsonValueKind.False => 0,
            JsonValueKind.Number when value.TryGetSingle(out var given) && float.IsFinite(given) => given,
            _ => throw Wrong(channel, "it holds what is no number"),
        };
        if (at < numbers.Length)
        {
            numbers[at] = number;
        }

        return at + 1;
    }

    // Pictures and sound: bytes as base64, or numbers in arrays.
    private void Bytes(JsonElement value, Span<byte> bytes, Channel channel)
    {
        if (value.ValueKind == JsonValueKind.Object && value.TryGetProperty("base64", out var encoded) && encoded.ValueKind == JsonValueKind.String)
        {
            if (!encoded.TryGetBytesFromBase64(out var given) || given.Length != bytes.Length)
            {
                throw Wrong(channel, $"its bytes are not the {bytes.Length} of its shape [{string.Join(", ", channel.Shape)}]");
            }

            given.CopyTo(bytes);
            return;
        }

        var numbers = new float[channel.ElementCount];
        var count = Numbers(value, numbers, 0, channel);
        if (count != numbers.Length)
        {
            throw Wrong(channel, $"it has {count} numbers, not {numbers.Length}");
        }

        for (var i = 0; i < numbers.Length; i++)
        {
            if (channel.Kind == ChannelKind.Image)
            {
                bytes[i] = (byte)Math.Clamp(MathF.Round(numbers[i]), 0, 255);
            }
            else
            {
                MemoryMarshal.Cast<byte, short>(bytes)[i] = (short)Math.Clamp(MathF.Round(numbers[i]), short.MinValue, short.MaxValue);
            }
        }
    }

    private void Write(Utf8JsonWriter json, IEnumerable<int> channels, MomentBatch moments, int row, int depth)
    {
        foreach (var group in channels.GroupBy(channel => spaces.Paths[channel][depth], StringComparer.Ordinal))
        {
            json.WritePropertyName(group.Key);
            if (spaces.Paths[group.First()].Length == depth + 1)
            {
                Write(json, moments, group.First(), row);
                continue;
            }

            json.WriteStartObject();
            Write(json, group, moments, row, depth + 1);
            json.WriteEndObject();
        }
    }

    private void Write(Utf8JsonWriter json, MomentBatch moments, int index, int row)
    {
        switch (moments.Schema.Channels[index])
        {
            case VectorChannel { Size: 1 } when !spaces.IsOwn:
                json.WriteNumberValue(moments.Vector(index, row)[0]);
                break;
            case VectorChannel:
                json.WriteStartArray();
                foreach (var number in moments.Vector(index, row))
                {
                    json.WriteNumberValue(number);
                }

                json.WriteEndArray();
                break;
            case CategoryChannel { Labels.IsDefault: false } category when !spaces.IsOwn:
                var label = category.Labels[moments.Category(index, row)];
                if (label is "false" or "true")
                {
                    json.WriteBooleanValue(label == "true");
                }
                else
                {
                    json.WriteStringValue(label);
                }

                break;
            case CategoryChannel:
                json.WriteNumberValue(moments.Category(index, row));
                break;
            case TextChannel:
                json.WriteStringValue(moments.Text(index, row));
                break;
            case var other:
                throw Wrong(other, $"a server can't be sent {other.Kind}");
        }
    }

    private WorldException Wrong(Channel channel, string problem) => new(world, $"channel '{channel.Name}' of the server: {problem}");
}
