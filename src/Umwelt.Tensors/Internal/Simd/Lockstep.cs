// Four registers taken through the same steps side by side. A chain of dependent operations waits for each result, and a
// processor looks only so far ahead for others to do meanwhile: four chains one after the other fill that view, four side
// by side fill each other's waits. Each register gets the bits that it would get alone.
using System.Runtime.CompilerServices;

namespace Umwelt.Tensors.Internal.Simd;

internal static class Lockstep
{
    /// <summary>p = p · x + addend for each of four.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void MultiplyAdd<V>(ref V p, ref V q, ref V r, ref V s, V x, V y, V z, V w, V addend)
        where V : unmanaged, ISimd<V>
    {
        p = V.MultiplyAdd(p, x, addend);
        q = V.MultiplyAdd(q, y, addend);
        r = V.MultiplyAdd(r, z, addend);
        s = V.MultiplyAdd(s, w, addend);
    }

    /// <summary>a, held between two bounds, for each of four; NaN stays NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Bound<V>(ref V a, ref V b, ref V c, ref V d, V least, V most)
        where V : unmanaged, ISimd<V>
    {
        a = V.AtLeast(least, a);
        b = V.AtLeast(least, b);
        c = V.AtLeast(least, c);
        d = V.AtLeast(least, d);
        a = V.AtMost(most, a);
        b = V.AtMost(most, b);
        c = V.AtMost(most, c);
        d = V.AtMost(most, d);
    }
}
