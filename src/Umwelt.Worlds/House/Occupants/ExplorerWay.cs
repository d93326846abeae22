// The way of one explorer through the house: along the shortest path, through doors, which it opens before and may close
// behind itself. Each call does what one moment allows.
using Umwelt.Worlds.House.Plan;

namespace Umwelt.Worlds.House.Occupants;

internal sealed class ExplorerWay(ExplorerGait gait)
{
    private readonly PathField _path = new();

    /// <summary>The door to close once through it, or -1.</summary>
    public int Behind { get; set; } = -1;

    /// <summary>Goes on towards a cell, not by the barred door where another way leads there; true once it stands there or no way does.</summary>
    public bool Walk(HousePlan plan, ref HouseState state, int goal, int barred, double within, bool isFirst)
    {
        if (Behind >= 0 && CloseBehind(plan, ref state))
        {
            return false;
        }

        var cell = plan.Cell(state.X, state.Y);
        if (_path.Goal != goal || isFirst)
        {
            _path.Lead(plan, goal, barred);
            if (!_path.Reaches(cell))
            {
                _path.Lead(plan, goal);
            }
        }

        double goalX = (goal % plan.Width) + 0.5, goalY = (goal / plan.Width) + 0.5;
        var distance = Math.Sqrt(((goalX - state.X) * (goalX - state.X)) + ((goalY - state.Y) * (goalY - state.Y)));
        if ((cell == goal && distance < within) || !_path.Reaches(cell))
        {
            return true;
        }

        var (next, edge) = _path.Next(plan, cell);
        if (next == cell)
        {
            gait.Go(plan, ref state, goalX, goalY, 1);
            return false;
        }

        if (edge >= HousePlan.FirstDoorEdge)
        {
            GoThrough(plan, ref state, edge - HousePlan.FirstDoorEdge, next);
            return false;
        }

        // As far along the way as one can go straight.
        for (var ahead = 0; ahead < 5; ahead++)
        {
            var (further, nextEdge) = _path.Next(plan, next);
            if (further == next || nextEdge != HousePlan.OpenEdge || plan.IsBlocked[further] || !IsClear(plan, ref state, further))
            {
                break;
            }

            next = further;
        }

        gait.Go(plan, ref state, (next % plan.Width) + 0.5, (next / plan.Width) + 0.5, 1);
        return false;
    }

    private bool CloseBehind(HousePlan plan, ref HouseState state)
    {
        ref readonly var door = ref plan.Doors[Behind];
        var dx = door.CentreX - state.X;
        var dy = door.CentreY - state.Y;
        var distance = Math.Sqrt((dx * dx) + (dy * dy));
        if (distance > 1.2 || !state.Doors[Behind].IsToOpen)
        {
            Behind = -1;
            return false;
        }

        if (distance < 0.55)
        {
            // Not yet through: on as before.
            return false;
        }

        SetDoor(plan, ref state, Behind, isOpen: false);
        return true;
    }

    private void GoThrough(HousePlan plan, ref HouseState state, int number, int next)
    {
        ref readonly var door = ref plan.Doors[number];
        var across = door.IsVertical ? Math.Abs(state.Y - door.CentreY) : Math.Abs(state.X - door.CentreX);
        if (state.Doors[number].Opening < 0.85f)
        {
            // Before a closed door one stops and uses it; before one that opens one waits.
            var distance = door.IsVertical ? Math.Abs(state.X - door.CentreX) : Math.Abs(state.Y - door.CentreY);
            if (!state.Doors[number].IsToOpen)
            {
                SetDoor(plan, ref state, number, isOpen: true);
            }
            else if (distance > 0.45)
            {
                gait.Face(ref state, door.CentreX, door.CentreY);
            }

            return;
        }

        double nextX = (next % plan.Width) + 0.5, nextY = (next / plan.Width) + 0.5;
        if (across > 0.12)
        {
            // In line with the opening first, at some distance from the wall.
            var cell = plan.Cell(state.X, state.Y);
            double cellX = (cell % plan.Width) + 0.5, cellY = (cell / plan.Width) + 0.5;
            gait.Go(plan, ref state, cellX, cellY, 0.8);
        }
        else
        {
            gait.Go(plan, ref state, nextX, nextY, 0.9);
        }
    }

    // Whether a body can go straight to the middle of a cell.
    private static bool IsClear(HousePlan plan, ref HouseState state, int cell)
    {
        double x = (cell % plan.Width) + 0.5, y = (cell / plan.Width) + 0.5;
        var (dx, dy) = (x - state.X, y - state.Y);
        var length = Math.Sqrt((dx * dx) + (dy * dy));
        var parts = (int)(length / 0.15) + 1;
        for (var i = 1; i <= parts; i++)
        {
            if (HousePhysics.Overlap(plan, ref state, state.X + (dx * i / parts), state.Y + (dy * i / parts), HousePhysics.BodyRadius + 0.03) > 0)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Goes on to open or close a door; true once it opens or closes.</summary>
    public bool SetDoor(HousePlan plan, ref HouseState state, int door, bool isOpen)
    {
        ref readonly var what = ref plan.Doors[door];
        if (state.Doors[door].IsToOpen == isOpen)
        {
            return true;
        }

        if (HouseSimulation.Reachable(plan, ref state) == door)
        {
            gait.Use(ref state);
        }
        else if (gait.Face(ref state, what.CentreX, what.CentreY))
        {
            gait.Go(plan, ref state, what.CentreX, what.CentreY, 0.4);
        }

        return false;
    }
}
