// What a host knows of the kind of world it steps, beside stepping it: whether the whole state of a row can be kept and brought
// back, what is true of it and what its place looks like from above. The seam for worlds that are not the house, and for dreams.
using System.Buffers;
using Umwelt.Moments;
using Umwelt.Worlds;

namespace Umwelt.Server.Internal.Sessions;

/// <summary>A world on which sessions play, with what only its kind can do.</summary>
/// <remarks>One thread uses it: that of its host.</remarks>
internal class Stage(World world) : IDisposable
{
    public World World => world;

    /// <summary>Whether <see cref="Keep"/> and <see cref="Return"/> work.</summary>
    public virtual bool CanKeep => false;

    /// <summary>Opens a world by its name, from elsewhere or from the catalogue.</summary>
    public static Stage Open(string name, int rows, Func<string, int, World?>? elsewhere)
    {
        var world = elsewhere?.Invoke(name, rows) ?? WorldCatalogue.Open(name, new WorldOptions { Count = rows });
        return world is HouseWorld house ? new HouseStage(house) : new Stage(world);
    }

    /// <summary>The whole state of a row, which nothing changes afterwards.</summary>
    public virtual object Keep(int row) => throw new NotSupportedException("This world can't be kept.");

    /// <summary>Brings a row with an episode under way to a state that was kept.</summary>
    public virtual void Return(int row, object state) => throw new NotSupportedException("This world can't be kept.");

    /// <summary>Writes what is true of a row as JSON; nothing where a world has no truth to tell.</summary>
    public virtual void WriteTruth(int row, IBufferWriter<byte> output)
    {
    }

    /// <summary>The plan of the place a row is in, the same object as long as the place is the same; null where there is none.</summary>
    public virtual HouseMap? Map(int row) => null;

    public void Dispose() => world.Dispose();
}
