// CRC-32C (Castagnoli) of a tensor's bytes: what tells a flipped bit from data, which the lengths of a file can't.
// The processor's own instruction where there is one.
using System.Numerics;
using System.Runtime.InteropServices;

namespace Umwelt.Moments.Internal.Recordings;

internal static class Checksum
{
    public static uint Of(ReadOnlySpan<byte> bytes) => ~Add(uint.MaxValue, bytes);

    /// <summary>Goes on with a sum that began as all ones; the checksum is the complement of the last.</summary>
    public static uint Add(uint sum, ReadOnlySpan<byte> bytes)
    {
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (var word in words)
        {
            sum = BitOperations.Crc32C(sum, word);
        }

        foreach (var value in bytes[(words.Length * sizeof(ulong))..])
        {
            sum = BitOperations.Crc32C(sum, value);
        }

        return sum;
    }
}
