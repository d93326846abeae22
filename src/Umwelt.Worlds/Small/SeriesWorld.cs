// A table of numbers as moments: each row of a CSV file is the vector of one moment. There is nothing to do in it but watch;
// when the rows are over the episode is truncated, since what was measured went on.
using Umwelt.Moments;
using Umwelt.Storage;
using Umwelt.Worlds.Catalogue;

namespace Umwelt.Worlds.Small;

internal sealed class SeriesWorld : World
{
    private const double UsualRate = 20;
    private const long StreamName = 0x73657269;

    private readonly NumberTable _table;
    private readonly bool _isRandom;
    private readonly int[] _next;

    public SeriesWorld(NumberTable table, int count, bool isRandom = false, double rate = UsualRate)
        : base(new Schema(rate, new VectorChannel("series", table.Columns) { Names = table.Names }), count)
    {
        _table = table;
        _isRandom = isRandom;
        _next = new int[count];
    }

    public static World Open(WorldName name, WorldOptions options)
    {
        var path = name.FileName();
        var isRandom = name.IsRandomStart();
        var rate = name.Number("rate", 1_000_000) ?? UsualRate;
        name.Finish();
        return new SeriesWorld(NumberTable.Read(path), options.Count, isRandom, rate);
    }

    protected override void Begin(int row, long seed, MomentBatch moments)
    {
        _next[row] = _isRandom ? RandomStream.Of(seed, StreamName).NextInt32(_table.Rows) : 0;
        Show(row, moments);
    }

    protected override void Advance(MomentBatch moments, ReadOnlySpan<bool> rows)
    {
        for (var row = 0; row < Count; row++)
        {
            if (rows[row])
            {
                Show(row, moments);
            }
        }
    }

    private void Show(int row, MomentBatch moments)
    {
        _table.Row(_next[row]++).CopyTo(moments.Vector(0, row));
        moments.SetPresent(0, row);
        moments.Endings[row] = _next[row] == _table.Rows ? Ending.Truncation : Ending.None;
    }
}
