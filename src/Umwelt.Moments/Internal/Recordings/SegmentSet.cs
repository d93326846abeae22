// The segments of a folder put together: their order, gaps in their numbering, the episodes that run through them.
// What is damaged is refused by name, or passed over and listed; an episode whose middle is lost becomes two.
using Umwelt.Storage;

namespace Umwelt.Moments.Internal.Recordings;

internal sealed class SegmentSet
{
    // A gap of more segments than this is one entry, so that a file name can't make a list of any length.
    private const int MostNamedGaps = 100;

    private SegmentSet()
    {
    }

    public List<SegmentIndex> Segments { get; } = [];

    public List<RecordedEpisode> Episodes { get; } = [];

    public List<RecordingDamage> Damage { get; } = [];

    public long MomentCount { get; private set; }

    public ulong Fingerprint { get; private set; }

    public static SegmentSet Of(string folder, Schema schema, bool skipDamaged)
    {
        var segments = Path.Combine(folder, RecordingDocument.SegmentsFolder);
        if (!Directory.Exists(segments))
        {
            throw new InvalidFileException(segments, "is missing: the folder of segments");
        }

        var set = new SegmentSet();
        var names = set.Names(segments, skipDamaged);
        var layout = new SegmentLayout(schema);
        var builder = new EpisodeBuilder(set.Episodes);
        var fingerprint = RandomStream.Of(Hash(schema.ToJson()));
        var expected = (Stream: -1, Number: 0);
        foreach (var (stream, number) in names)
        {
            if (stream != expected.Stream)
            {
                builder.Close();
                expected = (stream, 0);
            }

            if (number != expected.Number)
            {
                set.Gap(segments, stream, expected.Number, number, skipDamaged);
                builder.Close();
            }

            expected.Number = number + 1;
            if (set.TryRead(Path.Combine(segments, SegmentLayout.FileName(stream, number)), layout, skipDamaged) is not { } segment)
            {
                builder.Close();
                continue;
            }

            segment.First = set.MomentCount;
            segment.Stream = stream;
            set.MomentCount += segment.Count;
            set.Segments.Add(segment);
            builder.Add(segment, stream);
            fingerprint = fingerprint.Derive(stream, number, unchecked((long)segment.Fingerprint));
        }

        builder.Close();
        set.Fingerprint = fingerprint.Key;
        return set;
    }

    private static long Hash(string text)
    {
        var sum = 14695981039346656037UL;
        foreach (var letter in text)
        {
            sum = (sum ^ letter) * 1099511628211UL;
        }

        return unchecked((long)sum);
    }

    private List<(int Stream, int Number)> Names(string segments, bool skipDamaged)
    {
        var names = new List<(int Stream, int Number)>();
        foreach (var file in Directory.EnumerateFileSystemEntries(segments).Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileName(file);
            if (name.StartsWith('.'))
            {
                // Temporaries of a writer, and what desktops leave in folders.
                continue;
            }

            if (SegmentLayout.TryParseName(name, out var stream, out var number))
            {
                names.Add((stream, number));
            }
            else
            {
                Report(new InvalidFileException(file, "has no segment's name (such as 0000-000000.safetensors)"), skipDamaged);
            }
        }

        names.Sort();
        return names;
    }

    private void Gap(string segments, int stream, int expected, int found, bool skipDamaged)
    {
        for (var number = expected; number < found; number++)
        {
            var path = Path.Combine(segments, SegmentLayout.FileName(stream, number));
            if (number - expected == MostNamedGaps)
            {
                Report(new InvalidFileException(path, $"is missing, and so are the {found - number - 1} after it"), skipDamaged);
                return;
            }

            Report(new InvalidFileException(path, "is missing, though a later segment of its stream is there"), skipDamaged);
        }
    }

    private SegmentIndex? TryRead(string path, SegmentLayout layout, bool skipDamaged)
    {
        try
        {
            var length = new FileInfo(path).Length;
            using var file = SafetensorsFile.Open(path);
            return SegmentIndex.Read(file, length, layout);
        }
        catch (InvalidFileException error)
        {
            Report(error, skipDamaged);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Report(new InvalidFileException(path, $"can't be read: {error.Message}", innerException: error), skipDamaged);
        }

        return null;
    }

    private void Report(InvalidFileException error, bool skipDamaged)
    {
        if (!skipDamaged)
        {
            throw error;
        }

        Damage.Add(new RecordingDamage(error.Path, error.Problem));
    }

    /// <summary>Joins what segments say of episodes.</summary>
    private sealed class EpisodeBuilder(List<RecordedEpisode> episodes)
    {
        private RecordedEpisode? _open;
        private int _stream = -1;
        private int _number;

        public void Add(SegmentIndex segment, int stream)
        {
            if (stream != _stream)
            {
                _stream = stream;
                _number = 0;
            }

            if (segment.Before > 0 && !(_open is { } open && open.Offset + open.Length == segment.Before && open.Seed == segment.Seed))
            {
                Close();
                Open(segment.First, segment.Seed, segment.Before);
            }

            var row = 0L;
            for (var i = 0; i <= segment.Starts.Length; i++)
            {
                var end = i < segment.Starts.Length ? segment.Starts[i] : segment.Count;
                if (end > row && _open is { } under)
                {
                    _open = under with { Length = under.Length + end - row, Ending = segment.EndingsAtBorders[i] };
                }

                if (i < segment.Starts.Length)
                {
                    Close();
                    Open(segment.First + end, segment.Seeds[i], 0);
                }

                row = end;
            }

            if (_open is { Ending: not Ending.None })
            {
                Close();
            }
        }

        public void Close()
        {
            if (_open is { Length: > 0 } episode)
            {
                episodes.Add(episode);
            }

            _open = null;
        }

        private void Open(long start, long seed, long before) =>
            _open = new RecordedEpisode(start, 0, seed, Ending.None, _stream, _number++, before);
    }
}
