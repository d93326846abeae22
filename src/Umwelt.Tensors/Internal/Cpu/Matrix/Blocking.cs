namespace Umwelt.Tensors.Internal.Cpu.Matrix;
internal static class Blocking
{
    static int E(string n, int d) => int.TryParse(Environment.GetEnvironmentVariable(n), out var v) ? v : d;
    public static int Steps = E("G_STEPS", 512);
    public static int MaxPanels = E("G_PANELS", 24);
    public static int DirectRows = E("G_DIRECT", 96);
    public static int LocalRows = E("G_LOCAL", 96);
    public static int PackAMin = E("G_PACKA", 0); // 0: by stride, 1: always, 2: never
    public static int TilesPerThread = E("G_TILES", 8);
    public static int MinRows = E("G_MINROWS", 24);
    public static int TileWork = E("G_TILEWORK", 300000);
    public static int ParallelWork = E("G_PARWORK", 100000);
}
