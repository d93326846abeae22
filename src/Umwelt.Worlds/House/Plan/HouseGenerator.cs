// Lays out a house from a seed: a rectangle cut again and again into rooms, a tree of doors so that every room can be
// reached, and further doors so that there are ways around. Equal seeds give equal houses.
using Umwelt.Storage;

namespace Umwelt.Worlds.House.Plan;

internal static class HouseGenerator
{
    private const int Width = 13;
    private const int Height = 12;
    private const int ShortestSide = 3;
    private const int LargestArea = 30;
    private const float FurtherDoors = 0.55f;

    public static HousePlan Make(long seed)
    {
        var random = RandomStream.Of(seed, 0x686f7573);
        var parts = Cut(ref random);
        var themes = Enumerable.Range(0, RoomThemes.Count).Select(i => (RoomTheme)i).ToArray();
        random.Shuffle<RoomTheme>(themes);
        var rooms = new byte[Width * Height];
        for (var room = 0; room < parts.Count; room++)
        {
            var (left, top, width, height) = parts[room];
            for (var y = top; y < top + height; y++)
            {
                rooms.AsSpan((y * Width) + left, width).Fill((byte)room);
            }
        }

        var doors = Connect(rooms, parts.Count, ref random);
        var chosen = themes[..parts.Count];
        var bare = new HousePlan(Width, Height, rooms, chosen, doors, []);
        var plan = new HousePlan(Width, Height, rooms, chosen, doors, Furnisher.Choose(bare, ref random));
        foreach (var (left, top, width, height) in parts)
        {
            if (random.NextSingle() < 0.5f && width >= 4 && height >= 4)
            {
                Furnisher.LayRug(plan, left + 1, top + 1, width - 2, height - 2, random.NextInt32(Furnisher.Rugs));
            }
        }

        Furnisher.Decorate(plan, seed);
        return plan;
    }

    private static List<(int Left, int Top, int Width, int Height)> Cut(ref RandomStream random)
    {
        var parts = new List<(int Left, int Top, int Width, int Height)> { (0, 0, Width, Height) };
        while (parts.Count < RoomThemes.Count)
        {
            var largest = 0;
            for (var i = 1; i < parts.Count; i++)
            {
                largest = parts[i].Width * parts[i].Height > parts[largest].Width * parts[largest].Height ? i : largest;
            }

            var (left, top, width, height) = parts[largest];
            if (parts.Count >= 5 && width * height <= LargestArea)
            {
                break;
            }

            // Across the longer side; where both are alike, chance decides.
            var isAcross = width == height ? random.NextInt32(2) == 0 : width > height;
            var length = isAcross ? width : height;
            if (length < 2 * ShortestSide)
            {
                break;
            }

            var at = ShortestSide + random.NextInt32(length - (2 * ShortestSide) + 1);
            parts[largest] = isAcross ? (left, top, at, height) : (left, top, width, at);
            parts.Add(isAcross ? (left + at, top, width - at, height) : (left, top + at, width, height - at));
        }

        return parts;
    }

    private static Door[] Connect(byte[] rooms, int count, ref RandomStream random)
    {
        var edges = new List<Door>();
        for (var y = 0; y < Height; y++)
        {
            for (var x = 0; x < Width; x++)
            {
                var room = rooms[(y * Width) + x];
                if (x > 0 && rooms[(y * Width) + x - 1] is var west && west != room)
                {
                    edges.Add(new Door(x, y, true, west, room));
                }

                if (y > 0 && rooms[((y - 1) * Width) + x] is var north && north != room)
                {
                    edges.Add(new Door(x, y, false, north, room));
                }
            }
        }

        var shuffled = edges.ToArray();
        random.Shuffle<Door>(shuffled);
        var group = Enumerable.Range(0, count).ToArray();
        var doors = new List<Door>();
        foreach (var edge in shuffled)
        {
            if (group[edge.Low] != group[edge.High])
            {
                var (from, to) = (group[edge.High], group[edge.Low]);
                for (var i = 0; i < count; i++)
                {
                    group[i] = group[i] == from ? to : group[i];
                }

                doors.Add(edge);
            }
        }

        foreach (var edge in shuffled)
        {
            var isNew = !doors.Exists(door => door.Low == edge.Low && door.High == edge.High);
            if (isNew && doors.Count < HousePlan.MostDoors && random.NextSingle() < FurtherDoors)
            {
                doors.Add(edge);
            }
        }

        return [.. doors];
    }
}
