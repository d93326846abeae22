// Real moments that no recording holds: from where a recorded history ends the house goes on with a body that turns away, waits
// and turns back. What it saw up to the turn back is a history; the turn back is what a dream has to know by heart.
using Umwelt.Learning.Measures;
using Umwelt.Moments;
using Umwelt.Worlds;

namespace Umwelt.Cli.Measure.House;

internal static class AwayAndBack
{
    /// <summary>Moments of each turn: 112 degrees, more than the view is wide.</summary>
    public const int Turn = 20;

    /// <summary>Excerpts that go on after their primed moments with a turn away, so many moments of waiting, and the turn back.</summary>
    /// <param name="replay">Whose house.</param>
    /// <param name="real">Histories with their states.</param>
    /// <param name="prime">How many of their moments are history.</param>
    /// <param name="wait">How long the view is left.</param>
    /// <param name="changes">An intervention before the turn; null for none.</param>
    public static Excerpts Of(HouseReplay replay, Excerpts real, int prime, int wait, Action<HouseWorld, int>? changes = null)
    {
        var before = prime + Turn + wait;
        var result = new Excerpts(real.Moments.Schema, real.Rows, before + Turn);
        using var world = new HouseWorld(real.Rows, replay.Options);
        var commands = new MomentBatch(world.Schema.Motor, real.Rows);
        var moments = new MomentBatch(world.Schema, real.Rows);
        for (var row = 0; row < real.Rows; row++)
        {
            world.Reset(row, 0, moments);
            world.Restore(row, (HouseTruth)real.States[row]!);
            changes?.Invoke(world, row);
            result.Groups[row] = real.Groups[row];
            result.Places[row] = real.Places[row];
            for (var t = 0; t < prime; t++)
            {
                result.Moments.Copy(real.Moments, real.At(row, t), result.At(row, t));
            }
        }

        for (var t = prime; t < result.Length; t++)
        {
            Command(commands, t < prime + Turn ? 1 : t < before ? 0 : -1);
            world.Step(commands, moments);
            for (var row = 0; row < real.Rows; row++)
            {
                result.Moments.Copy(moments, row, result.At(row, t));
                if (t == before - 1)
                {
                    result.States[row] = world.Truth(row);
                }
            }
        }

        return result;
    }

    /// <summary>The truth after the turn back.</summary>
    public static HouseTruth After(HouseReplay replay, Excerpts away, int row, MomentBatch moment)
    {
        using var world = new HouseWorld(1, replay.Options);
        var commands = new MomentBatch(world.Schema.Motor, 1);
        world.Reset(0, 0, moment);
        world.Restore(0, (HouseTruth)away.States[row]!);
        for (var t = 0; t < Turn; t++)
        {
            Command(commands, -1);
            world.Step(commands, moment);
        }

        return world.Truth(0);
    }

    private static void Command(MomentBatch commands, float turn)
    {
        for (var row = 0; row < commands.Count; row++)
        {
            var motor = commands.Vector(commands.Schema.IndexOf("motor"), row);
            (motor[0], motor[1], motor[2]) = (0, 0, turn);
            commands.SetPresent(commands.Schema.IndexOf("motor"), row);
            commands.SetPresent(commands.Schema.IndexOf("use"), row);
        }
    }
}
