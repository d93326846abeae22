// The moments of a stream that are not on the disk yet, channel by channel as the segment's tensors will hold them.
// Arrays grow by doubling and are used again for the next segment. Writing leaves the buffer as it is, so that it can be
// tried again when the disk was full.
using System.Globalization;
using System.Runtime.InteropServices;
using Umwelt.Storage;

namespace Umwelt.Moments.Internal.Recordings;

internal sealed class SegmentBuffer(SegmentLayout layout, int segmentBytes)
{
    private const int FirstRows = 16;

    // Bounded by the segment's own bound, so that the last doubling takes no more than can be used.
    private readonly int _mostRows = (int)Math.Clamp(segmentBytes / layout.RowBytes, 1, SegmentLayout.MostRows);

    private readonly byte[][] _values = Empty<byte>(layout);
    private readonly byte[][] _presence = Empty<byte>(layout);
    private readonly long[][] _offsets = Empty<long>(layout);
    private readonly bool[] _someAbsent = new bool[layout.Channels.Length];
    private readonly List<long> _starts = [];
    private readonly List<long> _seeds = [];
    private byte[] _endings = [];
    private double[] _times = [];
    private bool _timesDiffer;
    private long _before;
    private long _seed;

    /// <summary>How many moments.</summary>
    public int Count { get; private set; }

    /// <summary>About how many bytes the segment has.</summary>
    public long ByteCount { get; private set; }

    /// <summary>When the first moment was written, in ticks of the clock.</summary>
    public long FirstTicks { get; private set; }

    /// <summary>Whether no further moment has room, whatever its text.</summary>
    public bool IsFull => Count == _mostRows;

    /// <summary>The bytes that one more moment takes.</summary>
    public long BytesOf(MomentBatch batch, int row)
    {
        var bytes = layout.RowBytes;
        for (var i = 0; i < layout.Channels.Length; i++)
        {
            if (layout.Channels[i].IsText)
            {
                bytes += batch.Text(i, row).Length;
            }
        }

        return bytes;
    }

    /// <summary>Adds a moment that is number <paramref name="position"/> of an episode; 0 begins one.</summary>
    public void Add(MomentBatch batch, int row, long position, long seed, double? time, long ticks)
    {
        if (Count == _endings.Length)
        {
            Grow(Math.Min(_mostRows, Math.Max(FirstRows, Count * 2)));
        }

        if (Count == 0)
        {
            _before = position;
            _seed = seed;
            FirstTicks = ticks;
        }

        if (position == 0)
        {
            _starts.Add(Count);
            _seeds.Add(seed);
        }

        ByteCount += BytesOf(batch, row);
        for (var i = 0; i < layout.Channels.Length; i++)
        {
            var present = batch.IsPresent(i, row);
            _presence[i][Count] = present ? (byte)1 : (byte)0;
            _someAbsent[i] |= !present;
            if (layout.Channels[i].IsText)
            {
                AddText(i, present ? batch.Text(i, row) : []);
            }
            else
            {
                var length = layout.Channels[i].ByteCount;
                var place = _values[i].AsSpan(Count * length, length);
                if (present)
                {
                    batch.Bytes(i, row).CopyTo(place);
                }
                else
                {
                    place.Clear();
                }
            }
        }

        var regular = position / layout.Schema.Rate;
        _times[Count] = time ?? regular;
        _timesDiffer |= !_times[Count].Equals(regular);
        _endings[Count] = (byte)batch.Endings[row];
        Count++;
    }

    /// <summary>Says how the episode of the last moment stopped.</summary>
    public void SetLastEnding(Ending ending) => _endings[Count - 1] = (byte)ending;

    /// <summary>Empties the buffer, which keeps its arrays.</summary>
    public void Clear()
    {
        Count = 0;
        ByteCount = 0;
        _timesDiffer = false;
        _starts.Clear();
        _seeds.Clear();
        Array.Clear(_someAbsent);
    }

    /// <summary>Writes the segment, atomically.</summary>
    public void Write(string path)
    {
        var writer = new SafetensorsWriter();
        writer.Metadata[SegmentLayout.FormatKey] = SegmentLayout.FormatName;
        writer.Metadata[SegmentLayout.VersionKey] = SegmentLayout.Version;
        writer.Metadata[SegmentLayout.BeforeKey] = _before.ToString(CultureInfo.InvariantCulture);
        writer.Metadata[SegmentLayout.SeedKey] = _seed.ToString(CultureInfo.InvariantCulture);
        for (var i = 0; i < layout.Channels.Length; i++)
        {
            var tensors = layout.Channels[i];
            if (tensors.IsText)
            {
                var length = (int)_offsets[i][Count];
                Add(writer, tensors.Bytes, SafetensorsType.UInt8, [length], _values[i], length);
                Add(writer, tensors.Offsets, SafetensorsType.Int64, [Count + 1], _offsets[i], Count + 1);
            }
            else
            {
                Add(writer, tensors.Channel.Name, tensors.Type, tensors.Shape(Count), _values[i], Count * tensors.ByteCount);
            }

            if (_someAbsent[i])
            {
                Add(writer, tensors.Present, SafetensorsType.UInt8, [Count], _presence[i], Count);
            }
        }

        Add(writer, SegmentLayout.Ending, SafetensorsType.UInt8, [Count], _endings, Count);
        if (_timesDiffer)
        {
            Add(writer, SegmentLayout.Time, SafetensorsType.Float64, [Count], _times, Count);
        }

        Add(writer, SegmentLayout.Starts, SafetensorsType.Int64, [_starts.Count], [.. _starts], _starts.Count);
        Add(writer, SegmentLayout.Seeds, SafetensorsType.Int64, [_seeds.Count], [.. _seeds], _seeds.Count);
        writer.Write(path);
    }

    private static void Add<T>(SafetensorsWriter writer, string name, SafetensorsType type, ReadOnlySpan<long> shape, T[] values, int count)
        where T : unmanaged
    {
        writer.Metadata[SegmentLayout.ChecksumKey + name] = Checksum.Of(MemoryMarshal.AsBytes(values.AsSpan(0, count))).ToString("x8", CultureInfo.InvariantCulture);
        writer.Add(name, type, shape, stream => stream.Write(MemoryMarshal.AsBytes(values.AsSpan(0, count))));
    }

    private static T[][] Empty<T>(SegmentLayout layout) => [.. Enumerable.Repeat(Array.Empty<T>(), layout.Channels.Length)];

    private void AddText(int channel, ReadOnlySpan<byte> text)
    {
        var offsets = _offsets[channel];
        offsets[0] = 0;
        var end = (int)offsets[Count];
        if (end + text.Length > _values[channel].Length)
        {
            Array.Resize(ref _values[channel], Math.Max(end + text.Length, Math.Max(256, 2 * _values[channel].Length)));
        }

        text.CopyTo(_values[channel].AsSpan(end));
        offsets[Count + 1] = end + text.Length;
    }

    private void Grow(int rows)
    {
        for (var i = 0; i < layout.Channels.Length; i++)
        {
            Array.Resize(ref _presence[i], rows);
            if (layout.Channels[i].IsText)
            {
                Array.Resize(ref _offsets[i], rows + 1);
            }
            else
            {
                Array.Resize(ref _values[i], checked(rows * layout.Channels[i].ByteCount));
            }
        }

        Array.Resize(ref _times, rows);
        Array.Resize(ref _endings, rows);
    }
}
