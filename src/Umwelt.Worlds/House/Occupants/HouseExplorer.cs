// The occupant that shows a house to a learner: it visits every room, uses doors and lamps, follows the ball, stands, spins,
// looks away and back, and leaves doors open or closed in equal shares to come back to them. It knows the hidden truth.
using Umwelt.Moments;

namespace Umwelt.Worlds.House.Occupants;

internal sealed class HouseExplorer : Occupant
{
    private readonly HouseWorld _world;
    private readonly ExplorerMind[] _minds;
    private readonly int _motor;
    private readonly int _use;

    public HouseExplorer(HouseWorld world)
    {
        _world = world;
        _minds = [.. Enumerable.Range(0, world.Count).Select(_ => new ExplorerMind())];
        _motor = world.Schema.Motor.IndexOf("motor");
        _use = world.Schema.Motor.IndexOf("use");
    }

    /// <summary>What a row's explorer is about, for those who look into it.</summary>
    public ExplorerStep Doing(int row) => _minds[row].Doing;

    public override void Reset(int row, long seed) => _minds[row].Reset(seed);

    public override void Act(MomentBatch moments, MomentBatch commands, ReadOnlySpan<bool> rows)
    {
        for (var row = 0; row < rows.Length; row++)
        {
            if (!rows[row])
            {
                continue;
            }

            var command = _minds[row].Act(_world.Scenery(row).Plan, ref _world.State(row));
            var motor = commands.Vector(_motor, row);
            (motor[0], motor[1], motor[2]) = (command.Forward, command.Strafe, command.Turn);
            commands.SetPresent(_motor, row);
            commands.Category(_use, row) = command.Use ? 1 : 0;
            commands.SetPresent(_use, row);
        }
    }
}

/// <summary>A command in the house.</summary>
internal readonly record struct ExplorerCommand(float Forward, float Strafe, float Turn, bool Use);
