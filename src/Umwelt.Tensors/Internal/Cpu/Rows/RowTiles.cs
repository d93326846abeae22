// How rows are shared out: a tile takes as many rows as make about 64 KB. Which rows share a tile never matters to them.
namespace Umwelt.Tensors.Internal.Cpu.Rows;

internal static class RowTiles
{
    public static int RowsPerTile(int size) => Math.Max(1, Tiles.Elements / Math.Max(1, size));

    /// <summary>
    /// Rows whose contributions to a weight gradient are summed before the chunks are: a function of the row count alone,
    /// since it fixes the order of the sum. At most 64 chunks.
    /// </summary>
    public static int RowsPerChunk(int rows) => Math.Max(16, (rows + 63) / 64);

    public static int Chunks(int rows) => (rows + RowsPerChunk(rows) - 1) / RowsPerChunk(rows);
}
