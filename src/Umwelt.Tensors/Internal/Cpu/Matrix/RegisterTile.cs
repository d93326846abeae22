// The register tile of the matrix product: up to twelve rows by two vectors of C live in registers while k runs.
// Packed and plain operands differ only in strides, so this one kernel serves both; the convolution uses it as well.
// Law: each element of C is one chain of fused multiply-adds in k order, whatever the number of rows beside it.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Internal.Cpu.Matrix;

internal static unsafe class RegisterTile
{
    /// <summary>Rows of a full tile: two vectors a row, as many as the registers of the tier hold.</summary>
    public static int MaxRows => SimdTier.Has512 || System.Runtime.Intrinsics.Arm.AdvSimd.IsSupported ? 12 : 6;

    /// <summary>
    /// C[i, 0..2V) = (carry ? C : 0) + sum over k of A[i, k] * B[k, 0..2V) for i in [0, rows), 1 ≤ rows ≤ MaxRows.
    /// A[i, k] lies at a + i * aRow + k * aStep, B[k, j] at b + k * bStep + j, C[i, j] at c + i * cRow + j.
    /// </summary>
    public static void Run<V>(int rows, float* a, nint aRow, nint aStep, float* b, nint bStep, float* c, nint cRow, nint k, bool carry)
        where V : unmanaged, ISimd<V>
    {
        switch (rows)
        {
            case 1: Run<V, Rows1>(a, aRow, aStep, b, bStep, c, cRow, k, carry); break;
            case 2: Run<V, Rows2>(a, aRow, aStep, b, bStep, c, cRow, k, carry); break;
            case 3: Run<V, Rows3>(a, aRow, aStep, b, bStep, c, cRow, k, carry); break;
            case 4: Run<V, Rows4>(a, aRow, aStep, b, bStep, c, cRow, k, carry); break;
            case 5: Run<V, Rows5>(a, aRow, aStep, b, bStep, c, cRow, k, carry); break;
            case 6: Run<V, Rows6>(a, aRow, aStep, b, bStep, c, cRow, k, carry); break;
            case 7: Run<V, Rows7>(a, aRow, aStep, b, bStep, c, cRow, k, carry); break;
            case 8: Run<V, Rows8>(a, aRow, aStep, b, bStep, c, cRow, k, carry); break;
            case 9: Run<V, Rows9>(a, aRow, aStep, b, bStep, c, cRow, k, carry); break;
            case 10: Run<V, Rows10>(a, aRow, aStep, b, bStep, c, cRow, k, carry); break;
            case 11: Run<V, Rows11>(a, aRow, aStep, b, bStep, c, cRow, k, carry); break;
            case 12: Run<V, Rows12>(a, aRow, aStep, b, bStep, c, cRow, k, carry); break;
            default: throw new ArgumentOutOfRangeException(nameof(rows));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run<V, R>(float* a, nint aRow, nint aStep, float* b, nint bStep, float* c, nint cRow, nint k, bool carry)
        where V : unmanaged, ISimd<V>
        where R : IRowCount
    {
        V c0L = V.Zero, c0R = V.Zero;
        V c1L = V.Zero, c1R = V.Zero;
        V c2L = V.Zero, c2R = V.Zero;
        V c3L = V.Zero, c3R = V.Zero;
        V c4L = V.Zero, c4R = V.Zero;
        V c5L = V.Zero, c5R = V.Zero;
        V c6L = V.Zero, c6R = V.Zero;
        V c7L = V.Zero, c7R = V.Zero;
        V c8L = V.Zero, c8R = V.Zero;
        V c9L = V.Zero, c9R = V.Zero;
        V c10L = V.Zero, c10R = V.Zero;
        V c11L = V.Zero, c11R = V.Zero;
        var v = V.Count;
        if (carry)
        {
            if (R.Count > 0) { c0L = V.Load(c + (0 * cRow)); c0R = V.Load(c + (0 * cRow) + v); }
            if (R.Count > 1) { c1L = V.Load(c + (1 * cRow)); c1R = V.Load(c + (1 * cRow) + v); }
            if (R.Count > 2) { c2L = V.Load(c + (2 * cRow)); c2R = V.Load(c + (2 * cRow) + v); }
            if (R.Count > 3) { c3L = V.Load(c + (3 * cRow)); c3R = V.Load(c + (3 * cRow) + v); }
            if (R.Count > 4) { c4L = V.Load(c + (4 * cRow)); c4R = V.Load(c + (4 * cRow) + v); }
            if (R.Count > 5) { c5L = V.Load(c + (5 * cRow)); c5R = V.Load(c + (5 * cRow) + v); }
            if (R.Count > 6) { c6L = V.Load(c + (6 * cRow)); c6R = V.Load(c + (6 * cRow) + v); }
            if (R.Count > 7) { c7L = V.Load(c + (7 * cRow)); c7R = V.Load(c + (7 * cRow) + v); }
            if (R.Count > 8) { c8L = V.Load(c + (8 * cRow)); c8R = V.Load(c + (8 * cRow) + v); }
            if (R.Count > 9) { c9L = V.Load(c + (9 * cRow)); c9R = V.Load(c + (9 * cRow) + v); }
            if (R.Count > 10) { c10L = V.Load(c + (10 * cRow)); c10R = V.Load(c + (10 * cRow) + v); }
            if (R.Count > 11) { c11L = V.Load(c + (11 * cRow)); c11R = V.Load(c + (11 * cRow) + v); }
        }

        // Four row pointers and two strides reach twelve rows through address modes alone.
        var aRow2 = aRow * 2;
        var a3 = a + (aRow * 3);
        var a6 = a + (aRow * 6);
        var a9 = a + (aRow * 9);
        for (; k > 0; k--)
        {
            var left = V.Load(b);
            var right = V.Load(b + v);
            b += bStep;
            V x;
            if (R.Count > 0) { x = V.Broadcast(*a); c0L = V.MultiplyAdd(x, left, c0L); c0R = V.MultiplyAdd(x, right, c0R); }
            if (R.Count > 1) { x = V.Broadcast(*(a + aRow)); c1L = V.MultiplyAdd(x, left, c1L); c1R = V.MultiplyAdd(x, right, c1R); }
            if (R.Count > 2) { x = V.Broadcast(*(a + aRow2)); c2L = V.MultiplyAdd(x, left, c2L); c2R = V.MultiplyAdd(x, right, c2R); }
            if (R.Count > 3) { x = V.Broadcast(*a3); c3L = V.MultiplyAdd(x, left, c3L); c3R = V.MultiplyAdd(x, right, c3R); }
            if (R.Count > 4) { x = V.Broadcast(*(a3 + aRow)); c4L = V.MultiplyAdd(x, left, c4L); c4R = V.MultiplyAdd(x, right, c4R); }
            if (R.Count > 5) { x = V.Broadcast(*(a3 + aRow2)); c5L = V.MultiplyAdd(x, left, c5L); c5R = V.MultiplyAdd(x, right, c5R); }
            if (R.Count > 6) { x = V.Broadcast(*a6); c6L = V.MultiplyAdd(x, left, c6L); c6R = V.MultiplyAdd(x, right, c6R); }
            if (R.Count > 7) { x = V.Broadcast(*(a6 + aRow)); c7L = V.MultiplyAdd(x, left, c7L); c7R = V.MultiplyAdd(x, right, c7R); }
            if (R.Count > 8) { x = V.Broadcast(*(a6 + aRow2)); c8L = V.MultiplyAdd(x, left, c8L); c8R = V.MultiplyAdd(x, right, c8R); }
            if (R.Count > 9) { x = V.Broadcast(*a9); c9L = V.MultiplyAdd(x, left, c9L); c9R = V.MultiplyAdd(x, right, c9R); }
            if (R.Count > 10) { x = V.Broadcast(*(a9 + aRow)); c10L = V.MultiplyAdd(x, left, c10L); c10R = V.MultiplyAdd(x, right, c10R); }
            if (R.Count > 11) { x = V.Broadcast(*(a9 + aRow2)); c11L = V.MultiplyAdd(x, left, c11L); c11R = V.MultiplyAdd(x, right, c11R); }
            a += aStep;
            if (R.Count > 3) { a3 += aStep; }
            if (R.Count > 6) { a6 += aStep; }
            if (R.Count > 9) { a9 += aStep; }
        }

        if (R.Count > 0) { V.Store(c0L, c + (0 * cRow)); V.Store(c0R, c + (0 * cRow) + v); }
        if (R.Count > 1) { V.Store(c1L, c + (1 * cRow)); V.Store(c1R, c + (1 * cRow) + v); }
        if (R.Count > 2) { V.Store(c2L, c + (2 * cRow)); V.Store(c2R, c + (2 * cRow) + v); }
        if (R.Count > 3) { V.Store(c3L, c + (3 * cRow)); V.Store(c3R, c + (3 * cRow) + v); }
        if (R.Count > 4) { V.Store(c4L, c + (4 * cRow)); V.Store(c4R, c + (4 * cRow) + v); }
        if (R.Count > 5) { V.Store(c5L, c + (5 * cRow)); V.Store(c5R, c + (5 * cRow) + v); }
        if (R.Count > 6) { V.Store(c6L, c + (6 * cRow)); V.Store(c6R, c + (6 * cRow) + v); }
        if (R.Count > 7) { V.Store(c7L, c + (7 * cRow)); V.Store(c7R, c + (7 * cRow) + v); }
        if (R.Count > 8) { V.Store(c8L, c + (8 * cRow)); V.Store(c8R, c + (8 * cRow) + v); }
        if (R.Count > 9) { V.Store(c9L, c + (9 * cRow)); V.Store(c9R, c + (9 * cRow) + v); }
        if (R.Count > 10) { V.Store(c10L, c + (10 * cRow)); V.Store(c10R, c + (10 * cRow) + v); }
        if (R.Count > 11) { V.Store(c11L, c + (11 * cRow)); V.Store(c11R, c + (11 * cRow) + v); }
    }
}
