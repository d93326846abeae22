// The plan of a house as JSON, for minimaps: rooms as rectangles of whole metres with a colour each, walls, doors and things.
using System.Text.Json;
using Umwelt.Worlds;

namespace Umwelt.Server.Internal.Play;

internal static class MapJson
{
    public static void Write(Utf8JsonWriter json, HouseMap map)
    {
        json.WriteStartObject();
        json.WriteNumber("width"u8, map.Width);
        json.WriteNumber("height"u8, map.Height);
        json.WriteStartArray("rooms"u8);
        for (var room = 0; room < map.Rooms.Length; room++)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, map.Rooms[room]);
            json.WriteString("colour"u8, Colour(map.Rooms[room]));
            json.WriteStartArray("rectangles"u8);
            foreach (var (x, y, width, height) in Rectangles(map, room))
            {
                json.WriteStartObject();
                json.WriteNumber("x"u8, x);
                json.WriteNumber("y"u8, y);
                json.WriteNumber("width"u8, width);
                json.WriteNumber("height"u8, height);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("walls"u8);
        foreach (var wall in map.Walls)
        {
            json.WriteStartObject();
            WriteLine(json, wall.X0, wall.Y0, wall.X1, wall.Y1);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("doors"u8);
        foreach (var door in map.Doors)
        {
            json.WriteStartObject();
            WriteLine(json, door.X0, door.Y0, door.X1, door.Y1);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("things"u8);
        foreach (var thing in map.Things)
        {
            json.WriteStartObject();
            json.WriteString("kind"u8, thing.Kind);
            json.WriteNumber("x"u8, Math.Round(thing.X, 3));
            json.WriteNumber("y"u8, Math.Round(thing.Y, 3));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("lamps"u8);
        foreach (var lamp in map.Lamps)
        {
            json.WriteNumberValue(lamp);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteLine(Utf8JsonWriter json, int x0, int y0, int x1, int y1)
    {
        json.WriteNumber("x0"u8, x0);
        json.WriteNumber("y0"u8, y0);
        json.WriteNumber("x1"u8, x1);
        json.WriteNumber("y1"u8, y1);
    }

    /// <summary>A room's floor: runs along each row, joined to equal runs below.</summary>
    private static List<(int X, int Y, int Width, int Height)> Rectangles(HouseMap map, int room)
    {
        var rectangles = new List<(int X, int Y, int Width, int Height)>();
        for (var y = 0; y < map.Height; y++)
        {
            for (var x = 0; x < map.Width; x++)
            {
                if (map.RoomAt(x + 0.5, y + 0.5) != room)
                {
                    continue;
                }

                var start = x;
                while (x < map.Width && map.RoomAt(x + 0.5, y + 0.5) == room)
                {
                    x++;
                }

                var above = rectangles.FindIndex(other => other.X == start && other.Width == x - start && other.Y + other.Height == y);
                if (above >= 0)
                {
                    rectangles[above] = rectangles[above] with { Height = rectangles[above].Height + 1 };
                }
                else
                {
                    rectangles.Add((start, y, x - start, 1));
                }
            }
        }

        return rectangles;
    }

    // Near the walls' own colours, and light enough to draw on.
    private static string Colour(string room) => room switch
    {
        "the hall" => "#d9cdb4",
        "the blue room" => "#7fa3d8",
        "the red room" => "#d98a80",
        "the green room" => "#8fbf87",
        "the kitchen" => "#e6d9a2",
        "the library" => "#b08d68",
        "the bathroom" => "#a5d3d6",
        "the yellow room" => "#e8cf6a",
        "the violet room" => "#b595cf",
        "the cellar" => "#9a9a9a",
        _ => "#cccccc",
    };
}
