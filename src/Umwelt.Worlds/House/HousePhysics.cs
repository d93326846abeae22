// Bodies among walls, doors and things. A body is a disc; walls and door panels are line segments, things are discs. A
// move is made, then pushed out of whatever it overlaps, which lets a body slide along walls; a move that would end
// across a wall, or that can't be pushed free, is not made. Moves are shorter than a radius, so nothing is passed through.
using Umwelt.Worlds.House.Plan;

namespace Umwelt.Worlds.House;

internal static class HousePhysics
{
    /// <summary>Of the one who walks.</summary>
    public const double BodyRadius = 0.22;

    public const double BallRadius = 0.13;

    // After three rounds of pushing a disc in a corner has settled; what overlaps still by more than this is refused.
    private const int Rounds = 4;
    private const double Tolerance = 1e-3;

    /// <summary>Moves a disc, sliding along what stands in the way.</summary>
    /// <returns>Whether the disc is where it was pushed to; otherwise it has not moved.</returns>
    public static bool Move(HousePlan plan, ref HouseState state, ref double x, ref double y, double dx, double dy, double radius)
    {
        var (newX, newY) = (x + dx, y + dy);
        for (var round = 0; round < Rounds; round++)
        {
            if (Push(plan, ref state, ref newX, ref newY, radius) == 0)
            {
                break;
            }
        }

        if (Overlap(plan, ref state, newX, newY, radius) > Tolerance || Crosses(plan, ref state, x, y, newX, newY))
        {
            return false;
        }

        (x, y) = (newX, newY);
        return true;
    }

    /// <summary>How far a disc at a place reaches into something.</summary>
    public static double Overlap(HousePlan plan, ref HouseState state, double x, double y, double radius) =>
        Push(plan, ref state, ref x, ref y, radius);

    /// <summary>Whether a disc stands in the way of a door's panel at an opening.</summary>
    public static bool Blocks(in Door door, double opening, double x, double y, double radius)
    {
        var (fixedAt, from, to) = Panel(door, opening);
        var along = door.IsVertical ? y : x;
        var away = (door.IsVertical ? x : y) - fixedAt;
        var nearest = Math.Clamp(along, from, to) - along;
        return (away * away) + (nearest * nearest) < radius * radius;
    }

    /// <summary>Whether a straight line between two places meets a wall or a closed part of a door.</summary>
    public static bool Crosses(HousePlan plan, ref HouseState state, double x0, double y0, double x1, double y1)
    {
        for (var line = (int)Math.Floor(Math.Min(x0, x1)) + 1; line <= Math.Max(x0, x1); line++)
        {
            var y = y0 + ((y1 - y0) * ((line - x0) / (x1 - x0)));
            if (IsSolid(plan, ref state, plan.VerticalEdge(Math.Clamp(line, 0, plan.Width), Math.Clamp((int)y, 0, plan.Height - 1)), y - Math.Floor(y)))
            {
                return true;
            }
        }

        for (var line = (int)Math.Floor(Math.Min(y0, y1)) + 1; line <= Math.Max(y0, y1); line++)
        {
            var x = x0 + ((x1 - x0) * ((line - y0) / (y1 - y0)));
            if (IsSolid(plan, ref state, plan.HorizontalEdge(Math.Clamp((int)x, 0, plan.Width - 1), Math.Clamp(line, 0, plan.Height)), x - Math.Floor(x)))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsSolid(HousePlan plan, ref HouseState state, byte edge, double along)
    {
        if (edge < HousePlan.FirstDoorEdge)
        {
            return edge == HousePlan.WallEdge;
        }

        var opening = state.Doors[edge - HousePlan.FirstDoorEdge].Opening;
        return along < Door.Post || along > Door.Post + (opening * (1 - (2 * Door.Post)));
    }

    // The panel of a door and the post beyond it: a segment at a grid line.
    private static (double At, double From, double To) Panel(in Door door, double opening)
    {
        var start = door.IsVertical ? door.Y : door.X;
        return (door.IsVertical ? door.X : door.Y, start + Door.Post + (opening * (1 - (2 * Door.Post))), start + 1);
    }

    // Pushes a disc out of all it overlaps, once, and says how far the deepest overlap reached.
    private static double Push(HousePlan plan, ref HouseState state, ref double x, ref double y, double radius)
    {
        var deepest = 0.0;
        var left = Math.Max(0, (int)(x - radius));
        var right = Math.Min(plan.Width - 1, (int)(x + radius));
        var top = Math.Max(0, (int)(y - radius));
        var bottom = Math.Min(plan.Height - 1, (int)(y + radius));
        for (var cy = top; cy <= bottom; cy++)
        {
            for (var cx = left; cx <= right; cx++)
            {
                // Each cell has its west and north edges; the last of a row and a column have the other two as well.
                PushEdge(plan, ref state, plan.VerticalEdge(cx, cy), true, cx, cy, ref x, ref y, radius, ref deepest);
                PushEdge(plan, ref state, plan.HorizontalEdge(cx, cy), false, cy, cx, ref x, ref y, radius, ref deepest);
                if (cx == right)
                {
                    PushEdge(plan, ref state, plan.VerticalEdge(cx + 1, cy), true, cx + 1, cy, ref x, ref y, radius, ref deepest);
                }

                if (cy == bottom)
                {
                    PushEdge(plan, ref state, plan.HorizontalEdge(cx, cy + 1), false, cy + 1, cx, ref x, ref y, radius, ref deepest);
                }
            }
        }

        foreach (ref readonly var thing in plan.Things.AsSpan())
        {
            var reach = radius + thing.Radius;
            var dx = x - thing.X;
            var dy = y - thing.Y;
            if (Math.Abs(dx) < reach && Math.Abs(dy) < reach)
            {
                PushFrom(dx, dy, reach, ref x, ref y, ref deepest);
            }
        }

        return deepest;
    }

    private static void PushEdge(HousePlan plan, ref HouseState state, byte edge, bool isVertical, int line, int along, ref double x, ref double y, double radius, ref double deepest)
    {
        if (edge == HousePlan.OpenEdge)
        {
            return;
        }

        if (edge == HousePlan.WallEdge)
        {
            PushSegment(isVertical, line, along, along + 1, ref x, ref y, radius, ref deepest);
            return;
        }

        var (at, from, to) = Panel(plan.Doors[edge - HousePlan.FirstDoorEdge], state.Doors[edge - HousePlan.FirstDoorEdge].Opening);
        PushSegment(isVertical, at, along, along + Door.Post, ref x, ref y, radius, ref deepest);
        PushSegment(isVertical, at, from, to, ref x, ref y, radius, ref deepest);
    }

    private static void PushSegment(bool isVertical, double at, double from, double to, ref double x, ref double y, double radius, ref double deepest)
    {
        var (px, py) = isVertical ? (at, Math.Clamp(y, from, to)) : (Math.Clamp(x, from, to), at);
        PushFrom(x - px, y - py, radius, ref x, ref y, ref deepest);
    }

    private static void PushFrom(double dx, double dy, double reach, ref double x, ref double y, ref double deepest)
    {
        var square = (dx * dx) + (dy * dy);
        if (square >= reach * reach)
        {
            return;
        }

        // Exactly on a wall there is no way out of it that is better than the other.
        if (square == 0)
        {
            deepest = Math.Max(deepest, reach);
            return;
        }

        var distance = Math.Sqrt(square);
        var depth = reach - distance;
        x += dx / distance * depth;
        y += dy / distance * depth;
        deepest = Math.Max(deepest, depth);
    }
}
