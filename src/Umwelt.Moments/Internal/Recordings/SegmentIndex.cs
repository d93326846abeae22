// Where everything stands in one segment, found and checked once when a recording is opened, so that reading moments is
// nothing but reads at known offsets. Names, types and shapes must be those that the schema asks for; marks of episodes must
// fit together. Nothing here grows with the file but a few bytes for each episode.
using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using Umwelt.Storage;

namespace Umwelt.Moments.Internal.Recordings;

internal sealed class SegmentIndex
{
    private const int ChunkRows = 1 << 16;

    private SegmentIndex(string path, int count, long fileLength, ChannelPlace[] channels)
    {
        Path = path;
        Count = count;
        FileLength = fileLength;
        Channels = channels;
    }

    public string Path { get; }

    /// <summary>How many moments.</summary>
    public int Count { get; }

    public long FileLength { get; }

    /// <summary>Where each channel's tensors begin in the file.</summary>
    public ChannelPlace[] Channels { get; }

    public long EndingsAt { get; private init; }

    /// <summary>-1 where times are regular.</summary>
    public long TimesAt { get; private init; }

    /// <summary>How many moments the episode of row 0 had before this segment.</summary>
    public long Before { get; private init; }

    /// <summary>The seed of the episode of row 0.</summary>
    public long Seed { get; private init; }

    /// <summary>The rows at which episodes begin.</summary>
    public long[] Starts { get; private init; } = [];

    public long[] Seeds { get; private init; } = [];

    /// <summary>The ending of the last moment before each start, and of the last moment of all.</summary>
    public Ending[] EndingsAtBorders { get; private init; } = [];

    /// <summary>Names the content: from the checksums where the file has them.</summary>
    public ulong Fingerprint { get; private init; }

    /// <summary>The number of this segment's first moment in the recording; set when the recording is put together.</summary>
    public long First { get; set; }

    /// <summary>The stream it belongs to; set likewise.</summary>
    public int Stream { get; set; }

    /// <summary>When rows are whose times are their number in the episode over the rate.</summary>
    public void RegularTimes(int first, double rate, Span<double> times)
    {
        var next = 0;
        while (next < Starts.Length && Starts[next] <= first)
        {
            next++;
        }

        for (var i = 0; i < times.Length; i++)
        {
            var row = first + i;
            if (next < Starts.Length && Starts[next] == row)
            {
                next++;
            }

            times[i] = (next == 0 ? Before + row : row - Starts[next - 1]) / rate;
        }
    }

    /// <summary>Finds everything and checks it.</summary>
    public static SegmentIndex Read(SafetensorsFile file, long fileLength, SegmentLayout layout)
    {
        CheckMetadata(file);
        var endings = file[SegmentLayout.Ending];
        if (endings.Type != SafetensorsType.UInt8 || endings.Shape.Length != 1 || endings.Shape[0] is < 1 or > SegmentLayout.MostRows)
        {
            throw Wrong(file, SegmentLayout.Ending, $"is {Text(endings)}; it should be U8 [1 to {SegmentLayout.MostRows}]");
        }

        var count = (int)endings.Shape[0];
        var dataStart = fileLength - file.Tensors.Values.Max(entry => entry.End);
        var known = 3;
        var channels = new ChannelPlace[layout.Channels.Length];
        for (var i = 0; i < channels.Length; i++)
        {
            channels[i] = Place(file, layout.Channels[i], count, dataStart, ref known);
        }

        var hasTimes = file.Tensors.TryGetValue(SegmentLayout.Time, out var times);
        if (hasTimes)
        {
            Expect(file, SegmentLayout.Time, SafetensorsType.Float64, [count]);
            known++;
        }

        var starts = Longs(file, SegmentLayout.Starts, count);
        var seeds = Longs(file, SegmentLayout.Seeds, count);
        if (known != file.Tensors.Count)
        {
            var names = layout.Channels.SelectMany(tensors => new[] { tensors.Channel.Name, tensors.Present, tensors.Bytes, tensors.Offsets })
                .Concat([SegmentLayout.Ending, SegmentLayout.Time, SegmentLayout.Starts, SegmentLayout.Seeds]);
            throw new InvalidFileException(file.Path, $"holds the tensor '{Brief(file.Tensors.Keys.Except(names, StringComparer.Ordinal).FirstOrDefault() ?? "")}', which its schema does not know");
        }

        var before = Number(file, SegmentLayout.BeforeKey);
        CheckStarts(file, starts, seeds, count, before);
        return new SegmentIndex(file.Path, count, fileLength, channels)
        {
            EndingsAt = dataStart + endings.Begin,
            TimesAt = hasTimes ? dataStart + times!.Begin : -1,
            Before = before,
            Seed = Number(file, SegmentLayout.SeedKey),
            Starts = starts,
            Seeds = seeds,
            EndingsAtBorders = BorderEndings(file, starts, count),
            Fingerprint = FingerprintOf(file, count),
        };
    }

