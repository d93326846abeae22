// How much each channel changes from moment to moment, and with which delay senses change in step with commands. A guess where
// nothing better can be had: commands that change the world's pace rather than its place are not found.
using Umwelt.Moments;

namespace Umwelt.Worlds.Probe;

internal sealed class ChangeTrace
{
    private const int LongestDelay = 20;
    private const int Most = 20_000;

    private readonly List<double[]> _changes = [];
    private byte[][]? _last;
    private bool _isFirst = true;

    /// <summary>An episode begins: its first moment is no change.</summary>
    public void Begin() => _isFirst = true;

    public void Add(MomentBatch moments, int row)
    {
        if (_changes.Count >= Most)
        {
            return;
        }

        var channels = moments.Schema.Channels.Length;
        _last ??= new byte[channels][];
        var changes = new double[channels];
        for (var i = 0; i < channels; i++)
        {
            var now = moments.Schema.Channels[i].Kind == ChannelKind.Text ? moments.Text(i, row) : moments.Bytes(i, row);
            changes[i] = _isFirst || _last[i].Length != now.Length ? 0 : Change(moments.Schema.Channels[i].Kind, _last[i], now);
            if (_last[i]?.Length != now.Length)
            {
                _last[i] = new byte[now.Length];
            }

            now.CopyTo(_last[i]);
        }

        _changes.Add(changes);
        _isFirst = false;
    }

    /// <summary>For each motor channel and sense, the delay with the strongest correlation. A command that changes with moment k
    /// led to it, so that its delay to the senses of moment k is 1.</summary>
    public List<ProbeCorrelation> Correlations(Schema schema) =>
    [
        .. from motor in schema.Motors
           from sense in schema.Senses
           select Enumerable.Range(1, LongestDelay)
               .Select(delay => new ProbeCorrelation(schema.Channels[motor].Name, schema.Channels[sense].Name, delay, Correlation(motor, sense, delay - 1)))
               .MaxBy(found => found.Correlation)!,
    ];

    private static double Change(ChannelKind kind, ReadOnlySpan<byte> last, ReadOnlySpan<byte> now)
    {
        var sum = 0.0;
        switch (kind)
        {
            case ChannelKind.Vector:
                for (var i = 0; i + sizeof(float) <= now.Length; i += sizeof(float))
                {
                    sum += Math.Abs(BitConverter.ToSingle(now[i..]) - BitConverter.ToSingle(last[i..]));
                }

                break;
            case ChannelKind.Sound:
                for (var i = 0; i + sizeof(short) <= now.Length; i += sizeof(short))
                {
                    sum += Math.Abs(BitConverter.ToInt16(now[i..]) - BitConverter.ToInt16(last[i..]));
                }

                break;
            case ChannelKind.Image:
                for (var i = 0; i < now.Length; i++)
                {
                    sum += Math.Abs(now[i] - last[i]);
                }

                break;
            default:
                sum = now.SequenceEqual(last) ? 0 : 1;
                break;
        }

        return sum;
    }

    private double Correlation(int motor, int sense, int shift)
    {
        var count = _changes.Count - shift;
        if (count < 2)
        {
            return 0;
        }

        var (x, y, xx, yy, xy) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for (var t = 0; t < count; t++)
        {
            var (from, to) = (_changes[t][motor], _changes[t + shift][sense]);
            (x, y, xx, yy, xy) = (x + from, y + to, xx + (from * from), yy + (to * to), xy + (from * to));
        }

        var spread = Math.Sqrt(Math.Max(0, (xx / count) - (x / count * (x / count)))) * Math.Sqrt(Math.Max(0, (yy / count) - (y / count * (y / count))));
        return spread > 0 ? ((xy / count) - (x / count * (y / count))) / spread : 0;
    }
}
