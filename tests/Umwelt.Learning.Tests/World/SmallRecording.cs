// What somebody who acts at random lived through in a small world.
using Umwelt.Moments;
using Umwelt.Worlds;

namespace Umwelt.Learning.Tests.World;

internal static class SmallRecording
{
    public static void Of(string name, int moments, string folder)
    {
        using var world = WorldCatalogue.Open(name);
        using var writer = RecordingWriter.Create(folder, world.Schema, new Provenance { Origin = name, Occupant = "random", Seed = 1 });
        new Recorder(world, world.CreateOccupant("random"), writer, new RecorderOptions { Seed = 1, Moments = moments }).Run();
    }
}