    private static ChannelPlace Place(SafetensorsFile file, ChannelTensors tensors, int count, long dataStart, ref int known)
    {
        var presentAt = -1L;
        if (file.Tensors.TryGetValue(tensors.Present, out var present))
        {
            Expect(file, tensors.Present, SafetensorsType.UInt8, [count]);
            presentAt = dataStart + present.Begin;
            known++;
        }

        known++;
        if (!tensors.IsText)
        {
            Expect(file, tensors.Channel.Name, tensors.Type, tensors.Shape(count));
            return new ChannelPlace(dataStart + file[tensors.Channel.Name].Begin, presentAt, -1, 0);
        }

        known++;
        Expect(file, tensors.Offsets, SafetensorsType.Int64, [count + 1L]);
        var bytes = file[tensors.Bytes];
        if (bytes.Type != SafetensorsType.UInt8 || bytes.Shape.Length != 1)
        {
            throw Wrong(file, tensors.Bytes, $"is {Text(bytes)}; it should be U8 [bytes]");
        }

        var ends = new long[2];
        file.Read(tensors.Offsets, 0, MemoryMarshal.AsBytes(ends.AsSpan(0, 1)));
        file.Read(tensors.Offsets, count * (long)sizeof(long), MemoryMarshal.AsBytes(ends.AsSpan(1, 1)));
        return ends[0] == 0 && ends[1] == bytes.ByteLength
            ? new ChannelPlace(dataStart + bytes.Begin, presentAt, dataStart + file[tensors.Offsets].Begin, bytes.ByteLength)
            : throw Wrong(file, tensors.Offsets, $"runs from {ends[0]} to {ends[1]}; the text has {bytes.ByteLength} bytes");
    }

    private static void CheckMetadata(SafetensorsFile file)
    {
        if (!file.Metadata.TryGetValue(SegmentLayout.FormatKey, out var format) || !string.Equals(format, SegmentLayout.FormatName, StringComparison.Ordinal))
        {
            throw new InvalidFileException(file.Path, $"is no segment of a recording: its metadata names the format {(format is null ? "not at all" : $"'{Brief(format)}'")}, not {SegmentLayout.FormatName}");
        }

        if (!file.Metadata.TryGetValue(SegmentLayout.VersionKey, out var version) || !string.Equals(version, SegmentLayout.Version, StringComparison.Ordinal))
        {
            throw new InvalidFileException(file.Path, $"has segment version {Brief(version ?? "none")}; this program reads version {SegmentLayout.Version}");
        }
    }

    private static long Number(SafetensorsFile file, string key)
    {
        var text = file.Metadata.GetValueOrDefault(key);
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new InvalidFileException(file.Path, $"its metadata says {(text is null ? "nothing" : $"'{Brief(text)}'")} for '{key}'; it should be a number");
    }

