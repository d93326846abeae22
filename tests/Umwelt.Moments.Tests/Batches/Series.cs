// Recordings whose moments say where they are: numbers of stream, episode and moment, with rare marks.
namespace Umwelt.Moments.Tests.Batches;

internal static class Series
{
    public static Schema Schema { get; } = new(
        10,
        new VectorChannel("place", 3),
        new CategoryChannel("rare", 2),
        new TextChannel("speech"));

    /// <summary>Records episodes of these lengths, one stream after the other. Every 50th moment is rare, every 20th speaks.</summary>
    public static Recording Of(string folder, int[][] lengths, Schema? schema = null, int segmentBytes = 900)
    {
        schema ??= Schema;
        var batch = new MomentBatch(schema, 1);
        using (var writer = RecordingWriter.Create(folder, schema, new Provenance(), new RecordingOptions { SegmentBytes = segmentBytes }))
        {
            for (var stream = 0; stream < lengths.Length; stream++)
            {
                for (var episode = 0; episode < lengths[stream].Length; episode++)
                {
                    writer.BeginEpisode(episode, stream);
                    for (var k = 0; k < lengths[stream][episode]; k++)
                    {
                        batch.Clear();
                        Fill(batch, stream, episode, k);
                        batch.Endings[0] = k == lengths[stream][episode] - 1 ? Ending.End : Ending.None;
                        writer.Write(batch, 0, stream: stream);
                    }
                }
            }
        }

        return Recording.Open(folder);
    }

    /// <summary>The whole recording in memory.</summary>
    public static MomentBatch All(Recording recording)
    {
        var all = new MomentBatch(recording.Schema, (int)recording.MomentCount);
        recording.Read(0, all.Count, all);
        return all;
    }

    private static void Fill(MomentBatch batch, int stream, int episode, int k)
    {
        if (batch.Schema.Find("place") is { } place)
        {
            var values = batch.Vector(place, 0);
            (values[0], values[1], values[2]) = (stream, episode, k);
            batch.SetPresent(place, 0);
        }

        if (batch.Schema.Find("rare") is { } rare)
        {
            batch.Category(rare, 0) = k % 50 == 30 ? 1 : 0;
            batch.SetPresent(rare, 0);
        }

        if (batch.Schema.Find("speech") is { } speech)
        {
            batch.SetText(speech, 0, k % 20 == 3 ? $"at {k}" : "");
        }
    }
}
