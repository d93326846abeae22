// Reads a recording of any length: opening it finds where everything stands, reading copies moments straight from the files
// into a batch. Moments are counted over the whole recording, stream after stream, in the order in which they were written.
using Umwelt.Moments.Internal.Recordings;
using Umwelt.Storage;

namespace Umwelt.Moments;

/// <summary>A recording to be read.</summary>
/// <remarks>Several threads may read at once. What is written after it was opened is not seen.</remarks>
public sealed class Recording : IDisposable
{
    private readonly SegmentIndex[] _segments;
    private readonly long[] _firsts;
    private readonly RecordedEpisode[] _episodes;
    private readonly RecordingDamage[] _damage;
    private readonly SegmentReader _reader;
    private readonly int[] _allChannels;

    private Recording(string folder, Schema schema, Provenance provenance, SegmentSet segments, RecordingReading reading)
    {
        Folder = folder;
        Schema = schema;
        Provenance = provenance;
        Layout = new SegmentLayout(schema);
        _segments = [.. segments.Segments];
        _firsts = [.. _segments.Select(segment => segment.First)];
        _episodes = [.. segments.Episodes];
        _damage = [.. segments.Damage];
        _reader = new SegmentReader(_segments, Layout, reading.MostOpenFiles);
        _allChannels = [.. Enumerable.Range(0, schema.Channels.Length)];
        MomentCount = segments.MomentCount;
        Fingerprint = segments.Fingerprint;
    }

    /// <summary>Its folder.</summary>
    public string Folder { get; }

    /// <summary>What every moment holds.</summary>
    public Schema Schema { get; }

    /// <summary>Where the moments come from.</summary>
    public Provenance Provenance { get; }

    /// <summary>How many moments there are.</summary>
    public long MomentCount { get; }

    /// <summary>The episodes in their order.</summary>
    public IReadOnlyList<RecordedEpisode> Episodes => _episodes;

    /// <summary>What was passed over; empty unless damage was to be skipped.</summary>
    public IReadOnlyList<RecordingDamage> Damage => _damage;

    /// <summary>Names the content: equal for equal recordings, another once something was added, removed or changed.</summary>
    internal ulong Fingerprint { get; }

    internal SegmentLayout Layout { get; }

    internal IReadOnlyList<SegmentIndex> Segments => _segments;

    /// <summary>Opens a recording. Only descriptions are read, no moments.</summary>
    /// <exception cref="InvalidFileException">It names the file that is missing, damaged, or of a version that is not known.</exception>
    public static Recording Open(string folder, RecordingReading? reading = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        reading ??= new RecordingReading();
        ArgumentOutOfRangeException.ThrowIfLessThan(reading.MostOpenFiles, 1, nameof(reading));
        var (schema, provenance) = RecordingDocument.Read(folder);
        return new Recording(folder, schema, provenance, SegmentSet.Of(folder, schema, reading.SkipDamaged), reading);
    }

    /// <summary>Copies moments into a batch of this schema. Moments of several episodes may follow each other.</summary>
    /// <param name="start">The first.</param>
    /// <param name="count">How many.</param>
    /// <param name="batch">Where to; other rows stay as they are.</param>
    /// <param name="row">The row of the first.</param>
    /// <exception cref="InvalidFileException">A segment has changed or can't be read any more.</exception>
    public void Read(long start, int count, MomentBatch batch, int row = 0)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (!ReferenceEquals(batch.Schema, Schema) && !batch.Schema.Equals(Schema))
        {
            throw new ArgumentException($"This recording holds moments of ({Schema}), not of ({batch.Schema}).", nameof(batch));
        }

        Read(start, count, batch, row, _allChannels);
    }

    /// <summary>Reads when moments were, in seconds since the first of their episode.</summary>
    public void ReadTimes(long start, Span<double> times)
    {
        CheckRange(start, times.Length);
        var at = 0;
        while (at < times.Length)
        {
            var i = SegmentAt(start + at);
            var segment = _segments[i];
            var first = (int)(start + at - segment.First);
            var count = Math.Min(times.Length - at, segment.Count - first);
            if (segment.TimesAt >= 0)
            {
                _reader.ReadTimes(i, first, times.Slice(at, count));
            }
            else
            {
                segment.RegularTimes(first, Schema.Rate, times.Slice(at, count));
            }

            at += count;
        }
    }

    /// <summary>The episode of a moment, as its place among <see cref="Episodes"/>.</summary>
    public int EpisodeAt(long moment)
    {
        CheckRange(moment, 1);
        int low = 0, high = _episodes.Length - 1;
        while (low < high)
        {
            var middle = (low + high + 1) >>> 1;
            (low, high) = _episodes[middle].Start <= moment ? (middle, high) : (low, middle - 1);
        }

        return low;
    }

    /// <summary>Compares every byte with the checksums that were written beside it, which opening and reading do not.</summary>
    /// <returns>The segments that are not as they were written.</returns>
    public IReadOnlyList<RecordingDamage> Verify(IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        var damage = new List<RecordingDamage>();
        for (var i = 0; i < _segments.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            if (SegmentVerification.Problem(_segments[i].Path) is { } problem)
            {
                damage.Add(new RecordingDamage(_segments[i].Path, problem));
            }

            progress?.Report((i + 1.0) / _segments.Length);
        }

        return damage;
    }

    /// <summary>Closes its files.</summary>
    public void Dispose() => _reader.Dispose();

    /// <summary>Copies moments into a batch of another schema: for each channel there, the channel here or -1 for none.</summary>
    internal void Read(long start, int count, MomentBatch batch, int row, ReadOnlySpan<int> channels)
    {
        CheckRange(start, count);
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, batch.Count - row);
        while (count > 0)
        {
            var i = SegmentAt(start);
            var first = (int)(start - _segments[i].First);
            var here = Math.Min(count, _segments[i].Count - first);
            _reader.Read(i, first, here, batch, row, channels);
            start += here;
            row += here;
            count -= here;
        }
    }

    internal int SegmentAt(long moment)
    {
        var i = _firsts.AsSpan().BinarySearch(moment);
        return i >= 0 ? i : ~i - 1;
    }

    private void CheckRange(long start, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (start < 0 || start > MomentCount - count)
        {
            throw new ArgumentOutOfRangeException(nameof(start), $"Moments {start} to {start + count} lie outside of the recording's {MomentCount}.");
        }
    }
}
