// A part of a program that needs worlds: it is given the factory, opens what it is told to, and does not care whether that is a
// dream or real.
using Umwelt.Hosting;
using Umwelt.Moments;

namespace Umwelt.Samples.Injection;

/// <summary>Walks through a world for a while and says what it is made of.</summary>
/// <param name="worlds">Opens worlds.</param>
internal sealed class Wanderer(WorldFactory worlds)
{
    public void Walk(string name, int moments)
    {
        using var world = worlds.Open(name);
        var occupant = world.CreateOccupant(world.Occupants[0]);
        var (seen, commands) = (new MomentBatch(world.Schema, 1), new MomentBatch(world.Schema.Motor, 1));
        world.Reset(0, seed: 1, seen);
        occupant.Reset(0, seed: 1);
        var lived = 1;
        for (; lived < moments && seen.Endings[0] == Ending.None; lived++)
        {
            occupant.Act(seen, commands, [true]);
            world.Step(commands, seen);
        }

        Console.WriteLine($"{name}: {lived} moments as '{world.Occupants[0]}', of {world.Schema}");
    }
}
