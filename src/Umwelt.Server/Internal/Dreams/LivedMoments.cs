// The latest moments of a row, so that another model can remember them: as many as a dream begins with. Rows that nobody has
// begun take no memory.
using Umwelt.Moments;

namespace Umwelt.Server.Internal.Dreams;

internal sealed class LivedMoments(Schema schema)
{
    private MomentBatch? _ring;
    private long _count;

    private MomentBatch Ring => _ring ??= new MomentBatch(schema, StartingMoments.History);

    /// <summary>Forgets everything.</summary>
    public void Clear() => _count = 0;

    /// <summary>Adds a moment.</summary>
    public void Add(MomentBatch moments, int row) => Ring.Copy(moments, row, (int)(_count++ % StartingMoments.History));

    /// <summary>All of them in order; null for none.</summary>
    public MomentBatch? All()
    {
        var count = (int)Math.Min(_count, StartingMoments.History);
        if (count == 0)
        {
            return null;
        }

        var all = new MomentBatch(schema, count);
        for (var i = 0; i < count; i++)
        {
            all.Copy(Ring, (int)((_count - count + i) % StartingMoments.History), i);
        }

        return all;
    }

    public void Become(LivedMoments other)
    {
        for (var i = 0; other._ring is { } ring && i < ring.Count; i++)
        {
            Ring.Copy(ring, i, i);
        }

        _count = other._count;
    }
}
