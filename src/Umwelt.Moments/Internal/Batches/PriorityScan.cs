// Finds which moments the rules look for, once, by reading nothing but the channels they name. Each moment gets a level:
// 0 where no rule finds anything, else the place of the heaviest rule that does, lightest first.
using System.Runtime.InteropServices;
using Umwelt.Storage;

namespace Umwelt.Moments.Internal.Batches;

internal sealed class PriorityScan
{
    private const int MostRules = 100;
    private const int ChunkBytes = 4 << 20;
    private const int ChunkRows = 4096;

    private readonly PriorityRule[] _rules;
    private readonly int[] _places;
    private readonly Schema? _schema;
    private readonly int[][] _maps;
    private readonly DataMix _data;

    public PriorityScan(DataMix data, IReadOnlyList<PriorityRule> rules)
    {
        if (rules.Count > MostRules)
        {
            throw new ArgumentException($"There are {rules.Count} priorities; {MostRules} can be.", nameof(rules));
        }

        _data = data;
        _rules = [.. rules.OrderBy(rule => rule.Weight)];
        foreach (var rule in _rules)
        {
            Check(rule, data.Schema[rule.Channel]);
        }

        if (_rules.Length > 0)
        {
            _schema = new Schema(data.Schema.Rate, _rules.Select(rule => data.Schema[rule.Channel]).Distinct());
        }

        _places = [.. _rules.Select(rule => _schema!.IndexOf(rule.Channel))];
        _maps = [.. data.Parts.Select(part => _schema is null ? [] : _schema.Channels.Select(channel => part.Recording.Schema.Find(channel.Name) ?? -1).ToArray())];
        Weights = [1, .. _rules.Select(rule => rule.Weight)];
    }

    /// <summary>How much more often sequences of each level are drawn.</summary>
    public double[] Weights { get; }

    public bool IsNeeded => _rules.Length > 0;

    /// <summary>Names the rules.</summary>
    public RandomStream Identity
    {
        get
        {
            var identity = RandomStream.Of(_rules.Length);
            foreach (var rule in _rules)
            {
                identity = identity.Derive(_data.Schema.IndexOf(rule.Channel), (long)rule.When, BitConverter.DoubleToInt64Bits(rule.Weight));
            }

            return identity;
        }
    }

    /// <summary>The level of each moment of a stretch.</summary>
    public byte[] Levels(Stretch stretch)
    {
        var levels = new byte[stretch.Length];
        var recording = _data.Parts[stretch.Part].Recording;
        var rows = (int)Math.Clamp(ChunkBytes / Math.Max(1, _schema!.ByteCount), 1, Math.Min(ChunkRows, stretch.Length));

        // Row 0 holds the moment before the chunk.
        var batch = new MomentBatch(_schema, rows + 1);
        var episode = recording.EpisodeAt(stretch.Start);
        for (var at = 0L; at < stretch.Length; at += rows)
        {
            var count = (int)Math.Min(rows, stretch.Length - at);
            if (at > 0)
            {
                batch.Copy(batch, rows, 0);
            }

            recording.Read(stretch.Start + at, count, batch, 1, _maps[stretch.Part]);
            for (var i = 0; i < count; i++)
            {
                var moment = stretch.Start + at + i;
                while (recording.Episodes[episode].Stop <= moment)
                {
                    episode++;
                }

                levels[at + i] = Level(batch, i + 1, moment > stretch.Start && moment > recording.Episodes[episode].Start);
            }
        }

        return levels;
    }

    private static void Check(PriorityRule rule, Channel channel)
    {
        if (!(rule.Weight > 0) || !double.IsFinite(rule.Weight))
        {
            throw new SchemaException(rule.Channel, $"a priority's weight is more than 0, not {rule.Weight}");
        }

        if (rule.When == PriorityWhen.NonEmpty && channel.Kind != ChannelKind.Text)
        {
            throw new SchemaException(rule.Channel, $"only text is empty or not, and it holds {channel.Kind}");
        }

        if (rule.When == PriorityWhen.NonZero && channel.Kind == ChannelKind.Text)
        {
            throw new SchemaException(rule.Channel, "text is not zero or not; ask whether it is empty");
        }

        if (!Enum.IsDefined(rule.When))
        {
            throw new SchemaException(rule.Channel, $"{(int)rule.When} is nothing that a priority looks for");
        }
    }

    private byte Level(MomentBatch batch, int row, bool hasBefore)
    {
        for (var i = _rules.Length - 1; i >= 0; i--)
        {
            if (batch.IsPresent(_places[i], row) && Finds(_rules[i].When, batch, _places[i], row, hasBefore))
            {
                return (byte)(i + 1);
            }
        }

        return 0;
    }

    private static bool Finds(PriorityWhen when, MomentBatch batch, int channel, int row, bool hasBefore) => when switch
    {
        PriorityWhen.NonEmpty => batch.Text(channel, row).Length > 0,
        PriorityWhen.NonZero when batch.Schema.Channels[channel].Kind == ChannelKind.Vector =>
            MemoryMarshal.Cast<byte, float>(batch.Bytes(channel, row)).ContainsAnyExcept(0f),
        PriorityWhen.NonZero => batch.Bytes(channel, row).ContainsAnyExcept((byte)0),
        PriorityWhen.Changed => hasBefore && batch.IsPresent(channel, row - 1) && !Same(batch, channel, row),
        _ => true,
    };

    private static bool Same(MomentBatch batch, int channel, int row) => batch.Schema.Channels[channel].Kind == ChannelKind.Text
        ? batch.Text(channel, row).SequenceEqual(batch.Text(channel, row - 1))
        : batch.Bytes(channel, row).SequenceEqual(batch.Bytes(channel, row - 1));
}
