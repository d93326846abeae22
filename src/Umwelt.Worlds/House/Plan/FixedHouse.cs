// The one house that is always the same: seven rooms, ten doors, several ways around. Made once, shared by all.
namespace Umwelt.Worlds.House.Plan;

internal static class FixedHouse
{
    private static readonly string[] s_map =
    [
        "BBBBBRRRRKKKK",
        "BBBBBRRRRKKKK",
        "BBBBBRRRRKKKK",
        "BBBBBRRRRKKKK",
        "BBBBBRRRRHHHH",
        "HHHHHHHHHHHHH",
        "HHHHHHHHHHHHH",
        "GGGGLLLLLHHHH",
        "GGGGLLLLLWWWW",
        "GGGGLLLLLWWWW",
        "GGGGLLLLLWWWW",
        "GGGGLLLLLWWWW",
    ];

    private static readonly Lazy<HousePlan> s_plan = new(Make);

    public static HousePlan Plan => s_plan.Value;

    private static HousePlan Make()
    {
        const string letters = "HBRGKLW";
        RoomTheme[] themes = [RoomTheme.Hall, RoomTheme.Blue, RoomTheme.Red, RoomTheme.Green, RoomTheme.Kitchen, RoomTheme.Library, RoomTheme.Bathroom];
        var width = s_map[0].Length;
        var rooms = s_map.SelectMany(row => row.Select(letter => (byte)letters.IndexOf(letter, StringComparison.Ordinal))).ToArray();
        (int X, int Y, bool IsVertical)[] doors =
        [
            (5, 2, true), (9, 1, true), (2, 5, false), (7, 5, false), (11, 4, false),
            (1, 7, false), (6, 7, false), (4, 9, true), (9, 10, true), (11, 8, false),
        ];
        Thing[] things =
        [
            new(ThingKind.Lamp, 0.4f, 0.4f), new(ThingKind.Plant, 4.5f, 0.45f), new(ThingKind.Table, 2.5f, 1.6f), new(ThingKind.Chair, 0.5f, 3.5f),
            new(ThingKind.Lamp, 8.55f, 4.55f), new(ThingKind.Radio, 5.5f, 0.45f), new(ThingKind.Chair, 6.5f, 2.5f), new(ThingKind.Vase, 5.4f, 4.6f),
            new(ThingKind.Lamp, 12.6f, 0.4f), new(ThingKind.Table, 10.6f, 1.6f), new(ThingKind.Plant, 9.45f, 3.5f),
            new(ThingKind.Bell, 4.5f, 5.45f), new(ThingKind.Plant, 0.45f, 5.5f), new(ThingKind.Lamp, 12.55f, 5.5f), new(ThingKind.Chair, 9.5f, 7.5f),
            new(ThingKind.Lamp, 0.4f, 11.6f), new(ThingKind.Chair, 3.5f, 11.5f), new(ThingKind.Plant, 3.5f, 7.5f), new(ThingKind.Table, 1.6f, 9.5f),
            new(ThingKind.Lamp, 8.6f, 7.4f), new(ThingKind.Table, 6.5f, 9.5f), new(ThingKind.Chair, 4.5f, 11.5f), new(ThingKind.Vase, 8.55f, 11.6f),
            new(ThingKind.Lamp, 12.6f, 11.6f), new(ThingKind.Plant, 9.45f, 8.45f), new(ThingKind.Vase, 10.5f, 11.55f),
        ];
        var plan = new HousePlan(
            width,
            s_map.Length,
            rooms,
            themes,
            [.. doors.Select(door => new Door(door.X, door.Y, door.IsVertical, Room(door.X - (door.IsVertical ? 1 : 0), door.Y - (door.IsVertical ? 0 : 1)), Room(door.X, door.Y)))],
            things);
        Furnisher.LayRug(plan, 1, 1, 3, 3, 0);
        Furnisher.LayRug(plan, 5, 8, 3, 3, 1);
        Furnisher.LayRug(plan, 6, 1, 2, 3, 1);
        Furnisher.LayRug(plan, 5, 5, 4, 2, 0);
        Furnisher.Decorate(plan, 7);
        return plan;

        int Room(int x, int y) => rooms[(y * width) + x];
    }
}
