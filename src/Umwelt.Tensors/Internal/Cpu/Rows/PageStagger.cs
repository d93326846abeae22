// Where scratch rows lie within their pages. Processors that at first take two addresses a multiple of a page apart for the
// same one delay a load behind a store to its double; so what a loop writes lies a quarter page off what it reads.
namespace Umwelt.Tensors.Internal.Cpu.Rows;

internal static unsafe class PageStagger
{
    /// <summary>Floats that <see cref="Off"/> may skip: a page of 4 KB.</summary>
    public const int Room = 1024;

    private const int Quarter = Room / 4;

    /// <summary>The first place in scratch memory, aligned to 64 bytes, a quarter page off the row that is read, or at most 60 bytes less.</summary>
    public static float* Off(float* read, float* scratch)
    {
        var bytes = ((nuint)read + (Quarter * sizeof(float)) - (nuint)scratch) & ((Room * sizeof(float)) - 1) & ~(nuint)63;
        return scratch + (bytes / sizeof(float));
    }

    /// <summary>The same half a page off, for a row that is written beside two that are read.</summary>
    public static float* HalfOff(float* read, float* scratch) => Off(read + Quarter, scratch);

    /// <summary>Floats from one scratch row to the next: whole pages and a quarter.</summary>
    public static int Stride(int size) => ((size + Room - 1) / Room * Room) + Quarter;
}
