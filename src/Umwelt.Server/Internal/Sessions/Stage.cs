// What a host knows of the kind of world it steps, beside stepping it: whether the whole state of a row can be kept and brought
// back, what is true of it and what its place looks like from above. The seam for worlds that are not the house, and for dreams.
using System.Buffers;
using Umwelt.Models;
using Umwelt.Moments;
using Umwelt.Server.Internal.Dreams;
using Umwelt.Worlds;

namespace Umwelt.Server.Internal.Sessions;

/// <summary>A world on which sessions play, with what only its kind can do.</summary>
/// <remarks>One thread uses it: that of its host.</remarks>
internal class Stage(World world) : IDisposable
{
    public World World => world;

    /// <summary>Whether <see cref="Keep"/> and <see cref="Return"/> work.</summary>
    public virtual bool CanKeep => false;

    /// <summary>What can be done with a dream alone; null for other worlds.</summary>
    public virtual DreamWorld? Dream => null;

    /// <summary>Opens a world by its name: one of the dreams, one from elsewhere, or one from the catalogue.</summary>
    public static Stage Open(string name, int rows, ServerOptions options)
    {
        if (options.Dreams.FirstOrDefault(dream => string.Equals(dream.Name, name, StringComparison.Ordinal)) is { } source)
        {
            return DreamStage.Open(source, rows, truth => Of(truth, rows, options));
        }

        return Of(name, rows, options);
    }

    /// <summary>Takes over what has become better since, as a model that went on learning; says whether anything has.</summary>
    /// <exception cref="IOException">What is there can't be taken over.</exception>
    public virtual bool Renew() => false;

    /// <summary>The whole state of a row, which nothing changes afterwards.</summary>
    public virtual object Keep(int row) => throw new NotSupportedException("This world can't be kept.");

    /// <summary>Brings a row to a state that was kept.</summary>
    /// <param name="row">Which row.</param>
    /// <param name="state">What <see cref="Keep"/> gave.</param>
    /// <param name="moments">As many rows as the world has; what becomes of this one is the caller's to write.</param>
    public virtual void Return(int row, object state, MomentBatch moments) => throw new NotSupportedException("This world can't be kept.");

    /// <summary>Writes what is true of a row as JSON; nothing where a world has no truth to tell.</summary>
    public virtual void WriteTruth(int row, IBufferWriter<byte> output)
    {
    }

    /// <summary>The plan of the place a row is in, the same object as long as the place is the same; null where there is none.</summary>
    public virtual HouseMap? Map(int row) => null;

    public void Dispose() => world.Dispose();

    private static Stage Of(string name, int rows, ServerOptions options) =>
        (options.OpenWorld?.Invoke(name, rows) ?? WorldCatalogue.Open(name, new WorldOptions { Count = rows })) switch
        {
            HouseWorld house => new HouseStage(house),
            Dream dream => new DreamStage(new DreamWorld(dream)),
            var world => new Stage(world),
        };
}
