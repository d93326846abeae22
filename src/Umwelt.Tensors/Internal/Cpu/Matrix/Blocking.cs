// The sizes by which products are cut, found by measurement on processors with 32 KiB and 1 MiB of private cache. They
// change speed only: no sum depends on them, since chains are carried through C.
namespace Umwelt.Tensors.Internal.Cpu.Matrix;

internal static class Blocking
{
    /// <summary>About how many steps of k lie between visits to C: the rows of A under way stay in the first cache.</summary>
    public const int Steps = 512;

    /// <summary>Panels of B that a tile passes its rows over; more would leave the second cache.</summary>
    public const int TilePanels = 24;

    /// <summary>With so many panels a worker, one more or less is no matter.</summary>
    public const int EvenPanels = 8;

    /// <summary>With no more rows than this, B with neighbouring columns is read in place: packing would not pay.</summary>
    public const int DirectRows = 96;

    /// <summary>Rows below which a tile is not cut further: each tile reads its panels of B anew.</summary>
    public const int TileRows = 24;

    /// <summary>Tiles a worker at most, so that a late or disturbed one leaves little behind.</summary>
    public const int TilesPerWorker = 8;

    /// <summary>Multiply-adds that are worth a tile of their own, about 70 µs.</summary>
    public const int TileWork = 4_000_000;

    /// <summary>Multiply-adds below which one thread is faster than a hand-over, about 2 µs.</summary>
    public const int ParallelWork = 100_000;

    /// <summary>A's rows this many elements apart (1 KiB) compete for the same lines of the first cache.</summary>
    public const int CompetingStride = 256;

    /// <summary>Groups of rows that are packed together where A is transposed, so that whole cache lines are used.</summary>
    public const int TransposedGroups = 8;
}
