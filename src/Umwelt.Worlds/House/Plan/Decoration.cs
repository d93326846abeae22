// What hangs on or stands against one metre of wall, on one side of it.
namespace Umwelt.Worlds.House.Plan;

internal enum Decoration : byte
{
    None,
    Window,
    Landscape,
    Seascape,
    Portrait,
    Books,
    Mirror,
    Cupboard,
    Clock,
}

internal static class Decorations
{
    public const int Count = 9;
}
