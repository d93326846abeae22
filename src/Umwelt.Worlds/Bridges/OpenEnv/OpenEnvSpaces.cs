// What an OpenEnv server's world is like, as a schema. Our own servers say it in so many words; of others' the JSON schemas of actions and
// observations tell most, and a first observation the shapes that they leave open: numbers become vectors, whole numbers in a range and
// choices categories, arrays of colours pictures, strings text. What is none of these, such as a free object, is left out.
using System.Collections.Immutable;
using System.Text.Json;
using Umwelt.Moments;

namespace Umwelt.Worlds.Bridges.OpenEnv;

internal sealed class OpenEnvSpaces
{
    private const double UsualRate = 20;
    private const int MostCategories = 4096;
    private const int DeepestObject = 4;
    private static readonly string[] NotSenses = ["done", "reward", "metadata", "terminated", "truncated"];

    private readonly JsonElement _document;
    private readonly List<(Channel Channel, string[] Path)> _channels = [];

    private OpenEnvSpaces(JsonElement document) => _document = document;

    public required Schema Schema { get; init; }

    /// <summary>Where in an observation or an action each channel stands; empty for the reward and the end.</summary>
    public required ImmutableArray<string[]> Paths { get; init; }

    /// <summary>Whether the server is one of ours, which takes every vector as an array and every category as a number.</summary>
    public bool IsOwn { get; init; }

    /// <summary>Of what the server says and what it observes first.</summary>
    /// <param name="world">The world's name, for errors.</param>
    /// <param name="document">The answer to a request for the schema.</param>
    /// <param name="observation">The first observation.</param>
    /// <param name="rate">Moments in a second, if somebody says so.</param>
    public static OpenEnvSpaces Of(string world, JsonElement document, JsonElement observation, double? rate)
    {
        if (document.ValueKind != JsonValueKind.Object)
        {
            throw new WorldException(world, "what the server calls its schema is no object");
        }

        if (document.TryGetProperty("channels", out _))
        {
            var schema = Own(document, world);
            return new OpenEnvSpaces(document)
            {
                Schema = rate is { } said ? new Schema(said, schema.Channels) : schema,
                IsOwn = true,
                Paths = [.. schema.Channels.Select(static channel => channel.Role is ChannelRole.Reward or ChannelRole.End ? Array.Empty<string>() : [channel.Name])],
            };
        }

        var spaces = new OpenEnvSpaces(document) { Schema = null!, Paths = [] };
        spaces.Add(Part(document, "observation"), observation, [], ChannelRole.Sense);
        spaces.Add(Part(document, "action"), default, [], ChannelRole.Motor);
        spaces._channels.Add((new VectorChannel("reward", 1, ChannelRole.Reward), []));
        spaces._channels.Add((new CategoryChannel("end", 2, ChannelRole.End), []));
        try
        {
            return new OpenEnvSpaces(document)
            {
                Schema = new Schema(rate ?? UsualRate, spaces._channels.Select(static one => one.Channel)),
                Paths = [.. spaces._channels.Select(static one => one.Path)],
            };
        }
        catch (SchemaException error)
        {
            throw new WorldException(world, $"the server's spaces can't be a world's: {error.Message}", innerException: error);
        }
    }

    private static Schema Own(JsonElement document, string world)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            foreach (var property in document.EnumerateObject().Where(static property => property.Name is "rate" or "channels"))
            {
                property.WriteTo(json);
            }

