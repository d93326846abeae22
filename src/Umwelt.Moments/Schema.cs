// The channels of a world, a recording or a model, and the rate of its ticks. Everything downstream is derived from it:
// nothing in the engine knows of videos or robots, only of channels. A schema that exists is valid.
using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Umwelt.Moments.Internal;
using Umwelt.Storage;

namespace Umwelt.Moments;

/// <summary>What every moment holds, and how many there are in a second.</summary>
public sealed class Schema : IEquatable<Schema>
{
    /// <summary>The most channels.</summary>
    public const int MostChannels = 256;

    private readonly Dictionary<string, int> _indices = new(StringComparer.Ordinal);
    private Schema? _motor;

    /// <summary>Checks the channels, alone and together.</summary>
    /// <param name="rate">Moments in a second.</param>
    /// <param name="channels">In the order in which they are stored and shown.</param>
    /// <exception cref="SchemaException">It names the channel and what is wrong with it.</exception>
    public Schema(double rate, params IEnumerable<Channel> channels)
        : this(rate, [.. channels], isPart: false)
    {
    }

    private Schema(double rate, ImmutableArray<Channel> channels, bool isPart)
    {
        if (!(rate > 0) || rate > 1e6)
        {
            throw new SchemaException(null, $"{rate} moments a second can't be");
        }

        if ((channels.IsEmpty && !isPart) || channels.Length > MostChannels)
        {
            throw new SchemaException(null, $"it has {channels.Length} channels; 1 to {MostChannels} can be");
        }

        Rate = rate;
        Channels = channels;
        for (var i = 0; i < channels.Length; i++)
        {
            (channels[i] ?? throw new SchemaException(null, $"channel {i} is null")).Validate();
            if (!_indices.TryAdd(channels[i].Name, i))
            {
                throw new SchemaException(channels[i].Name, "the name is taken by another channel");
            }
        }

        Senses = With(ChannelRole.Sense);
        Motors = With(ChannelRole.Motor);
        Rewards = With(ChannelRole.Reward);
        var ends = With(ChannelRole.End);
        if (ends.Length > 1)
        {
            throw new SchemaException(channels[ends[1]].Name, $"'{channels[ends[0]].Name}' is the end already");
        }

        End = ends.IsEmpty ? null : ends[0];

        ImmutableArray<int> With(ChannelRole role) => [.. Enumerable.Range(0, channels.Length).Where(i => channels[i].Role == role)];
    }

    /// <summary>Moments in a second.</summary>
    public double Rate { get; }

    /// <summary>The channels in their order.</summary>
    public ImmutableArray<Channel> Channels { get; }

    /// <summary>The places of the channels that are perceived.</summary>
    public ImmutableArray<int> Senses { get; }

    /// <summary>The places of the channels that the agent commands.</summary>
    public ImmutableArray<int> Motors { get; }

    /// <summary>The places of the rewards.</summary>
    public ImmutableArray<int> Rewards { get; }

    /// <summary>The place of the channel that says whether the world ended, if there is one.</summary>
    public int? End { get; }

    /// <summary>The bytes of one moment without its text.</summary>
    public long ByteCount => Channels.Sum(channel => (long)channel.ByteCount);

    /// <summary>The motor channels alone: what a command is. It may be empty.</summary>
    public Schema Motor => _motor ??= new Schema(Rate, [.. Motors.Select(i => Channels[i])], isPart: true);

    /// <summary>The channel of this name.</summary>
    public Channel this[string name] => Channels[IndexOf(name)];

    /// <summary>The place of the channel of this name.</summary>
    /// <exception cref="SchemaException">There is none; it names those there are.</exception>
    public int IndexOf(string name) =>
        Find(name) ?? throw new SchemaException(name, $"no such channel; there are {string.Join(", ", Channels.Select(channel => channel.Name))}");

    /// <summary>The place of the channel of this name, if there is one.</summary>
    public int? Find(string name) => _indices.TryGetValue(name, out var index) ? index : null;

    /// <summary>The samples in a second of a sound channel.</summary>
    public double SampleRate(SoundChannel channel) => channel.Samples * Rate;

    /// <summary>As JSON, for people and programs.</summary>
    public string ToJson() => JsonSerializer.Serialize(new SchemaDocument(Rate, Channels), MomentsJson.Default.SchemaDocument);

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <param name="json">The text.</param>
    /// <param name="source">Where it comes from, for errors.</param>
    /// <exception cref="InvalidFileException">It is no schema.</exception>
    public static Schema FromJson(string json, string source)
    {
        try
        {
            return JsonSerializer.Deserialize(json, MomentsJson.Default.SchemaDocument)?.ToSchema()
                ?? throw new InvalidFileException(source, "the schema is null");
        }
        catch (Exception error) when (error is JsonException or SchemaException or NotSupportedException)
        {
            throw new InvalidFileException(source, error.Message, innerException: error);
        }
    }

    /// <summary>Equal rates and channels in equal order.</summary>
    public bool Equals(Schema? other) => other is not null && Rate.Equals(other.Rate) && Channels.AsSpan().SequenceEqual(other.Channels.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Schema);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Rate, Channels.Length, Channels.IsEmpty ? 0 : Channels[0].GetHashCode());

    /// <inheritdoc/>
    public override string ToString() => $"{Rate}/s: {string.Join(", ", Channels.Select(channel => channel.Name))}";
}
