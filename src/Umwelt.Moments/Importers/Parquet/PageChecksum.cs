// The CRC-32 of a page (the one of gzip and PNG), which writers may add and which is then checked.
namespace Umwelt.Moments.Importers.Parquet;

internal static class PageChecksum
{
    private static readonly uint[] Table = MakeTable();

    /// <summary>Continues a checksum, which begins at 0, over more bytes.</summary>
    public static uint Of(uint checksum, ReadOnlySpan<byte> bytes)
    {
        var rest = ~checksum;
        foreach (var b in bytes)
        {
            rest = Table[(byte)rest ^ b] ^ (rest >> 8);
        }

        return ~rest;
    }

    private static uint[] MakeTable()
    {
        var table = new uint[256];
        for (var i = 0u; i < 256; i++)
        {
            table[i] = i;
            for (var bit = 0; bit < 8; bit++)
            {
                table[i] = (table[i] & 1) != 0 ? (table[i] >> 1) ^ 0xEDB88320u : table[i] >> 1;
            }
        }

        return table;
    }
}
