// A model of the house that has learnt nothing and is small enough to dream in an instant: what it dreams is nonsense, but the
// laws of dreaming hold for it as for any other.
using Umwelt.Models;
using Umwelt.Moments;
using Umwelt.Tensors;
using Umwelt.Worlds;

namespace Umwelt.Server.Tests;

internal static class TinyDream
{
    /// <summary>What it is called on servers.</summary>
    public const string Name = "dream:tiny";

    private static readonly WorldModelOptions s_options = new()
    {
        Width = 32,
        Heads = 2,
        Registers = 2,
        Backbone = "space, attention(on: others, window: 4), mlstm(on: registers)",
        Decoder = "space",
        PictureSlots = 4,
        PictureFeatures = [16],
        SoundHidden = 16,
        VectorHidden = 16,
        MostTokens = 4,
        VectorSteps = 2,
        SoundSteps = 2,
    };

    /// <summary>Writes the model into a folder and gives a source of it.</summary>
    public static DreamSource Write(string folder, long seed = 1, string? truth = "house")
    {
        using var house = new HouseWorld();
        using var engine = new Engine(new CpuBackend(1));
        using var model = new WorldModel(engine, house.Schema, s_options, seed: seed);
        model.Save(folder);
        return new DreamSource(Name, folder) { Truth = truth };
    }

    /// <summary>Adds a dream to what a server shows, as the first of its worlds.</summary>
    public static ServerOptions Beside(this DreamSource source, ServerOptions options) =>
        options with { Worlds = [source.Name, .. options.Worlds], Dreams = [source] };

    /// <summary>Records an explorer's life in the house.</summary>
    public static void Record(string folder, int moments, long seed)
    {
        using var house = new HouseWorld();
        using var writer = RecordingWriter.Create(folder, house.Schema, new Provenance { Origin = "house", Occupant = "explorer" });
        var (moment, commands) = (new MomentBatch(house.Schema, 1), new MomentBatch(house.Schema.Motor, 1));
        var explorer = house.CreateOccupant("explorer");
        writer.BeginEpisode(seed);
        house.Reset(0, seed, moment);
        explorer.Reset(0, seed);
        writer.Write(moment, 0);
        for (var t = 1; t < moments; t++)
        {
            explorer.Act(moment, commands, [true]);
            house.Step(commands, moment);
            writer.Write(moment, 0);
        }
    }
}
