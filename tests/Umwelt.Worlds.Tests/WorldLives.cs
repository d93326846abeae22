// Lives in worlds for tests: the signs of every channel of every moment, as an occupant makes them come.
using Umwelt.Moments;
using Umwelt.Worlds.Probe;

namespace Umwelt.Worlds.Tests;

internal static class WorldLives
{
    /// <summary>For each row the signs of so many moments; an episode that is over is followed by the next.</summary>
    public static ulong[][] Signs(World world, long firstSeed, int steps, string who = "random")
    {
        var moments = new MomentBatch(world.Schema, world.Count);
        var commands = new MomentBatch(world.Schema.Motor, world.Count);
        var occupant = world.CreateOccupant(who);
        var signs = Enumerable.Range(0, world.Count).Select(_ => new List<ulong>()).ToArray();
        var seeds = Enumerable.Range(0, world.Count).Select(row => firstSeed + (1000 * row)).ToArray();
        var isRunning = new bool[world.Count];
        for (var step = 0; step < steps; step++)
        {
            for (var row = 0; row < world.Count; row++)
            {
                isRunning[row] = step > 0 && moments.Endings[row] == Ending.None;
            }

            occupant.Act(moments, commands, isRunning);
            world.Step(commands, moments, isRunning);
            for (var row = 0; row < world.Count; row++)
            {
                if (!isRunning[row])
                {
                    world.Reset(row, seeds[row], moments);
                    occupant.Reset(row, seeds[row]++);
                }

                for (var channel = 0; channel < world.Schema.Channels.Length; channel++)
                {
                    signs[row].Add(MomentSigns.Of(moments, channel, row));
                }

                signs[row].Add((ulong)moments.Endings[row]);
            }
        }

        return [.. signs.Select(row => row.ToArray())];
    }
}
