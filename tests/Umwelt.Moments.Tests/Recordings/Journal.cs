// Moments of random content kept in memory beside a recording of them, which must hold the same.
using Umwelt.Storage;
using Xunit;

namespace Umwelt.Moments.Tests.Recordings;

internal sealed class Journal
{
    private readonly MomentBatch _batch;

    private Journal(int streams, int episodes, int length)
    {
        (Streams, Episodes, Length) = (streams, episodes, length);
        _batch = new MomentBatch(MomentRows.EveryKind, streams * episodes * length);
        var random = RandomStream.Of(streams, episodes, length);
        for (var row = 0; row < _batch.Count; row++)
        {
            MomentRows.Fill(_batch, row, ref random);
            _batch.Endings[row] = row % length == length - 1 ? Ending.Truncation : Ending.None;
        }
    }

    public Schema Schema => MomentRows.EveryKind;

    public int Streams { get; }

    public int Episodes { get; }

    public int Length { get; }

    public MomentBatch All => _batch;

    public static Journal Of(int streams, int episodes, int length) => new(streams, episodes, length);

    /// <summary>The seed of an episode.</summary>
    public static long Seed(int stream, int episode) => (stream * 1000) + episode;

    /// <summary>Writes all, the streams moment by moment beside each other as a vectorised world does.</summary>
    public void Write(string folder, Provenance provenance, RecordingOptions? options = null)
    {
        using var writer = RecordingWriter.Create(folder, Schema, provenance, options);
        for (var k = 0; k < Episodes * Length; k++)
        {
            for (var stream = 0; stream < Streams; stream++)
            {
                if (k % Length == 0)
                {
                    writer.BeginEpisode(Seed(stream, k / Length), stream);
                }

                writer.Write(_batch, (stream * Episodes * Length) + k, stream: stream);
            }
        }
    }

    public void AssertEqual(Recording recording)
    {
        Assert.Equal(_batch.Count, recording.MomentCount);
        var read = new MomentBatch(Schema, _batch.Count);
        recording.Read(0, read.Count, read);
        for (var row = 0; row < read.Count; row++)
        {
            MomentRows.AssertEqual(_batch, row, read, row);
        }

        for (var i = 0; i < recording.Episodes.Count; i++)
        {
            Assert.Equal(Seed(i / Episodes, i % Episodes), recording.Episodes[i].Seed);
        }
    }
}
