// The tensors of a segment that follow from a schema: their names, types and shapes, said once for writer and reader.
// Names of channels may hold dots, so two channels can ask for one tensor; such a schema can't be recorded.
using System.Globalization;
using Umwelt.Storage;

namespace Umwelt.Moments.Internal.Recordings;

internal sealed class SegmentLayout
{
    public const string FormatName = "umwelt-segment";
    public const string Version = "1";
    public const string FormatKey = "format";
    public const string VersionKey = "version";
    public const string BeforeKey = "episode.before";
    public const string SeedKey = "episode.seed";
    public const string ChecksumKey = "crc32c.";
    public const string Ending = "moment.ending";
    public const string Time = "moment.time";
    public const string Starts = "episode.start";
    public const string Seeds = "episode.seed";
    public const string Suffix = ".safetensors";

    /// <summary>More rows than any segment has: rows are counted in 32 bits everywhere.</summary>
    public const int MostRows = 1 << 24;

    // What a row takes beside its channels: ending and time.
    private const int RowOverhead = sizeof(byte) + sizeof(double);

    public SegmentLayout(Schema schema)
    {
        Schema = schema;
        Channels = [.. schema.Channels.Select(channel => new ChannelTensors(channel))];
        var owners = new Dictionary<string, string?>(StringComparer.Ordinal) { [Ending] = null, [Time] = null, [Starts] = null, [Seeds] = null };
        foreach (var tensors in Channels)
        {
            var name = tensors.Channel.Name;
            string[] wanted = tensors.IsText ? [tensors.Bytes, tensors.Offsets, tensors.Present] : [name, tensors.Present];
            foreach (var tensor in wanted)
            {
                if (!owners.TryAdd(tensor, name))
                {
                    throw new SchemaException(name, $"in a recording its tensor '{tensor}' {(owners[tensor] is { } other ? $"is also that of channel '{other}'" : "has a meaning of its own")}; call it otherwise");
                }
            }
        }

        RowBytes = schema.ByteCount + RowOverhead + schema.Channels.Length + (sizeof(long) * Channels.Count(tensors => tensors.IsText));
    }

    public Schema Schema { get; }

    public ChannelTensors[] Channels { get; }

    /// <summary>The bytes of a moment without its text.</summary>
    public long RowBytes { get; }

    public static SafetensorsType TypeOf(ChannelKind kind) => kind switch
    {
        ChannelKind.Sound => SafetensorsType.Int16,
        ChannelKind.Vector => SafetensorsType.Float32,
        ChannelKind.Category => SafetensorsType.Int32,
        _ => SafetensorsType.UInt8,
    };

    public static string FileName(int stream, int number) => string.Create(CultureInfo.InvariantCulture, $"{stream:0000}-{number:000000}{Suffix}");

    /// <summary>Stream and number of a segment's file name, if it is one.</summary>
    public static bool TryParseName(string name, out int stream, out int number)
    {
        stream = 0;
        number = 0;
        var dash = name.IndexOf('-');
        return dash >= 4 && name.EndsWith(Suffix, StringComparison.Ordinal)
            && int.TryParse(name.AsSpan(0, dash), NumberStyles.None, CultureInfo.InvariantCulture, out stream)
            && int.TryParse(name.AsSpan(dash + 1, name.Length - dash - 1 - Suffix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out number)
            && string.Equals(name, FileName(stream, number), StringComparison.Ordinal);
    }
}

/// <summary>The tensors of one channel.</summary>
internal sealed class ChannelTensors(Channel channel)
{
    public Channel Channel => channel;

    public bool IsText { get; } = channel.Kind == ChannelKind.Text;

    /// <summary>The bytes of one moment's value; a channel counts them anew each time it is asked.</summary>
    public int ByteCount { get; } = channel.ByteCount;

    public string Present { get; } = channel.Name + ".present";

    public string Bytes { get; } = channel.Name + ".bytes";

    public string Offsets { get; } = channel.Name + ".offsets";

    public SafetensorsType Type { get; } = SegmentLayout.TypeOf(channel.Kind);

    public long[] Shape(int rows) => [rows, .. channel.Shape];
}
