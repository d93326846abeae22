// Which channel of a recording fills which channel of a batch. Channels meet by name and must then agree in everything but
// what people are told of them.
namespace Umwelt.Moments.Internal.Batches;

internal static class ChannelMap
{
    /// <summary>For each channel of the schema, the recording's, or -1 where it is missing and may be.</summary>
    public static int[] Of(Schema schema, Recording recording, bool allowMissing)
    {
        if (!schema.Rate.Equals(recording.Schema.Rate))
        {
            throw new ArgumentException($"{recording.Folder}: has {recording.Schema.Rate} moments a second, the batches {schema.Rate}.", nameof(recording));
        }

        var map = new int[schema.Channels.Length];
        for (var i = 0; i < map.Length; i++)
        {
            var channel = schema.Channels[i];
            if (recording.Schema.Find(channel.Name) is not { } found)
            {
                map[i] = allowMissing
                    ? -1
                    : throw new ArgumentException($"{recording.Folder}: lacks the channel '{channel.Name}'; allow missing channels to have it absent there.", nameof(recording));
                continue;
            }

            var other = recording.Schema.Channels[found];
            if (!(other with { Description = null }).Equals(channel with { Description = null }))
            {
                throw new ArgumentException(
                    $"{recording.Folder}: its channel '{channel.Name}' is {Text(other)}, which differs from {Text(channel)} of the batches.", nameof(recording));
            }

            map[i] = found;
        }

        return map;
    }

    /// <summary>The channels of all recordings together, or those of the first, which must then be those of all.</summary>
    public static Schema Common(IReadOnlyList<DataPart> parts, bool allowMissing)
    {
        var first = parts[0].Recording.Schema;
        if (allowMissing)
        {
            return new Schema(first.Rate, parts.SelectMany(part => part.Recording.Schema.Channels).DistinctBy(channel => channel.Name, StringComparer.Ordinal));
        }

        foreach (var part in parts)
        {
            if (part.Recording.Schema.Channels.FirstOrDefault(channel => first.Find(channel.Name) is null) is { } further)
            {
                throw new ArgumentException(
                    $"{parts[0].Recording.Folder}: lacks the channel '{further.Name}' of {part.Recording.Folder}; allow missing channels, or say which channels to take.", nameof(parts));
            }
        }

        return first;
    }

    private static string Text(Channel channel) => $"{channel.Role} {channel.Kind} [{string.Join(", ", channel.Shape)}]";
}
