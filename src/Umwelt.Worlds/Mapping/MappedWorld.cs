// A world seen and steered through other channels than its own, as a file says: named, cropped, scaled, stacked, resampled, typed.
// The order within a tick is the world's: a moment holds the command that led to it and what followed, however many of the
// world's own moments that took.
using Umwelt.Moments;
using Umwelt.Storage;
using Umwelt.Worlds.Catalogue;

namespace Umwelt.Worlds.Mapping;

internal sealed class MappedWorld : World
{
    public const string Kind = "mapped";

    private readonly World _world;
    private readonly MappingPlan _plan;
    private readonly int _every;
    private readonly MomentBatch _moments;
    private readonly MomentBatch _commands;
    private readonly StillOccupant _still;
    private readonly bool[] _rows;

    private MappedWorld(World world, MappingPlan plan, int every)
        : base(plan.Schema, world.Count)
    {
        (_world, _plan, _every) = (world, plan, every);
        _moments = new MomentBatch(world.Schema, world.Count);
        _commands = new MomentBatch(world.Schema.Motor, world.Count);
        _still = new StillOccupant(world.Schema.Motor);
        _rows = new bool[world.Count];
    }

    /// <summary>Those of the world itself act here too, by the commands that come nearest to what they mean.</summary>
    public override IReadOnlyList<string> Occupants => [.. _world.Occupants.Union(base.Occupants, StringComparer.Ordinal)];

    public static World Open(WorldName name, WorldOptions options)
    {
        var path = name.FileName();
        name.Finish();
        var document = MappingDocument.Read(path);
        if (string.IsNullOrEmpty(document.World) || document.World.Split(':', '?')[0] == Kind)
        {
            throw new InvalidFileException(path, "world names the world that is mapped, which is not a mapping itself");
        }

        return Open(WorldCatalogue.Open(document.World, options), document, path);
    }

    /// <summary>Maps a world, which is disposed with the mapping.</summary>
    public static MappedWorld Open(World world, MappingDocument document, string path)
    {
        try
        {
            return new MappedWorld(world, new MappingPlan(document, world.Schema, path), document.Every);
        }
        catch
        {
            world.Dispose();
            throw;
        }
    }

    public override Occupant CreateOccupant(string name) =>
        base.Occupants.Contains(name, StringComparer.Ordinal) ? base.CreateOccupant(name) : new MappedOccupant(this, _world.CreateOccupant(name));

    protected override void Begin(int row, long seed, MomentBatch moments)
    {
        _world.Reset(row, seed, _moments);
        Sense(row, moments, _every - 1);
    }

    protected override void Advance(MomentBatch moments, ReadOnlySpan<bool> rows)
    {
        rows.CopyTo(_rows);
        _still.Act(_moments, _commands, _rows);
        for (var row = 0; row < Count; row++)
        {
            for (var i = 0; i < _plan.Channels.Length && _rows[row]; i++)
            {
                if (Schema.Channels[i].Role == ChannelRole.Motor)
                {
                    _plan.Channels[i].Command(moments, i, _commands, row);
                }
            }
        }

        for (var tick = 0; tick < _every && _rows.AsSpan().Contains(true); tick++)
        {
            _world.Step(_commands, _moments, _rows);
            for (var row = 0; row < Count; row++)
            {
                if (_rows[row])
                {
                    Sense(row, moments, tick);
                    _rows[row] = moments.Endings[row] == Ending.None;
                }
            }
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _world.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Sense(int row, MomentBatch moments, int tick)
    {
        for (var i = 0; i < _plan.Channels.Length; i++)
        {
            if (Schema.Channels[i].Role != ChannelRole.Motor)
            {
                _plan.Channels[i].Sense(_moments, moments, i, row, tick);
            }
        }

        moments.Endings[row] = _moments.Endings[row];
    }

    /// <summary>An occupant of the world that is mapped: it perceives what there is there.</summary>
    private sealed class MappedOccupant(MappedWorld mapped, Occupant occupant) : Occupant
    {
        private readonly MomentBatch _meant = new(mapped._world.Schema.Motor, mapped.Count);

        public override void Reset(int row, long seed) => occupant.Reset(row, seed);

        public override void Act(MomentBatch moments, MomentBatch commands, ReadOnlySpan<bool> rows)
        {
            occupant.Act(mapped._moments, _meant, rows);
            for (var row = 0; row < rows.Length; row++)
            {
                for (var m = 0; m < mapped.Schema.Motors.Length && rows[row]; m++)
                {
                    mapped._plan.Channels[mapped.Schema.Motors[m]].Meant(_meant, commands, m, row);
                }
            }
        }
    }
}
