// Writes parts of recordings into a new one beside its final name, and renames it when it is complete. Streams stay apart:
// each stream of each source has one of its own, and a second one where an episode's end would otherwise seem to go on with
// the middle of another.
using Umwelt.Storage;

namespace Umwelt.Moments.Internal.Recordings;

internal sealed class ExcerptWriter : IDisposable
{
    private const int CopyRows = 256;

    private readonly FolderUnderWay _folder;
    private readonly RecordingWriter _writer;
    private readonly Dictionary<int, OpenEnd> _ends = [];
    private int _streams;

    public ExcerptWriter(string folder, Schema schema, Provenance provenance)
    {
        _folder = new FolderUnderWay(folder);
        _writer = RecordingWriter.Create(_folder.Path, schema, provenance);
    }

    /// <summary>Adds ranges of a recording, which are in order and don't touch.</summary>
    public void Add(Recording recording, IReadOnlyList<(long Start, long Count)> ranges, CancellationToken cancellation)
    {
        var streams = new Dictionary<int, int>();
        MomentBatch? batch = null;
        foreach (var (start, count) in ranges)
        {
            for (var at = start; at < start + count;)
            {
                cancellation.ThrowIfCancellationRequested();
                var segment = recording.Segments[recording.SegmentAt(at)];
                var stop = Math.Min(segment.First + segment.Count, start + count);
                var first = recording.Episodes[recording.EpisodeAt(at)];
                var last = recording.Episodes[recording.EpisodeAt(stop - 1)];
                var position = first.Offset + at - first.Start;
                var continues = at > start && at != first.Start;
                var stream = StreamFor(streams, segment.Stream, first.Seed, position, continues);
                if (at == segment.First && stop == segment.First + segment.Count)
                {
                    _writer.Adopt(segment.Path, segment.Count, stream);
                }
                else
                {
                    Copy(recording, at, stop, stream, batch ??= new MomentBatch(recording.Schema, RowsFor(recording.Schema)));
                }

                // A cut-off end is remembered, so that nothing is mistaken for its continuation.
                _ends[stream] = stop < last.Stop || last.Ending == Ending.None ? new OpenEnd(last.Seed, last.Offset + stop - last.Start) : default;
                at = stop;
            }
        }
    }

    public void Commit()
    {
        _writer.StopEpisodes();
        _writer.Dispose();
        _folder.Commit();
    }

    public void Dispose()
    {
        try
        {
            _writer.StopEpisodes();
            _writer.Dispose();
        }
        catch (IOException)
        {
            // What failed has been reported by the error that led here.
        }

        _folder.Dispose();
    }

    private static int RowsFor(Schema schema) => (int)Math.Clamp((4 << 20) / Math.Max(1, schema.ByteCount), 1, CopyRows);

    private int StreamFor(Dictionary<int, int> streams, int source, long seed, long position, bool continues)
    {
        if (!streams.TryGetValue(source, out var stream)
            || (!continues && position > 0 && _ends.GetValueOrDefault(stream) == new OpenEnd(seed, position)))
        {
            stream = _streams++;
            streams[source] = stream;
        }

        return stream;
    }

    private void Copy(Recording recording, long start, long stop, int stream, MomentBatch batch)
    {
        Span<double> times = stackalloc double[CopyRows];
        for (var at = start; at < stop; at += batch.Count)
        {
            var count = (int)Math.Min(batch.Count, stop - at);
            recording.Read(at, count, batch);
            recording.ReadTimes(at, times[..count]);
            var i = recording.EpisodeAt(at);
            for (var row = 0; row < count; row++)
            {
                while (at + row >= recording.Episodes[i].Stop)
                {
                    i++;
                }

                var episode = recording.Episodes[i];
                var position = episode.Offset + at + row - episode.Start;
                if (position == 0 || !_writer.IsAt(episode.Seed, position, stream))
                {
                    _writer.ContinueEpisode(episode.Seed, position, stream);
                }

                _writer.Write(batch, row, times[row], stream);
            }
        }
    }

    /// <summary>Where the last episode of a stream was cut off; nowhere by default, since no episode has 0 moments.</summary>
    private readonly record struct OpenEnd(long Seed, long Position);
}
