// Puts lamps, things, rugs and pictures into a house: random choices of the seed, never in front of a door and never so
// that a part of a room can't be reached.
using Umwelt.Storage;

namespace Umwelt.Worlds.House.Plan;

internal static class Furnisher
{
    /// <summary>Rugs there are.</summary>
    public const int Rugs = 2;

    private static readonly ThingKind[] s_furniture = [ThingKind.Plant, ThingKind.Chair, ThingKind.Table, ThingKind.Vase];

    /// <summary>Lays a rug of at least two by two cells.</summary>
    public static void LayRug(HousePlan plan, int left, int top, int width, int height, int rug)
    {
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                plan.Rugs[((top + y) * plan.Width) + left + x] = (byte)(1 + (rug * 9) + (Part(y, height) * 3) + Part(x, width));
            }
        }

        static int Part(int i, int length) => i == 0 ? 0 : i == length - 1 ? 2 : 1;
    }

    /// <summary>Hangs windows on outer walls and pictures, shelves and mirrors on the others.</summary>
    public static void Decorate(HousePlan plan, long seed)
    {
        var random = RandomStream.Of(seed, 0x6465636f);
        for (var y = 0; y < plan.Height; y++)
        {
            for (var x = 0; x < plan.Width; x++)
            {
                for (var side = 0; side < 4; side++)
                {
                    var chance = random.NextSingle();
                    var kind = random.NextInt32(3);
                    if (plan.Edge(x, y, side) != HousePlan.WallEdge)
                    {
                        continue;
                    }

                    var cell = (y * plan.Width) + x;
                    var (nx, ny) = HousePlan.Neighbour(x, y, side);
                    var isOuter = nx < 0 || ny < 0 || nx >= plan.Width || ny >= plan.Height;
                    var theme = plan.Themes[plan.RoomOf[cell]];
                    plan.Decorations[(cell * 4) + side] = isOuter && theme != RoomTheme.Cellar && chance < 0.3f ? Decoration.Window
                        : chance < 0.62f ? Usual(theme, kind)
                        : Decoration.None;
                }
            }
        }
    }

    /// <summary>Chooses the things of a house whose rooms and doors are laid out.</summary>
    public static Thing[] Choose(HousePlan bare, ref RandomStream random)
    {
        var things = new List<Thing>();
        var blocked = new bool[bare.Width * bare.Height];
        var rooms = bare.Themes.Length;
        var bellRoom = random.NextInt32(rooms);
        var radioRoom = random.NextInt32(rooms);
        var lamps = 0;
        for (var room = 0; room < rooms; room++)
        {
            if (lamps < HousePlan.MostLamps && (room >= rooms - 2 || random.NextSingle() < 0.8f))
            {
                lamps += Place(bare, blocked, room, ThingKind.Lamp, things, ref random) ? 1 : 0;
            }

            if (room == bellRoom)
            {
                Place(bare, blocked, room, ThingKind.Bell, things, ref random);
            }

            if (room == radioRoom)
            {
                Place(bare, blocked, room, ThingKind.Radio, things, ref random);
            }

            var cells = bare.RoomOf.Count(of => of == room);
            for (var i = 0; i < cells / 7; i++)
            {
                Place(bare, blocked, room, s_furniture[random.NextInt32(s_furniture.Length)], things, ref random);
            }
        }

        // Every house has what the rules speak of, wherever there is room for it.
        Require(ThingKind.Bell, 1, ref random);
        Require(ThingKind.Radio, 1, ref random);
        Require(ThingKind.Lamp, 2, ref random);
        return [.. things];

        void Require(ThingKind kind, int count, ref RandomStream random)
        {
            for (var i = 0; i < 1000 && things.Count(thing => thing.Kind == kind) < count; i++)
            {
                Place(bare, blocked, random.NextInt32(rooms), kind, things, ref random);
            }
        }
    }

    private static Decoration Usual(RoomTheme theme, int kind) => theme switch
    {
        RoomTheme.Kitchen => kind == 0 ? Decoration.Clock : Decoration.Cupboard,
        RoomTheme.Library => kind == 0 ? Decoration.Portrait : Decoration.Books,
        RoomTheme.Bathroom => kind == 0 ? Decoration.Cupboard : Decoration.Mirror,
        RoomTheme.Cellar => Decoration.None,
        RoomTheme.Hall => kind == 0 ? Decoration.Mirror : kind == 1 ? Decoration.Portrait : Decoration.Clock,
        _ => kind == 0 ? Decoration.Landscape : kind == 1 ? Decoration.Seascape : Decoration.Portrait,
    };

    private static bool Place(HousePlan plan, bool[] blocked, int room, ThingKind kind, List<Thing> things, ref RandomStream random)
    {
        for (var attempt = 0; attempt < 24; attempt++)
        {
            var cell = random.NextInt32(blocked.Length);
            int x = cell % plan.Width, y = cell / plan.Width;
            if (plan.RoomOf[cell] != room || blocked[cell])
            {
                continue;
            }

            float shiftX = 0, shiftY = 0;
            var isAtDoor = false;
            for (var side = 0; side < 4; side++)
            {
                var edge = plan.Edge(x, y, side);
                isAtDoor |= edge >= HousePlan.FirstDoorEdge;
                if (edge == HousePlan.WallEdge)
                {
                    shiftX += side == HousePlan.East ? 0.12f : side == HousePlan.West ? -0.12f : 0;
                    shiftY += side == HousePlan.South ? 0.12f : side == HousePlan.North ? -0.12f : 0;
                }
            }

            if (isAtDoor || (shiftX == 0 && shiftY == 0))
            {
                continue;
            }

            blocked[cell] = true;
            if (IsWhole(plan, blocked, room))
            {
                things.Add(new Thing(kind, x + 0.5f + shiftX, y + 0.5f + shiftY));
                return true;
            }

            blocked[cell] = false;
        }

        return false;
    }

    // Whether one can walk between all free cells of a room without leaving it.
    private static bool IsWhole(HousePlan plan, bool[] blocked, int room)
    {
        var seen = new bool[blocked.Length];
        var queue = new Queue<int>();
        var free = 0;
        for (var cell = 0; cell < blocked.Length; cell++)
        {
            if (plan.RoomOf[cell] == room && !blocked[cell])
            {
                free++;
                if (queue.Count == 0 && free == 1)
                {
                    queue.Enqueue(cell);
                    seen[cell] = true;
                }
            }
        }

        var reached = 0;
        while (queue.TryDequeue(out var cell))
        {
            reached++;
            for (var side = 0; side < 4; side++)
            {
                if (plan.Edge(cell % plan.Width, cell / plan.Width, side) == HousePlan.OpenEdge)
                {
                    var (x, y) = HousePlan.Neighbour(cell % plan.Width, cell / plan.Width, side);
                    var next = (y * plan.Width) + x;
                    if (!seen[next] && !blocked[next])
                    {
                        seen[next] = true;
                        queue.Enqueue(next);
                    }
                }
            }
        }

        return free > 0 && reached == free;
    }
}
