// Rows into columns: queries become vector lanes once a tile, so that every later product reads them in order.
// Values are moved, at most multiplied by one factor; blocks of four by four go through registers where there are any.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Umwelt.Tensors.Internal.Cpu.Attention;

internal static unsafe class Transposition
{
    /// <summary>destination[d * pitch + r] = rows[r][d] * factor for four rows of <paramref name="size"/> values.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void FourRows(float* row0, float* row1, float* row2, float* row3, int size, float factor, float* destination, int pitch)
    {
        var d = 0;
        if (Sse.IsSupported)
        {
            var scale = Vector128.Create(factor);
            for (; d <= size - 4; d += 4)
            {
                var a = Vector128.Load(row0 + d) * scale;
                var b = Vector128.Load(row1 + d) * scale;
                var c = Vector128.Load(row2 + d) * scale;
                var e = Vector128.Load(row3 + d) * scale;
                var abLow = Sse.UnpackLow(a, b);
                var abHigh = Sse.UnpackHigh(a, b);
                var ceLow = Sse.UnpackLow(c, e);
                var ceHigh = Sse.UnpackHigh(c, e);
                var to = destination + (d * pitch);
                Sse.MoveLowToHigh(abLow, ceLow).Store(to);
                Sse.MoveHighToLow(ceLow, abLow).Store(to + pitch);
                Sse.MoveLowToHigh(abHigh, ceHigh).Store(to + (2 * pitch));
                Sse.MoveHighToLow(ceHigh, abHigh).Store(to + (3 * pitch));
            }
        }

        for (; d < size; d++)
        {
            var to = destination + (d * pitch);
            to[0] = row0[d] * factor;
            to[1] = row1[d] * factor;
            to[2] = row2[d] * factor;
            to[3] = row3[d] * factor;
        }
    }
}
