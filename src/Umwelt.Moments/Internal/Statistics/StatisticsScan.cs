// Reads a recording from its first moment to its last and lets a tally for each channel look at every row.
namespace Umwelt.Moments.Internal.Statistics;

internal static class StatisticsScan
{
    private const int ChunkBytes = 4 << 20;
    private const int ChunkRows = 4096;

    public static RecordingStatistics Run(Recording recording, string content, IProgress<double>? progress, CancellationToken cancellation)
    {
        var schema = recording.Schema;
        var tallies = schema.Channels.Select(channel => ChannelTally.Of(channel, recording.MomentCount)).ToArray();
        var rows = (int)Math.Clamp(ChunkBytes / Math.Max(1, schema.ByteCount), 1, ChunkRows);
        var batch = new MomentBatch(schema, rows);
        for (var at = 0L; at < recording.MomentCount; at += rows)
        {
            cancellation.ThrowIfCancellationRequested();
            var count = (int)Math.Min(rows, recording.MomentCount - at);
            recording.Read(at, count, batch);
            for (var channel = 0; channel < tallies.Length; channel++)
            {
                for (var row = 0; row < count; row++)
                {
                    if (batch.IsPresent(channel, row))
                    {
                        tallies[channel].Add(batch, channel, row, at + row);
                    }
                }
            }

            progress?.Report((double)(at + count) / recording.MomentCount);
        }

        return new RecordingStatistics(content, recording.MomentCount, Episodes(recording), [.. tallies.Select(tally => tally.Result(recording.MomentCount))]);
    }

    private static EpisodeStatistics Episodes(Recording recording)
    {
        var episodes = recording.Episodes;
        return episodes.Count == 0
            ? new EpisodeStatistics(0, 0, 0, 0, 0, 0, 0)
            : new EpisodeStatistics(
                episodes.Count,
                episodes.Min(episode => episode.Length),
                (double)recording.MomentCount / episodes.Count,
                episodes.Max(episode => episode.Length),
                episodes.Count(episode => episode.Ending == Ending.End),
                episodes.Count(episode => episode.Ending == Ending.Truncation),
                episodes.Count(episode => episode.Ending == Ending.None));
    }
}
