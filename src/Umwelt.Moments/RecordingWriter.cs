// Writes moments into a recording: each stream gathers a segment in memory and puts it on the disk as one atomic file. So a
// kill at any instant loses the segments under way and nothing else, and whatever is on the disk is whole.
using Umwelt.Moments.Internal.Recordings;
using Umwelt.Storage;

namespace Umwelt.Moments;

/// <summary>Writes a recording, new or to be continued.</summary>
/// <remarks>One thread at a time uses it, and one writer at a time a recording.</remarks>
public sealed class RecordingWriter : IDisposable
{
    private const string LockName = ".writer.lock";
    private const int MostStreams = 1 << 16;

    private readonly SegmentLayout _layout;
    private readonly RecordingOptions _options;
    private readonly string _segments;
    private readonly FileStream _lock;
    private readonly Dictionary<int, StreamUnderWay> _streams = [];
    private bool _failed;
    private bool _disposed;

    private RecordingWriter(string folder, Schema schema, Provenance provenance, RecordingOptions options, FileStream exclusive)
    {
        Folder = folder;
        Schema = schema;
        Provenance = provenance;
        _options = options;
        _layout = new SegmentLayout(schema);
        _segments = Path.Combine(folder, RecordingDocument.SegmentsFolder);
        _lock = exclusive;
    }

    /// <summary>The recording's folder.</summary>
    public string Folder { get; }

    /// <summary>What every moment holds.</summary>
    public Schema Schema { get; }

    /// <summary>Where the moments come from.</summary>
    public Provenance Provenance { get; }

    /// <summary>How many moments were written, earlier ones of a continued recording included.</summary>
    public long MomentCount { get; private set; }

    /// <summary>How many of them are on the disk and outlive a kill.</summary>
    public long KeptCount { get; private set; }

    /// <summary>Begins a recording in a folder that is not there yet, or is empty.</summary>
    /// <exception cref="IOException">The folder holds something.</exception>
    /// <exception cref="SchemaException">Two channels would need one tensor.</exception>
    public static RecordingWriter Create(string folder, Schema schema, Provenance provenance, RecordingOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(schema);
        ArgumentNullException.ThrowIfNull(provenance);
        options ??= new RecordingOptions();
        options.Validate();
        _ = new SegmentLayout(schema);
        if (File.Exists(folder))
        {
            throw new IOException($"{folder}: is a file; a recording is a folder");
        }

        if (File.Exists(Path.Combine(folder, RecordingDocument.FileName)))
        {
            throw new IOException($"{folder}: holds a recording already; continue it, or choose another folder");
        }

        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
        {
            throw new IOException($"{folder}: holds something else; choose a folder that is empty or not there yet");
        }

        Make(folder);
        var exclusive = Lock(folder);
        try
        {
            provenance = provenance.Completed with { Created = provenance.Created ?? options.Clock.GetUtcNow() };
            RecordingDocument.Write(folder, schema, provenance);
            return new RecordingWriter(folder, schema, provenance, options, exclusive);
        }
        catch
        {
            exclusive.Dispose();
            throw;
        }
    }

    /// <summary>Continues a recording: what a killed writer left half-written is removed, and each stream goes on with a new
    /// episode after the last moment that is on the disk.</summary>
    /// <exception cref="InvalidFileException">The folder holds no recording that this program can read.</exception>
    public static RecordingWriter Open(string folder, RecordingOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        options ??= new RecordingOptions();
        options.Validate();
        var (schema, provenance) = RecordingDocument.Read(folder);
        var exclusive = Lock(folder);
        try
        {
            var segments = Path.Combine(folder, RecordingDocument.SegmentsFolder);
            Directory.CreateDirectory(segments);
            AtomicFile.CleanLeftovers(folder);
            AtomicFile.CleanLeftovers(segments);
            var writer = new RecordingWriter(folder, schema, provenance, options, exclusive);
            foreach (var file in Directory.EnumerateFiles(segments))
            {
                if (SegmentLayout.TryParseName(Path.GetFileName(file), out var stream, out var number))
                {
                    var underWay = writer.StreamOf(stream);
                    underWay.NextNumber = Math.Max(underWay.NextNumber, number + 1);
                }
            }

            using var recording = Recording.Open(folder, new RecordingReading { SkipDamaged = true });
            writer.MomentCount = writer.KeptCount = recording.MomentCount;
            return writer;
        }
        catch
        {
            exclusive.Dispose();
            throw;
        }
    }

    /// <summary>Begins an episode. One that is under way in this stream is marked as truncated.</summary>
    /// <param name="seed">What it began with; 0 where nothing did.</param>
    /// <param name="stream">Which stream: a row of the world.</param>
    /// <param name="offset">How many of its moments come before the first that is written; 0 for a whole episode.</param>
    public void BeginEpisode(long seed, int stream = 0, long offset = 0)
    {
        Check(stream);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        TruncateEpisode(stream);
        StreamOf(stream).Begin(seed, offset);
    }

