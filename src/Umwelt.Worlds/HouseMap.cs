// A house as one draws it on paper: for minimaps, planners and judges. It is the plan alone; what moves is in the truth.
using System.Collections.Immutable;
using Umwelt.Worlds.House.Plan;

namespace Umwelt.Worlds;

/// <summary>The rooms, walls, doors and things of a house, in metres.</summary>
public sealed class HouseMap
{
    private readonly HousePlan _plan;

    internal HouseMap(HousePlan plan)
    {
        _plan = plan;
        Rooms = [.. plan.Themes.Select(theme => theme.Name())];
        Doors = [.. plan.Doors.Select(door => new HouseDoor(door.X, door.Y, door.IsVertical ? door.X : door.X + 1, door.IsVertical ? door.Y + 1 : door.Y, door.Low, door.High))];
        Things = [.. plan.Things.Select(thing => new HouseThing(Name(thing.Kind), thing.X, thing.Y))];
        Lamps = [.. plan.Lamps];
        var walls = ImmutableArray.CreateBuilder<HouseWall>();
        for (var y = 0; y <= plan.Height; y++)
        {
            for (var x = 0; x <= plan.Width; x++)
            {
                if (y < plan.Height && plan.VerticalEdge(x, y) == HousePlan.WallEdge)
                {
                    walls.Add(new HouseWall(x, y, x, y + 1));
                }

                if (x < plan.Width && plan.HorizontalEdge(x, y) == HousePlan.WallEdge)
                {
                    walls.Add(new HouseWall(x, y, x + 1, y));
                }
            }
        }

        Walls = walls.ToImmutable();
    }

    /// <summary>Metres from west to east.</summary>
    public int Width => _plan.Width;

    /// <summary>Metres from north to south.</summary>
    public int Height => _plan.Height;

    /// <summary>The rooms' names, as the voice says them.</summary>
    public ImmutableArray<string> Rooms { get; }

    /// <summary>Walls, a metre each.</summary>
    public ImmutableArray<HouseWall> Walls { get; }

    /// <summary>Doors.</summary>
    public ImmutableArray<HouseDoor> Doors { get; }

    /// <summary>Things that keep their place.</summary>
    public ImmutableArray<HouseThing> Things { get; }

    /// <summary>Which of the things are lamps.</summary>
    public ImmutableArray<int> Lamps { get; }

    /// <summary>The room at a place.</summary>
    public int RoomAt(double x, double y) => _plan.Room(x, y);

    /// <summary>Whether a body could stand at a place if all doors were closed.</summary>
    public bool IsFree(double x, double y)
    {
        var state = default(House.HouseState);
        return x > 0 && y > 0 && x < Width && y < Height && House.HousePhysics.Overlap(_plan, ref state, x, y, House.HousePhysics.BodyRadius) == 0;
    }

    private static string Name(ThingKind kind) => kind switch
    {
        ThingKind.Lamp => "lamp",
        ThingKind.Bell => "bell",
        ThingKind.Radio => "radio",
        ThingKind.Plant => "plant",
        ThingKind.Table => "table",
        ThingKind.Chair => "chair",
        _ => "vase",
    };
}

/// <summary>A metre of wall from one point to another.</summary>
public readonly record struct HouseWall(int X0, int Y0, int X1, int Y1);

/// <summary>A door between two rooms, from one point to another; its panel slides towards the second.</summary>
public readonly record struct HouseDoor(int X0, int Y0, int X1, int Y1, int Room, int OtherRoom);

/// <summary>A thing at a place.</summary>
public readonly record struct HouseThing(string Kind, float X, float Y);