            json.WriteEndObject();
        }

        return Schema.FromJson(System.Text.Encoding.UTF8.GetString(stream.ToArray()), world);
    }

    private static JsonElement Part(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var part) ? part : default;

    private void Add(JsonElement space, JsonElement sample, string[] path, ChannelRole role)
    {
        space = Resolved(space);
        var properties = Part(space, "properties");
        foreach (var property in properties.ValueKind == JsonValueKind.Object ? properties.EnumerateObject().Select(static property => property.Name).ToArray() : [])
        {
            if (path.Length > 0 || !NotSenses.Contains(property, StringComparer.Ordinal))
            {
                AddOne(Resolved(properties.GetProperty(property)), Part(sample, property), [.. path, property], role);
            }
        }

        // A server that says nothing of its observations still shows one.
        if (properties.ValueKind != JsonValueKind.Object && sample.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in sample.EnumerateObject().Where(property => path.Length > 0 || !NotSenses.Contains(property.Name, StringComparer.Ordinal)))
            {
                AddOne(default, property.Value, [.. path, property.Name], role);
            }
        }
    }

    private void AddOne(JsonElement space, JsonElement sample, string[] path, ChannelRole role)
    {
        var name = NameOf(path, role);
        var labels = Part(space, "enum");
        if (labels.ValueKind == JsonValueKind.Array && labels.GetArrayLength() is >= 2 and <= MostCategories && labels.EnumerateArray().All(static label => label.ValueKind == JsonValueKind.String))
        {
            Take(new CategoryChannel(name, labels.GetArrayLength(), role) { Labels = [.. labels.EnumerateArray().Select(static label => label.GetString()!)] });
            return;
        }

        var type = Part(space, "type") is { ValueKind: JsonValueKind.String } said ? said.GetString() : TypeOf(sample);
        switch (type)
        {
            case "boolean":
                Take(new CategoryChannel(name, 2, role) { Labels = ["false", "true"] });
                break;
            case "integer" when Least(space) == 0 && Most(space) is >= 1 and < MostCategories:
                Take(new CategoryChannel(name, (int)Most(space)! + 1, role));
                break;
            case "integer" or "number":
                Take(Vector(name, 1, space, role));
                break;
            case "string":
                Take(new TextChannel(name, role));
                break;
            case "array":
                AddArray(name, space, sample);
                break;
            case "object" when Encoded(sample) is { } shape:
                Take(shape.Length == 3 ? new ImageChannel(name, shape[0], shape[1], shape[2], role) : new SoundChannel(name, shape[0], shape.Length > 1 ? shape[1] : 1, role));
                break;
            case "object" when path.Length < DeepestObject:
                Add(space, sample, path, role);
                break;
        }

        void Take(Channel channel) => _channels.Add((channel, path));

        void AddArray(string arrayName, JsonElement arraySpace, JsonElement arraySample)
        {
            var shape = ShapeOf(arraySample);
            if (role == ChannelRole.Sense && shape is [_, _, 1 or 3 or 4])
            {
                Take(new ImageChannel(arrayName, shape[0], shape[1], shape[2]));
                return;
            }

            var count = shape is null ? 0 : shape.Aggregate(1L, static (product, extent) => product * extent);
            var least = Part(arraySpace, "minItems") is { ValueKind: JsonValueKind.Number } items && items.TryGetInt32(out var fixedCount) ? fixedCount : 0;
            count = count > 0 ? count : least;
            if (count is > 0 and <= Channel.MostBytes / sizeof(float))
            {
                Take(Vector(arrayName, (int)count, Resolved(Part(arraySpace, "items")), role));
            }
        }
    }

    private static VectorChannel Vector(string name, int size, JsonElement space, ChannelRole role)
    {
        var channel = new VectorChannel(name, size, role);
        return Least(space) is { } least && Most(space) is { } most && least < most
            ? channel with { Minimum = [.. Enumerable.Repeat((float)least, size)], Maximum = [.. Enumerable.Repeat((float)most, size)] }
            : channel;
    }

    // References within the document, and a value that may also be null.
    private JsonElement Resolved(JsonElement space)
    {
        for (var step = 0; step < 16; step++)
        {
            if (Part(space, "$ref") is { ValueKind: JsonValueKind.String } reference)
            {
                var target = reference.GetString()!.Split('/')[^1];
                var found = new[] { Part(_document, "action"), Part(_document, "observation"), _document }
                    .Select(root => Part(Part(root, "$defs"), target)).FirstOrDefault(static one => one.ValueKind == JsonValueKind.Object);
                if (found.ValueKind != JsonValueKind.Object)
                {
                    return default;
                }

                space = found;
            }
            else if (Part(space, "anyOf") is { ValueKind: JsonValueKind.Array } any)
            {
                space = any.EnumerateArray().FirstOrDefault(static one => Part(one, "type") is not { ValueKind: JsonValueKind.String } type || type.GetString() != "null");
            }
            else
            {
                break;
            }
        }

        return space;
    }

    private string NameOf(string[] path, ChannelRole role)
    {
        var name = string.Concat(string.Join('.', path).Select(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '_' or '-' ? char.ToLowerInvariant(letter) : '_'));
        name = name.Length > 0 && char.IsAsciiLetter(name[0]) ? name : $"x{name}";
        name = name.Length > Channel.LongestName - 4 ? name[..(Channel.LongestName - 4)] : name;

        // An action and an observation may have one name for two things.
        var taken = _channels.Select(static one => one.Channel.Name).Append("reward").Append("end").ToHashSet(StringComparer.Ordinal);
        var free = taken.Contains(name) && role == ChannelRole.Motor ? $"{name}.do" : name;
        for (var i = 2; taken.Contains(free); i++)
        {
            free = FormattableString.Invariant($"{name}.{i}");
        }

        return free;
    }

    private static double? Least(JsonElement space) => Number(space, "minimum") ?? Number(space, "exclusiveMinimum") + 1;

    private static double? Most(JsonElement space) => Number(space, "maximum") ?? Number(space, "exclusiveMaximum") - 1;

    private static double? Number(JsonElement space, string name) => Part(space, name) is { ValueKind: JsonValueKind.Number } number ? number.GetDouble() : null;

    private static string? TypeOf(JsonElement sample) => sample.ValueKind switch
    {
        JsonValueKind.True or JsonValueKind.False => "boolean",
        JsonValueKind.Number => "number",
        JsonValueKind.String => "string",
        JsonValueKind.Array => "array",
        JsonValueKind.Object => "object",
        _ => null,
    };

    /// <summary>The shape of bytes that stand in an object as base64.</summary>
    private static int[]? Encoded(JsonElement sample) =>
        Part(sample, "base64").ValueKind == JsonValueKind.String && Part(sample, "shape") is { ValueKind: JsonValueKind.Array } shape && shape.GetArrayLength() is >= 1 and <= 3
            ? [.. shape.EnumerateArray().Select(static extent => extent.ValueKind == JsonValueKind.Number && extent.TryGetInt32(out var number) ? number : 0)]
            : null;

    /// <summary>The shape of nested arrays of numbers; null where it is none.</summary>
    private static int[]? ShapeOf(JsonElement sample)
    {
        var shape = new List<int>();
        while (sample.ValueKind == JsonValueKind.Array && sample.GetArrayLength() > 0 && shape.Count < 8)
        {
            shape.Add(sample.GetArrayLength());
            sample = sample[0];
        }

        return sample.ValueKind is JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False ? [.. shape] : null;
    }
}