    /// <summary>Writes the next moment of the episode under way; one that ends or is truncated closes the episode.</summary>
    /// <param name="batch">Moments of the recording's schema.</param>
    /// <param name="row">Which of them.</param>
    /// <param name="time">Seconds since the episode's first moment, where they are not its number over the rate.</param>
    /// <param name="stream">Which stream.</param>
    /// <exception cref="IOException">A segment could not be written. The message says what is kept; nothing of what is not is
    /// forgotten before the writer is disposed, so that <see cref="Flush"/> may be tried again.</exception>
    public void Write(MomentBatch batch, int row, double? time = null, int stream = 0)
    {
        Check(stream);
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)batch.Count, nameof(row));
        if (!ReferenceEquals(batch.Schema, Schema) && !batch.Schema.Equals(Schema))
        {
            throw new ArgumentException($"This recording takes moments of ({Schema}), not of ({batch.Schema}).", nameof(batch));
        }

        if (time is { } seconds && !double.IsFinite(seconds))
        {
            throw new ArgumentException($"A moment's time is {seconds}.", nameof(time));
        }

        CheckCategories(batch, row);
        var underWay = StreamOf(stream);
        if (!underWay.InEpisode)
        {
            throw new InvalidOperationException($"Stream {stream} has no episode under way; begin one first.");
        }

        CloseWhereDue(underWay, batch, row);
        underWay.Add(batch, row, time, _options.Clock.GetTimestamp());
        MomentCount++;
    }

    /// <summary>Says that the episode under way stops with the moment written last, though the world would have gone on.</summary>
    public void TruncateEpisode(int stream = 0)
    {
        Check(stream);
        if (_streams.TryGetValue(stream, out var underWay))
        {
            underWay.Truncate();
        }
    }

    /// <summary>Puts everything on the disk. Episodes under way go on in the next segment.</summary>
    public void Flush()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        foreach (var stream in _streams.Values.OrderBy(stream => stream.Stream))
        {
            Close(stream);
        }
    }

    /// <summary>Truncates the episodes under way, puts everything on the disk and closes the recording. After a write that
    /// failed nothing is tried again here: the error has said what is kept.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        try
        {
            if (!_failed)
            {
                foreach (var stream in _streams.Values)
                {
                    stream.Truncate();
                }

                Flush();
            }
        }
        finally
        {
            _disposed = true;
            _lock.Dispose();
        }
    }

    /// <summary>Goes on with an episode whose first moments are not in this recording, or are the last of its stream.</summary>
    internal void ContinueEpisode(long seed, long position, int stream) => StreamOf(stream).Begin(seed, position);

    /// <summary>Whether the stream's last moment is this one of this episode's, so that the next continues it.</summary>
    internal bool IsAt(long seed, long position, int stream) =>
        _streams.TryGetValue(stream, out var underWay) && underWay.InEpisode && underWay.Seed == seed && underWay.Position == position;

    /// <summary>Leaves the episodes under way as they are: cut off, not truncated.</summary>
    internal void StopEpisodes()
    {
        foreach (var stream in _streams.Values)
        {
            stream.Stop();
        }
    }

    /// <summary>Takes a whole segment of another recording with an equal schema as the stream's next.</summary>
    internal void Adopt(string path, int moments, int stream)
    {
        Check(stream);
        var underWay = StreamOf(stream);
        Close(underWay);
        underWay.Stop();
        WholeFile.LinkOrCopy(path, Path.Combine(_segments, SegmentLayout.FileName(stream, underWay.NextNumber)));
        underWay.NextNumber++;
        MomentCount += moments;
        KeptCount += moments;
    }

    private static void Make(string folder)
    {
        try
        {
            Directory.CreateDirectory(Path.Combine(folder, RecordingDocument.SegmentsFolder));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"{folder}: the folder can't be made; choose another place ({error.Message})", error);
        }
    }

    private static FileStream Lock(string folder)
    {
        var path = Path.Combine(folder, LockName);
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (IOException error) when (error is not DirectoryNotFoundException && File.Exists(path))
        {
            throw new IOException($"{folder}: another writer has this recording open", error);
        }
    }

    private void CheckCategories(MomentBatch batch, int row)
    {
        for (var i = 0; i < Schema.Channels.Length; i++)
        {
            if (Schema.Channels[i] is CategoryChannel category && batch.IsPresent(i, row) && (uint)batch.Category(i, row) >= (uint)category.Count)
            {
                throw new ArgumentException($"channel '{category.Name}' of row {row} is {batch.Category(i, row)}; it is one of {category.Count}, from 0.", nameof(batch));
            }
        }
    }

    private void Check(int stream)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)stream, (uint)MostStreams, nameof(stream));
    }

    private StreamUnderWay StreamOf(int stream)
    {
        if (!_streams.TryGetValue(stream, out var underWay))
        {
            underWay = new StreamUnderWay(stream, new SegmentBuffer(_layout, _options.SegmentBytes));
            _streams.Add(stream, underWay);
        }

        return underWay;
    }

    // A full segment is closed when the next moment comes, not before: until then its last moment can be marked as truncated.
    private void CloseWhereDue(StreamUnderWay stream, MomentBatch batch, int row)
    {
        var buffer = stream.Buffer;
        if (buffer.Count > 0
            && (buffer.IsFull
                || buffer.ByteCount + buffer.BytesOf(batch, row) > _options.SegmentBytes
                || _options.Clock.GetElapsedTime(buffer.FirstTicks) >= _options.SegmentTime))
        {
            Close(stream);
        }

        long bytes = 0;
        StreamUnderWay? largest = null;
        foreach (var other in _streams.Values)
        {
            bytes += other.Buffer.ByteCount;
            largest = largest is null || other.Buffer.ByteCount > largest.Buffer.ByteCount ? other : largest;
        }

        if (bytes > _options.BufferBytes && largest is { Buffer.Count: > 0 })
        {
            Close(largest);
        }
    }

    private void Close(StreamUnderWay stream)
    {
        if (stream.Buffer.Count == 0)
        {
            return;
        }

        var path = Path.Combine(_segments, SegmentLayout.FileName(stream.Stream, stream.NextNumber));
        try
        {
            stream.Buffer.Write(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            _failed = true;
            throw new IOException(
                $"{error.Message}; {KeptCount} moments of the recording are kept, {MomentCount - KeptCount} are not on the disk", error);
        }

        _failed = false;
        KeptCount += stream.Buffer.Count;
        stream.NextNumber++;
        stream.Buffer.Clear();
    }
}
