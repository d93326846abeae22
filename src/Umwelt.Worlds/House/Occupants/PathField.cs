// How many steps each cell is from a goal, through rooms and doors whether open or not; cells in which things stand are
// ends, never ways. One field serves all steps of a walk.
using Umwelt.Worlds.House.Plan;

namespace Umwelt.Worlds.House.Occupants;

internal sealed class PathField
{
    private const short Far = short.MaxValue;

    private short[] _steps = [];
    private int[] _queue = [];

    /// <summary>The cell that the field leads to.</summary>
    public int Goal { get; private set; } = -1;

    /// <summary>Computes the field; a door may be barred.</summary>
    public void Lead(HousePlan plan, int goal, int barred = -1)
    {
        if (_steps.Length != plan.RoomOf.Length)
        {
            _steps = new short[plan.RoomOf.Length];
            _queue = new int[plan.RoomOf.Length];
        }

        Array.Fill(_steps, Far);
        Goal = goal;
        _steps[goal] = 0;
        _queue[0] = goal;
        for (int head = 0, tail = 1; head < tail; head++)
        {
            var cell = _queue[head];
            if (plan.IsBlocked[cell] && cell != goal)
            {
                continue;
            }

            int x = cell % plan.Width, y = cell / plan.Width;
            for (var side = 0; side < 4; side++)
            {
                var edge = plan.Edge(x, y, side);
                if (edge == HousePlan.WallEdge || edge == HousePlan.FirstDoorEdge + barred)
                {
                    continue;
                }

                var (nx, ny) = HousePlan.Neighbour(x, y, side);
                var next = (ny * plan.Width) + nx;
                if (_steps[next] == Far)
                {
                    _steps[next] = (short)(_steps[cell] + 1);
                    _queue[tail++] = next;
                }
            }
        }
    }

    public bool Reaches(int cell) => _steps[cell] != Far;

    public int Steps(int cell) => _steps[cell];

    /// <summary>The next cell on the way, and what edge lies before it; the same cell at the goal or where there is no way.</summary>
    public (int Cell, byte Edge) Next(HousePlan plan, int cell)
    {
        int x = cell % plan.Width, y = cell / plan.Width;
        var best = (Cell: cell, Edge: HousePlan.OpenEdge);
        var least = _steps[cell];
        for (var side = 0; side < 4; side++)
        {
            var edge = plan.Edge(x, y, side);
            if (edge == HousePlan.WallEdge)
            {
                continue;
            }

            var (nx, ny) = HousePlan.Neighbour(x, y, side);
            var next = (ny * plan.Width) + nx;
            if (_steps[next] < least)
            {
                least = _steps[next];
                best = (next, edge);
            }
        }

        return best;
    }
}
