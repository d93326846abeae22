// What a host says its environments perceive and do, as channels, and where each leaf stands in a message: blocks of all
// rows in the order of the leaves, each padded to eight bytes. The same order and sizes as in host.py.
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Umwelt.Moments;

namespace Umwelt.Worlds.Bridges.Gymnasium;

/// <summary>One leaf of a space: its channel, and the bytes of one row in a message (of text, its length).</summary>
internal sealed record HostLeaf(Channel Channel, int Bytes)
{
    /// <summary>The place of the channel in the schema.</summary>
    public int Index { get; init; }

    /// <summary>How many values a category has on the host's side: one is possible there.</summary>
    public int Count { get; init; }
}

/// <summary>What a host said when it was ready.</summary>
internal sealed class HostSpaces
{
    private const double UsualRate = 20;
    private const int MostLabels = 256;

    private HostSpaces(Schema schema, ImmutableArray<HostLeaf> senses, ImmutableArray<HostLeaf> motors, ImmutableArray<int> frame, string python, string gymnasium)
    {
        Schema = schema;
        Senses = [.. senses.Select(leaf => leaf with { Index = schema.IndexOf(leaf.Channel.Name) })];
        Motors = [.. motors.Select(leaf => leaf with { Index = schema.IndexOf(leaf.Channel.Name) })];
        Frame = frame;
        Python = python;
        Gymnasium = gymnasium;
    }

    public Schema Schema { get; }

    public ImmutableArray<HostLeaf> Senses { get; }

    public ImmutableArray<HostLeaf> Motors { get; }

    /// <summary>The shape of rendered pictures, [height, width, colours]; empty where none are.</summary>
    public ImmutableArray<int> Frame { get; }

    public string Python { get; }

    public string Gymnasium { get; }

    /// <exception cref="WorldException">The host speaks another protocol, or of what no schema holds.</exception>
    public static HostSpaces Read(ReadOnlySpan<byte> body, string world, GymnasiumOptions options, HostProcess host)
    {
        try
        {
            var reader = new Utf8JsonReader(body);
            using var document = JsonDocument.ParseValue(ref reader);
            var said = document.RootElement;
            if (said.GetProperty("protocol").GetInt32() != Wire.Protocol)
            {
                throw host.Broken($"it speaks protocol {said.GetProperty("protocol").GetInt32()}, not {Wire.Protocol}");
            }

            var names = new HashSet<string>(StringComparer.Ordinal) { "sight", "reward", "end" };
            var senses = Leaves(said.GetProperty("senses"), ChannelRole.Sense, names);
            var motors = Leaves(said.GetProperty("motors"), ChannelRole.Motor, names);
            var frame = said.GetProperty("frame") is { ValueKind: JsonValueKind.Array } shape ? Integers(shape) : [];
            var rate = options.Rate ?? (said.GetProperty("rate") is { ValueKind: JsonValueKind.Number } number ? number.GetDouble() : UsualRate);
            var channels = new List<Channel>();
            if (!frame.IsEmpty)
            {
                var height = options.SightHeight > 0 ? options.SightHeight : frame[0];
                channels.Add(new ImageChannel("sight", height, options.SightWidth > 0 ? options.SightWidth : frame[1], frame[2]));
            }

            channels.AddRange(senses.Select(leaf => leaf.Channel));
            channels.AddRange(motors.Select(leaf => leaf.Channel));
            channels.Add(new VectorChannel("reward", 1, ChannelRole.Reward));
            channels.Add(new CategoryChannel("end", 2, ChannelRole.End));
            return new HostSpaces(new Schema(rate, channels), senses, motors, frame, said.GetProperty("python").GetString()!, said.GetProperty("gymnasium").GetString()!);
        }
        catch (SchemaException error)
        {
            throw new WorldException(world, $"its spaces make no schema: {error.Message}", innerException: error);
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or OverflowException)
        {
            throw host.Broken("what it says of its spaces is no JSON of this protocol", error);
        }
    }

    private static ImmutableArray<HostLeaf> Leaves(JsonElement list, ChannelRole role, HashSet<string> names)
    {
        var leaves = ImmutableArray.CreateBuilder<HostLeaf>();
        foreach (var leaf in list.EnumerateArray())
        {
            leaves.Add(Leaf(leaf, NameOf(leaf.GetProperty("path"), names), role));
        }

        return leaves.ToImmutable();
    }

    private static HostLeaf Leaf(JsonElement leaf, string name, ChannelRole role)
    {
        var shape = Integers(leaf.GetProperty("shape"));
        switch (leaf.GetProperty("kind").GetString())
        {
            case "image":
                var image = new ImageChannel(name, shape[0], shape[1], shape[2], role);
                return new HostLeaf(image, image.ByteCount);
            case "box":
                var size = shape.Aggregate(1, (product, extent) => checked(product * extent));
                return new HostLeaf(
                    new VectorChannel(name, size, role)
                    {
                        Minimum = Bounds(leaf.GetProperty("low"), size, float.NegativeInfinity),
                        Maximum = Bounds(leaf.GetProperty("high"), size, float.PositiveInfinity),
                    },
                    size * sizeof(float));
            case "category":
                var count = leaf.GetProperty("count").GetInt32();
                var start = leaf.GetProperty("start").GetInt64();
                var labels = start != 0 && count is > 1 and <= MostLabels
                    ? [.. Enumerable.Range(0, count).Select(i => (start + i).ToString(CultureInfo.InvariantCulture))]
                    : default(ImmutableArray<string>);
                return new HostLeaf(new CategoryChannel(name, Math.Max(2, count), role) { Labels = labels }, sizeof(int)) { Count = count };
            case "text":
                return new HostLeaf(new TextChannel(name, role), sizeof(int));
            case var other:
                throw new FormatException($"a leaf is of kind '{other}'");
        }
    }

    // One number for all, a number for each, or nothing; null for a number without a bound.
    private static ImmutableArray<float> Bounds(JsonElement bounds, int size, float unbounded) => bounds.ValueKind switch
    {
        JsonValueKind.Null => default,
        JsonValueKind.Array => [.. bounds.EnumerateArray().Select(bound => bound.ValueKind == JsonValueKind.Null ? unbounded : (float)bound.GetDouble())],
        _ => [.. Enumerable.Repeat((float)bounds.GetDouble(), size)],
    };

    private static ImmutableArray<int> Integers(JsonElement list) => [.. list.EnumerateArray().Select(number => number.GetInt32())];

    // A path of any keys as a channel's name: what a name can't hold becomes '_', and no two are alike.
    private static string NameOf(JsonElement path, HashSet<string> names)
    {
        var text = string.Join('.', path.EnumerateArray().Select(part => part.GetString())).ToLowerInvariant();
        var name = new StringBuilder(Channel.LongestName);
        foreach (var letter in text.AsSpan(0, Math.Min(text.Length, Channel.LongestName)))
        {
            name.Append(char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter is '_' or '-' or '.' ? letter : '_');
        }

        var free = name.ToString();
        for (var i = 2; !names.Add(free); i++)
        {
            var ending = string.Create(CultureInfo.InvariantCulture, $"_{i}");
            free = name.ToString(0, Math.Min(name.Length, Channel.LongestName - ending.Length)) + ending;
        }

        return free;
    }
}
