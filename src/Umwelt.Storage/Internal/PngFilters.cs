// The five row filters of PNG (specification, section 9): each predicts a byte from its left, upper and upper-left neighbours.
// Doing works on originals and is vectorised; undoing is a recurrence along the row. Arithmetic is modulo 256.
using System.Numerics;
using System.Runtime.InteropServices;

namespace Umwelt.Storage.Internal;

internal static class PngFilters
{
    /// <summary>Turns a filtered row back into samples in place; false for a filter that does not exist.</summary>
    public static bool Undo(int filter, Span<byte> row, ReadOnlySpan<byte> above, int pixelBytes)
    {
        switch (filter)
        {
            case 0:
                return true;
            case 1:
                for (var i = pixelBytes; i < row.Length; i++)
                {
                    row[i] += row[i - pixelBytes];
                }

                return true;
            case 2:
                for (var i = 0; i < row.Length; i++)
                {
                    row[i] += above[i];
                }

                return true;
            case 3:
                for (var i = 0; i < row.Length; i++)
                {
                    row[i] += (byte)(((i < pixelBytes ? 0 : row[i - pixelBytes]) + above[i]) >> 1);
                }

                return true;
            case 4:
                for (var i = 0; i < Math.Min(pixelBytes, row.Length); i++)
                {
                    row[i] += above[i];
                }

                for (var i = pixelBytes; i < row.Length; i++)
                {
                    row[i] += Paeth(row[i - pixelBytes], above[i], above[i - pixelBytes]);
                }

                return true;
            default:
                return false;
        }
    }

    /// <summary>
    /// Filters a row. <paramref name="row"/> and <paramref name="above"/> have <paramref name="pixelBytes"/> zeros before the
    /// samples, so that every byte has its neighbours. Returns the sum of the differences taken as signed bytes, without their signs.
    /// </summary>
    public static long Do(int filter, ReadOnlySpan<byte> row, ReadOnlySpan<byte> above, int pixelBytes, Span<byte> destination)
    {
        var left = row[..destination.Length];
        var upperLeft = above[..destination.Length];
        var here = row.Slice(pixelBytes, destination.Length);
        var up = above.Slice(pixelBytes, destination.Length);
        var i = 0;
        var sum = 0L;
        for (; i <= destination.Length - Vector<byte>.Count; i += Vector<byte>.Count)
        {
            var x = new Vector<byte>(here[i..]);
            var a = new Vector<byte>(left[i..]);
            var b = new Vector<byte>(up[i..]);
            var c = new Vector<byte>(upperLeft[i..]);
            var difference = x - Predict(filter, a, b, c);
            difference.CopyTo(destination[i..]);
            sum += Vector.Sum(WideSum(Vector.Min(difference, Vector<byte>.Zero - difference)));
        }

        for (; i < destination.Length; i++)
        {
            var predicted = filter switch
            {
                0 => 0,
                1 => left[i],
                2 => up[i],
                3 => (left[i] + up[i]) >> 1,
                _ => Paeth(left[i], up[i], upperLeft[i]),
            };
            var difference = (byte)(here[i] - predicted);
            destination[i] = difference;
            sum += Math.Min(difference, (byte)-difference);
        }

        return sum;
    }

    private static Vector<uint> WideSum(Vector<byte> bytes)
    {
        Vector.Widen(bytes, out var low, out var high);
        Vector.Widen(low + high, out var first, out var second);
        return first + second;
    }

    private static Vector<byte> Predict(int filter, Vector<byte> a, Vector<byte> b, Vector<byte> c)
    {
        switch (filter)
        {
            case 0:
                return Vector<byte>.Zero;
            case 1:
                return a;
            case 2:
                return b;
            case 3:
                // The average rounded down, without a ninth bit.
                return (a & b) + (((a ^ b) >>> 1) & new Vector<byte>(0x7F));
            default:
                // With p = a + b - c the distances are |b - c|, |a - c| and |a + b - 2c|. Where a and b lie on the same side of c
                // the third is their sum and never the least; else it is their difference.
                var toA = Vector.Max(b, c) - Vector.Min(b, c);
                var toB = Vector.Max(a, c) - Vector.Min(a, c);
                var sameSide = Vector.Equals(Vector.GreaterThanOrEqual(a, c), Vector.GreaterThanOrEqual(b, c));
                var toC = sameSide | (Vector.Max(toA, toB) - Vector.Min(toA, toB));
                var takeA = Vector.LessThanOrEqual(toA, Vector.Min(toB, toC));
                return Vector.ConditionalSelect(takeA, a, Vector.ConditionalSelect(Vector.LessThanOrEqual(toB, toC), b, c));
        }
    }

    private static byte Paeth(int a, int b, int c)
    {
        int toA = Math.Abs(b - c), toB = Math.Abs(a - c), toC = Math.Abs(a + b - (2 * c));
        return (byte)(toA <= toB && toA <= toC ? a : toB <= toC ? b : c);
    }
}