    private static long[] Longs(SafetensorsFile file, string name, int most)
    {
        var entry = file[name];
        if (entry.Type != SafetensorsType.Int64 || entry.Shape.Length != 1 || entry.Shape[0] > most)
        {
            throw Wrong(file, name, $"is {Text(entry)}; it should be I64 [at most {most}]");
        }

        var values = new long[entry.Shape[0]];
        file.Read(name, MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }

    private static void CheckStarts(SafetensorsFile file, long[] starts, long[] seeds, int count, long before)
    {
        if (starts.Length != seeds.Length)
        {
            throw Wrong(file, SegmentLayout.Seeds, $"has {seeds.Length} numbers for {starts.Length} episodes");
        }

        for (var i = 0; i < starts.Length; i++)
        {
            if (starts[i] < 0 || starts[i] >= count || (i > 0 && starts[i] <= starts[i - 1]))
            {
                throw Wrong(file, SegmentLayout.Starts, $"number {i} is {starts[i]}; starts rise from 0 to below {count}");
            }
        }

        var begins = starts.Length > 0 && starts[0] == 0;
        if (before < 0 || before > long.MaxValue / 4 || (before == 0) != begins)
        {
            throw new InvalidFileException(file.Path, $"its first moment is number {before} of an episode, which {(begins ? "begins" : "does not begin")} there");
        }
    }

    // Every ending is looked at: where one stands, the next moment must begin an episode.
    private static Ending[] BorderEndings(SafetensorsFile file, long[] starts, int count)
    {
        var borders = new Ending[starts.Length + 1];
        var chunk = ArrayPool<byte>.Shared.Rent(Math.Min(count, ChunkRows));
        try
        {
            var next = 0;
            for (var at = 0; at < count; at += ChunkRows)
            {
                var rows = chunk.AsSpan(0, Math.Min(ChunkRows, count - at));
                file.Read(SegmentLayout.Ending, at, rows);
                for (var i = 0; i < rows.Length; i++)
                {
                    var row = at + i;
                    while (next < starts.Length && starts[next] <= row)
                    {
                        next++;
                    }

                    if (rows[i] > (byte)Ending.Truncation)
                    {
                        throw Wrong(file, SegmentLayout.Ending, $"row {row} is {rows[i]}; 0, 1 and 2 can be");
                    }

                    var isBorder = row == count - 1 || (next < starts.Length && starts[next] == row + 1);
                    if (isBorder)
                    {
                        borders[next] = (Ending)rows[i];
                    }
                    else if (rows[i] != 0)
                    {
                        throw Wrong(file, SegmentLayout.Ending, $"an episode stops at row {row}, but none begins after it");
                    }
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(chunk);
        }

        return borders;
    }

    private static ulong FingerprintOf(SafetensorsFile file, int count)
    {
        var stream = RandomStream.Of(count);
        foreach (var name in file.Tensors.Keys.Order(StringComparer.Ordinal))
        {
            var sum = file.Metadata.GetValueOrDefault(SegmentLayout.ChecksumKey + name);
            stream = stream.Derive(file[name].ByteLength, uint.TryParse(sum, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var number) ? number : -1);
        }

        return stream.Key;
    }

    private static void Expect(SafetensorsFile file, string name, SafetensorsType type, long[] shape)
    {
        var entry = file[name];
        if (entry.Type != type || !entry.Shape.AsSpan().SequenceEqual(shape))
        {
            throw Wrong(file, name, $"is {Text(entry)}; it should be {type.FormatName()} [{string.Join(", ", shape)}]");
        }
    }

    private static string Text(SafetensorsEntry entry) => Brief($"{entry.Type.FormatName()} [{string.Join(", ", entry.Shape)}]");

    private static string Brief(string text) => text.Length <= 100 ? text : string.Concat(text.AsSpan(0, 100), "…");

    private static InvalidFileException Wrong(SafetensorsFile file, string tensor, string problem) => new(file.Path, $"tensor '{tensor}' {problem}");
}

/// <summary>Where a channel's tensors begin in the file; -1 for what is not there.</summary>
internal readonly record struct ChannelPlace(long ValuesAt, long PresentAt, long OffsetsAt, long TextBytes);
