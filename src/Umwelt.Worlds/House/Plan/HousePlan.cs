// A house that has been laid out: rooms as letters on a grid of one-metre cells, walls between different rooms, doors,
// things and what hangs on walls. It never changes; what moves is in the state. All arrays are read by hot loops.
namespace Umwelt.Worlds.House.Plan;

internal sealed class HousePlan
{
    public const int MostDoors = 16;
    public const int MostLamps = 8;
    public const int MostRooms = RoomThemes.Count;
    public const byte OpenEdge = 0;
    public const byte WallEdge = 1;
    public const byte FirstDoorEdge = 2;

    // Sides of a cell, as decorations are indexed: what one sees looking north, east, south, west from within it.
    public const int North = 0;
    public const int East = 1;
    public const int South = 2;
    public const int West = 3;

    public HousePlan(int width, int height, byte[] rooms, RoomTheme[] themes, Door[] doors, Thing[] things)
    {
        Width = width;
        Height = height;
        RoomOf = rooms;
        Themes = themes;
        Doors = doors;
        Things = things;
        VerticalEdges = new byte[(width + 1) * height];
        HorizontalEdges = new byte[width * (height + 1)];
        Decorations = new Decoration[width * height * 4];
        IsBlocked = new bool[width * height];
        Rugs = new byte[width * height];
        Lamps = [.. Enumerable.Range(0, things.Length).Where(i => things[i].Kind == ThingKind.Lamp)];
        Bell = Array.FindIndex(things, thing => thing.Kind == ThingKind.Bell);
        Radio = Array.FindIndex(things, thing => thing.Kind == ThingKind.Radio);
        BuildEdges();
        foreach (var thing in things)
        {
            IsBlocked[Cell(thing.X, thing.Y)] = true;
        }
    }

    public int Width { get; }

    public int Height { get; }

    /// <summary>The room of each cell, row by row.</summary>
    public byte[] RoomOf { get; }

    public RoomTheme[] Themes { get; }

    public Door[] Doors { get; }

    public Thing[] Things { get; }

    /// <summary>[row, column 0..Width]: what stands at the west side of each cell.</summary>
    public byte[] VerticalEdges { get; }

    /// <summary>[row 0..Height, column]: what stands at the north side of each cell.</summary>
    public byte[] HorizontalEdges { get; }

    /// <summary>[cell, side].</summary>
    public Decoration[] Decorations { get; }

    /// <summary>Cells in which a thing stands.</summary>
    public bool[] IsBlocked { get; }

    /// <summary>0, or 1 + rug * 9 + the part of the rug that lies in the cell.</summary>
    public byte[] Rugs { get; }

    /// <summary>The things that are lamps.</summary>
    public int[] Lamps { get; }

    public int Bell { get; }

    public int Radio { get; }

    public int Cell(double x, double y) =>
        (Math.Clamp((int)y, 0, Height - 1) * Width) + Math.Clamp((int)x, 0, Width - 1);

    public int Room(double x, double y) => RoomOf[Cell(x, y)];

    public byte VerticalEdge(int x, int y) => VerticalEdges[(y * (Width + 1)) + x];

    public byte HorizontalEdge(int x, int y) => HorizontalEdges[(y * Width) + x];

    /// <summary>What stands between a cell and its neighbour on a side.</summary>
    public byte Edge(int x, int y, int side) => side switch
    {
        North => HorizontalEdge(x, y),
        East => VerticalEdge(x + 1, y),
        South => HorizontalEdge(x, y + 1),
        _ => VerticalEdge(x, y),
    };

    /// <summary>The neighbour of a cell on a side, without asking what stands between.</summary>
    public static (int X, int Y) Neighbour(int x, int y, int side) => side switch
    {
        North => (x, y - 1),
        East => (x + 1, y),
        South => (x, y + 1),
        _ => (x - 1, y),
    };

    private void BuildEdges()
    {
        for (var y = 0; y < Height; y++)
        {
            for (var x = 0; x <= Width; x++)
            {
                var isWall = x == 0 || x == Width || RoomOf[(y * Width) + x - 1] != RoomOf[(y * Width) + x];
                VerticalEdges[(y * (Width + 1)) + x] = isWall ? WallEdge : OpenEdge;
            }
        }

        for (var y = 0; y <= Height; y++)
        {
            for (var x = 0; x < Width; x++)
            {
                var isWall = y == 0 || y == Height || RoomOf[((y - 1) * Width) + x] != RoomOf[(y * Width) + x];
                HorizontalEdges[(y * Width) + x] = isWall ? WallEdge : OpenEdge;
            }
        }

        for (var i = 0; i < Doors.Length; i++)
        {
            var door = Doors[i];
            if (door.IsVertical)
            {
                VerticalEdges[(door.Y * (Width + 1)) + door.X] = (byte)(FirstDoorEdge + i);
            }
            else
            {
                HorizontalEdges[(door.Y * Width) + door.X] = (byte)(FirstDoorEdge + i);
            }
        }
    }
}
