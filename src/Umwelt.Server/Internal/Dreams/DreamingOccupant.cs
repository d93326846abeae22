// Those who act in a dream: the model itself, by what it expects to do next, and those of the truth, who see what is true.
using Umwelt.Moments;

namespace Umwelt.Server.Internal.Dreams;

/// <summary>Does what the model expects to do.</summary>
internal sealed class DreamingOccupant(DreamWorld world) : Occupant
{
    public override void Reset(int row, long seed)
    {
        // What is done follows from what the dream remembers.
    }

    public override void Act(MomentBatch moments, MomentBatch commands, ReadOnlySpan<bool> rows)
    {
        var acting = new List<int>();
        for (var row = 0; row < rows.Length; row++)
        {
            if (rows[row])
            {
                acting.Add(row);
            }
        }

        var indices = acting.ToArray();
        using var part = world.Dream.Take(indices);
        var own = new MomentBatch(world.Schema.Motor, indices.Length);
        part.Act(own);
        for (var i = 0; i < indices.Length; i++)
        {
            commands.Copy(own, i, indices[i]);
        }
    }
}

/// <summary>Somebody of the truth, who does nothing where the truth does not run.</summary>
internal sealed class TrueOccupant(DreamWorld world, Occupant inner) : Occupant
{
    private readonly bool[] _real = new bool[world.Count];
    private readonly StillOccupant _still = new(world.Schema.Motor);

    public override void Reset(int row, long seed) => inner.Reset(row, seed);

    public override void Act(MomentBatch moments, MomentBatch commands, ReadOnlySpan<bool> rows)
    {
        _still.Act(moments, commands, rows);
        for (var row = 0; row < rows.Length; row++)
        {
            _real[row] = rows[row] && world.Row(row).IsReal;
        }

        if (_real.AsSpan().Contains(true))
        {
            inner.Act(world.Real, commands, _real);
        }
    }
}
