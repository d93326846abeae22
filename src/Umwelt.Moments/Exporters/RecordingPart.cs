// Some channels of some moments of a recording, read a stretch at a time in a fixed amount of memory.
namespace Umwelt.Moments.Exporters;

internal sealed class RecordingPart
{
    private const long StretchBytes = 4 << 20;
    private const int MostMoments = 256;

    private readonly Recording _recording;
    private readonly int[] _places;
    private readonly MomentBatch _batch;

    public RecordingPart(Recording recording, int[] places)
    {
        _recording = recording;
        _places = places;
        Schema = new Schema(recording.Schema.Rate, places.Select(place => recording.Schema.Channels[place]));
        _batch = new MomentBatch(Schema, (int)Math.Clamp(StretchBytes / Math.Max(1, Schema.ByteCount), 1, MostMoments));
    }

    /// <summary>The channels that are read.</summary>
    public Schema Schema { get; }

    /// <summary>Gives every <paramref name="step"/>-th moment of a stretch to <paramref name="take"/>, as a batch, its row and its place in the recording.</summary>
    public void ForEach(long start, long count, long step, Action<MomentBatch, int, long> take, IProgress<double>? progress, CancellationToken cancellation)
    {
        var done = 0L;
        while (done < count)
        {
            cancellation.ThrowIfCancellationRequested();
            var here = step > 1 ? 1 : (int)Math.Min(_batch.Count, count - done);
            _recording.Read(start + done, here, _batch, 0, _places);
            for (var row = 0; row < here; row++)
            {
                take(_batch, row, start + done + row);
            }

            done += step > 1 ? step : here;
            progress?.Report(Math.Min(1, (double)done / count));
        }
    }
}
