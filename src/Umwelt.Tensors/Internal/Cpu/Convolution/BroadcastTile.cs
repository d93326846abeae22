// The register tile under every convolution: rows of a product with a broadcast source value on one side and registers
// of factors on the other. An output is one chain of multiply-adds over (segment, index) from its initial value, so it
// does not depend on the row of the tile it sits in. Fixed numbers of rows, since registers cannot be indexed.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Internal.Cpu.Convolution;

/// <summary>
/// At step i a row's source value lies Offsets[i] bytes after its pointer, and the factors FactorStep bytes after the last.
/// The offsets are one table for all rows: a single flat loop keeps every accumulator in its register.
/// </summary>
internal unsafe partial struct BroadcastTile
{
    public const int MaximumRows = 8;
    public const int MaximumRegisters = 3;
    public float** Sources;
    public float** Destinations;
    public int* Offsets;
    public float* Factors;
    public float* Initial;

    /// <summary>Room for the sums of a tile: were it allocated after the loop, the clearing call would evict every register.</summary>
    public float* Results;
    public nint FactorStep;
    public int Steps;

    /// <summary>Whether sums start from Initial (one row for all); otherwise they go on from whole registers at Destinations.</summary>
    public bool IsFresh;

    /// <summary>Whether every row computed is written, and in whole registers.</summary>
    public bool IsWhole;

    /// <summary>Rows that are written; the others repeat the last one.</summary>
    public int Rows;

    /// <summary>Floats that are written in each row.</summary>
    public int Lanes;

    /// <summary>Rows a tile computes at once: what the tier's registers hold.</summary>
    public static int RowsAtOnce<V>()
        where V : unmanaged, ISimd<V> => V.Count == 16 ? 8 : 4;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<V>(ref BroadcastTile tile, int registers)
        where V : unmanaged, ISimd<V>
    {
        if (V.Count == 16 && tile.Rows > 4)
        {
            tile.IsWhole = tile.Rows == 8 && tile.Lanes == registers * V.Count;
            switch (registers)
            {
                case 1:
                    Rows8Registers1<V>(tile);
                    return;
                case 2:
                    Rows8Registers2<V>(tile);
                    return;
                default:
                    Rows8Registers3<V>(tile);
                    return;
            }
        }

        tile.IsWhole = tile.Rows == 4 && tile.Lanes == registers * V.Count;
        switch (registers)
        {
            case 1:
                Rows4Registers1<V>(tile);
                return;
            case 2:
                Rows4Registers2<V>(tile);
                return;
            default:
                Rows4Registers3<V>(tile);
                return;
        }
    }

    private static void Store<V>(in BroadcastTile tile, V* results, int registers)
        where V : unmanaged, ISimd<V>
    {
        for (var row = 0; row < tile.Rows; row++)
        {
            var destination = tile.Destinations[row];
            var lanes = tile.Lanes;
            for (var register = 0; register < registers; register++, lanes -= V.Count)
            {
                var value = results[(row * registers) + register];
                if (lanes >= V.Count)
                {
                    V.Store(value, destination + (register * V.Count));
                }
                else
                {
                    V.StorePartial(value, destination + (register * V.Count), lanes);
                }
            }
        }
    }
}
