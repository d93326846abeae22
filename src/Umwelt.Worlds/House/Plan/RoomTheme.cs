// What a room is: its name as it is said and written, and so the look of its walls, floor and ceiling. Themes are the
// order of textures in the atlas and of words in the voice; every house picks from them, each at most once.
namespace Umwelt.Worlds.House.Plan;

internal enum RoomTheme : byte
{
    Hall,
    Blue,
    Red,
    Green,
    Kitchen,
    Library,
    Bathroom,
    Yellow,
    Violet,
    Cellar,
}

internal static class RoomThemes
{
    public const int Count = 10;

    private static readonly string[] s_names =
    [
        "the hall", "the blue room", "the red room", "the green room", "the kitchen",
        "the library", "the bathroom", "the yellow room", "the violet room", "the cellar",
    ];

    private static readonly byte[][] s_utf8 = [.. s_names.Select(System.Text.Encoding.UTF8.GetBytes)];

    /// <summary>The name as it is spoken and written, such as "the blue room".</summary>
    public static string Name(this RoomTheme theme) => s_names[(int)theme];

    /// <summary>The name as UTF-8.</summary>
    public static ReadOnlySpan<byte> Utf8(this RoomTheme theme) => s_utf8[(int)theme];
}
