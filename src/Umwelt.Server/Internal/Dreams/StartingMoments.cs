// Moments of a recording that a dream can begin at, spread over its episodes, each with what really came before it. They may be
// read by several threads at once.
using Umwelt.Moments;

namespace Umwelt.Server.Internal.Dreams;

internal sealed class StartingMoments : IDisposable
{
    /// <summary>Moments of history that a dream begins with at most.</summary>
    public const int History = 64;

    private const int Most = 12;
    private const int Spread = 97;
    private readonly Recording _recording;
    private readonly List<(RecordedEpisode Episode, long Moment)> _starts = [];

    /// <exception cref="IOException">The recording can't be read, or is of another schema.</exception>
    public StartingMoments(string folder, Schema schema)
    {
        _recording = Recording.Open(folder);
        if (!_recording.Schema.Equals(schema))
        {
            _recording.Dispose();
            throw new InvalidDataException($"{folder} holds ({_recording.Schema}), the model knows ({schema})");
        }

        // Not far into an episode, since whoever wants the truth beside it lives it from its beginning.
        var count = Math.Min(Most, _recording.Episodes.Count);
        for (var i = 0; i < Most && count > 0; i++)
        {
            var episode = _recording.Episodes[(int)((long)(i % count) * _recording.Episodes.Count / count)];
            var place = Math.Min(episode.Length - 1, History + (Spread * (long)i));
            if (place > 0 && _starts.TrueForAll(start => start.Moment != episode.Start + place))
            {
                _starts.Add((episode, episode.Start + place));
            }
        }
    }

    public int Count => _starts.Count;

    /// <summary>The world it was recorded in, as its origin names it.</summary>
    public string? Origin => _recording.Provenance.Origin;

    /// <summary>The episode that a start is in; null where its beginning is not there any more.</summary>
    public (long Seed, long First, int Length)? Whole(int number) =>
        _starts[number] is var (episode, moment) && episode.Offset == 0 ? (episode.Seed, episode.Start, (int)(moment - episode.Start) + 1) : null;

    /// <summary>What was lived up to a start, that moment last.</summary>
    public MomentBatch Before(int number)
    {
        var (episode, moment) = _starts[number];
        var count = (int)Math.Min(History, moment - episode.Start + 1);
        var moments = new MomentBatch(_recording.Schema, count);
        _recording.Read(moment - count + 1, count, moments);
        return moments;
    }

    /// <summary>Any of its moments, into as many rows.</summary>
    public void Read(long first, MomentBatch moments) => _recording.Read(first, moments.Count, moments);

    /// <summary>The picture that is seen at a start, as a PNG file; null where nothing is seen.</summary>
    public byte[]? Picture(int number)
    {
        var schema = _recording.Schema;
        foreach (var i in schema.Senses)
        {
            if (schema.Channels[i] is ImageChannel image)
            {
                var moment = new MomentBatch(schema, 1);
                _recording.Read(_starts[number].Moment, 1, moment);
                using var file = new MemoryStream();
                Storage.Png.Write(file, moment.Image(i, 0), image.Width, image.Height, (Storage.PngLayout)image.Colours);
                return file.ToArray();
            }
        }

        return null;
    }

    public void Dispose() => _recording.Dispose();
}
