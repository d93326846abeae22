// The latest moments of a row, so that another model can remember them: as many as a dream begins with.
using Umwelt.Moments;

namespace Umwelt.Server.Internal.Dreams;

internal sealed class LivedMoments(Schema schema)
{
    private readonly MomentBatch _ring = new(schema, StartingMoments.History);
    private long _count;

    /// <summary>Forgets everything.</summary>
    public void Clear() => _count = 0;

    /// <summary>Adds a moment.</summary>
    public void Add(MomentBatch moments, int row) => _ring.Copy(moments, row, (int)(_count++ % _ring.Count));

    /// <summary>All of them in order; null for none.</summary>
    public MomentBatch? All()
    {
        var count = (int)Math.Min(_count, _ring.Count);
        if (count == 0)
        {
            return null;
        }

        var all = new MomentBatch(_ring.Schema, count);
        for (var i = 0; i < count; i++)
        {
            all.Copy(_ring, (int)((_count - count + i) % _ring.Count), i);
        }

        return all;
    }

    public void Become(LivedMoments other)
    {
        for (var i = 0; i < _ring.Count; i++)
        {
            _ring.Copy(other._ring, i, i);
        }

        _count = other._count;
    }
}
