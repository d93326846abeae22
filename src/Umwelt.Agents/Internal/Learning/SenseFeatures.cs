// What a small policy sees of a moment: the numbers of vectors, one number for each category, and for each channel whether it
// is there at all. Pictures, sound and words take a model to understand; a schema that has them must say what to look at.
using System.Collections.Immutable;
using Umwelt.Moments;

namespace Umwelt.Agents.Internal.Learning;

internal sealed class SenseFeatures
{
    private const int Most = 1 << 20;
    private readonly Schema _schema;
    private readonly ImmutableArray<int> _channels;

    /// <summary>Features of some senses, or of all.</summary>
    /// <param name="schema">Of the world.</param>
    /// <param name="senses">The names of senses; empty for all.</param>
    public SenseFeatures(Schema schema, IReadOnlyList<string> senses)
    {
        _schema = schema;
        _channels = senses.Count == 0 ? schema.Senses : [.. senses.Select(schema.IndexOf)];
        foreach (var channel in _channels.Select(channel => schema.Channels[channel]))
        {
            if (channel.Role != ChannelRole.Sense)
            {
                throw new ArgumentException($"'{channel.Name}' is no sense but {channel.Role}; a policy looks at senses.", nameof(senses));
            }

            if (channel is not (VectorChannel or CategoryChannel))
            {
                var seen = schema.Senses.Where(sense => schema.Channels[sense] is VectorChannel or CategoryChannel).Select(sense => schema.Channels[sense].Name).ToList();
                throw new ArgumentException(
                    $"'{channel.Name}' holds {channel.Kind}, and this policy understands numbers and categories alone; {(seen.Count == 0 ? "the world has none" : $"let it look at {string.Join(", ", seen)}")}.", nameof(senses));
            }

            var count = channel is CategoryChannel category ? category.Count : channel.ElementCount;
            if (count >= Most - Count)
            {
                throw new ArgumentException($"'{channel.Name}' makes more than {Most} features.", nameof(schema));
            }

            Count += 1 + count;
        }

        if (_channels.IsEmpty)
        {
            throw new ArgumentException("The world has no senses to look at.", nameof(schema));
        }
    }

    /// <summary>How many numbers there are.</summary>
    public int Count { get; }

    /// <summary>Writes the features of a row.</summary>
    public void Write(MomentBatch moments, int row, Span<float> features)
    {
        features.Clear();
        var at = 0;
        foreach (var channel in _channels)
        {
            var isPresent = moments.IsPresent(channel, row);
            features[at++] = isPresent ? 1 : 0;
            if (_schema.Channels[channel] is CategoryChannel category)
            {
                if (isPresent)
                {
                    features[at + moments.Category(channel, row)] = 1;
                }

                at += category.Count;
            }
            else
            {
                var values = moments.Vector(channel, row);
                values.CopyTo(features[at..]);
                at += values.Length;
            }
        }
    }
}
