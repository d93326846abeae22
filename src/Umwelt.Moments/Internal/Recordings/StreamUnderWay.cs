// One stream of a writer: the segment it gathers and the episode it is in.
namespace Umwelt.Moments.Internal.Recordings;

internal sealed class StreamUnderWay(int stream, SegmentBuffer buffer)
{
    public int Stream => stream;

    public SegmentBuffer Buffer => buffer;

    /// <summary>The number of the segment under way.</summary>
    public int NextNumber { get; set; }

    public bool InEpisode { get; private set; }

    public long Seed { get; private set; }

    /// <summary>How many moments the episode under way has.</summary>
    public long Position { get; private set; }

    public void Begin(long seed, long position)
    {
        InEpisode = true;
        Seed = seed;
        Position = position;
    }

    public void Stop() => InEpisode = false;

    public void Add(MomentBatch batch, int row, double? time, long ticks)
    {
        buffer.Add(batch, row, Position, Seed, time, ticks);
        Position++;
        InEpisode = batch.Endings[row] == Ending.None;
    }

    // The last moment is marked where it is still at hand; else the episode reads as one that was cut off.
    public void Truncate()
    {
        if (InEpisode && Position > 0 && buffer.Count > 0)
        {
            buffer.SetLastEnding(Ending.Truncation);
        }

        InEpisode = false;
    }
}
