// The check sum of TensorBoard's records: Castagnoli's polynomial, reflected, and the mask that keeps the sum of a text that
// holds its own sum from being trivial. Source: RFC 3720, appendix B.4.
using System.Numerics;

namespace Umwelt.Learning.Internal;

internal static class Crc32C
{
    private const uint MaskDelta = 0xa282ead8;

    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        var sum = uint.MaxValue;
        foreach (var value in bytes)
        {
            sum = BitOperations.Crc32C(sum, value);
        }

        return ~sum;
    }

    public static uint Masked(ReadOnlySpan<byte> bytes) => BitOperations.RotateRight(Of(bytes), 15) + MaskDelta;
}
