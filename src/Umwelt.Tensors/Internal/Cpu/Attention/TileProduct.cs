// C[4 rows, lanes] = C * scale + sum over k of A[row, k] * B[k, lanes]: the one product all of attention is made of.
// A is read one scalar at a time through two strides, so plain and transposed operands cost the same.
// Law: every element is one chain of multiply-adds over ascending k, whatever its neighbours; so a row alone, in a
// block of four, or beside other columns has equal bits.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Internal.Cpu.Attention;

internal static unsafe class TileProduct
{
    /// <summary>
    /// Four rows of C, <paramref name="registers"/> registers wide. <paramref name="scales"/> holds what each row of C
    /// is multiplied with first; null starts from zero without reading C.
    /// </summary>
    public static void Run<V>(float* a, nint aRow, nint aStep, float* b, nint bStep, float* c, nint cRow, int registers, nint count, float* scales)
        where V : unmanaged, ISimd<V>
    {
        while (V.Count == 16 && registers >= 4)
        {
            Four<V>(a, aRow, aStep, b, bStep, c, cRow, count, scales);
            b += 4 * V.Count;
            c += 4 * V.Count;
            registers -= 4;
        }

        while (registers >= 2)
        {
            Two<V>(a, aRow, aStep, b, bStep, c, cRow, count, scales);
            b += 2 * V.Count;
            c += 2 * V.Count;
            registers -= 2;
        }

        if (registers > 0)
        {
            One<V>(a, aRow, aStep, b, bStep, c, cRow, count, scales);
        }
    }

    /// <summary>One row alone: c = c * scale + sum over k of a[k] * b[k], with the bits it has in a block of four.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Row<V>(float* a, float* b, nint bStep, float* c, int registers, nint count, float scale)
        where V : unmanaged, ISimd<V>
    {
        var s = V.Broadcast(scale);
        for (; registers >= 4; registers -= 4)
        {
            var c0 = V.Load(c) * s;
            var c1 = V.Load(c + V.Count) * s;
            var c2 = V.Load(c + (2 * V.Count)) * s;
            var c3 = V.Load(c + (3 * V.Count)) * s;
            var step = b;
            for (nint k = 0; k < count; k++)
            {
                var x = V.Broadcast(a[k]);
                c0 = V.MultiplyAdd(x, V.Load(step), c0);
                c1 = V.MultiplyAdd(x, V.Load(step + V.Count), c1);
                c2 = V.MultiplyAdd(x, V.Load(step + (2 * V.Count)), c2);
                c3 = V.MultiplyAdd(x, V.Load(step + (3 * V.Count)), c3);
                step += bStep;
            }

            V.Store(c0, c);
            V.Store(c1, c + V.Count);
            V.Store(c2, c + (2 * V.Count));
            V.Store(c3, c + (3 * V.Count));
            b += 4 * V.Count;
            c += 4 * V.Count;
        }

        for (; registers > 0; registers--)
        {
            var c0 = V.Load(c) * s;
            var step = b;
            for (nint k = 0; k < count; k++)
            {
                c0 = V.MultiplyAdd(V.Broadcast(a[k]), V.Load(step), c0);
                step += bStep;
            }

            V.Store(c0, c);
            b += V.Count;
            c += V.Count;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Four<V>(float* a, nint aRow, nint aStep, float* b, nint bStep, float* c, nint cRow, nint count, float* scales)
        where V : unmanaged, ISimd<V>
    {
        V c00 = V.Zero, c01 = V.Zero, c02 = V.Zero, c03 = V.Zero;
        V c10 = V.Zero, c11 = V.Zero, c12 = V.Zero, c13 = V.Zero;
        V c20 = V.Zero, c21 = V.Zero, c22 = V.Zero, c23 = V.Zero;
        V c30 = V.Zero, c31 = V.Zero, c32 = V.Zero, c33 = V.Zero;
        var c1 = c + cRow;
        var c2 = c1 + cRow;
        var c3 = c2 + cRow;
        if (scales != null)
        {
            var s = V.Broadcast(scales[0]);
            c00 = V.Load(c) * s;
            c01 = V.Load(c + V.Count) * s;
            c02 = V.Load(c + (2 * V.Count)) * s;
            c03 = V.Load(c + (3 * V.Count)) * s;
            s = V.Broadcast(scales[1]);
            c10 = V.Load(c1) * s;
            c11 = V.Load(c1 + V.Count) * s;
            c12 = V.Load(c1 + (2 * V.Count)) * s;
            c13 = V.Load(c1 + (3 * V.Count)) * s;
            s = V.Broadcast(scales[2]);
            c20 = V.Load(c2) * s;
            c21 = V.Load(c2 + V.Count) * s;
            c22 = V.Load(c2 + (2 * V.Count)) * s;
            c23 = V.Load(c2 + (3 * V.Count)) * s;
            s = V.Broadcast(scales[3]);
            c30 = V.Load(c3) * s;
            c31 = V.Load(c3 + V.Count) * s;
            c32 = V.Load(c3 + (2 * V.Count)) * s;
            c33 = V.Load(c3 + (3 * V.Count)) * s;
        }

        var aRow3 = aRow * 3;
        for (; count > 0; count--)
        {
            var b0 = V.Load(b);
            var b1 = V.Load(b + V.Count);
            var b2 = V.Load(b + (2 * V.Count));
            var b3 = V.Load(b + (3 * V.Count));
            var x = V.Broadcast(a[0]);
            c00 = V.MultiplyAdd(x, b0, c00);
            c01 = V.MultiplyAdd(x, b1, c01);
            c02 = V.MultiplyAdd(x, b2, c02);
            c03 = V.MultiplyAdd(x, b3, c03);
            x = V.Broadcast(a[aRow]);
            c10 = V.MultiplyAdd(x, b0, c10);
            c11 = V.MultiplyAdd(x, b1, c11);
            c12 = V.MultiplyAdd(x, b2, c12);
            c13 = V.MultiplyAdd(x, b3, c13);
            x = V.Broadcast(a[aRow * 2]);
            c20 = V.MultiplyAdd(x, b0, c20);
            c21 = V.MultiplyAdd(x, b1, c21);
            c22 = V.MultiplyAdd(x, b2, c22);
            c23 = V.MultiplyAdd(x, b3, c23);
            x = V.Broadcast(a[aRow3]);
            c30 = V.MultiplyAdd(x, b0, c30);
            c31 = V.MultiplyAdd(x, b1, c31);
            c32 = V.MultiplyAdd(x, b2, c32);
            c33 = V.MultiplyAdd(x, b3, c33);
            a += aStep;
            b += bStep;
        }

        V.Store(c00, c);
        V.Store(c01, c + V.Count);
        V.Store(c02, c + (2 * V.Count));
        V.Store(c03, c + (3 * V.Count));
        V.Store(c10, c1);
        V.Store(c11, c1 + V.Count);
        V.Store(c12, c1 + (2 * V.Count));
        V.Store(c13, c1 + (3 * V.Count));
        V.Store(c20, c2);
        V.Store(c21, c2 + V.Count);
        V.Store(c22, c2 + (2 * V.Count));
        V.Store(c23, c2 + (3 * V.Count));
        V.Store(c30, c3);
        V.Store(c31, c3 + V.Count);
        V.Store(c32, c3 + (2 * V.Count));
        V.Store(c33, c3 + (3 * V.Count));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Two<V>(float* a, nint aRow, nint aStep, float* b, nint bStep, float* c, nint cRow, nint count, float* scales)
        where V : unmanaged, ISimd<V>
    {
        V c00 = V.Zero, c01 = V.Zero, c10 = V.Zero, c11 = V.Zero;
        V c20 = V.Zero, c21 = V.Zero, c30 = V.Zero, c31 = V.Zero;
        var c1 = c + cRow;
        var c2 = c1 + cRow;
        var c3 = c2 + cRow;
        if (scales != null)
        {
            var s = V.Broadcast(scales[0]);
            c00 = V.Load(c) * s;
            c01 = V.Load(c + V.Count) * s;
            s = V.Broadcast(scales[1]);
            c10 = V.Load(c1) * s;
            c11 = V.Load(c1 + V.Count) * s;
            s = V.Broadcast(scales[2]);
            c20 = V.Load(c2) * s;
            c21 = V.Load(c2 + V.Count) * s;
            s = V.Broadcast(scales[3]);
            c30 = V.Load(c3) * s;
            c31 = V.Load(c3 + V.Count) * s;
        }

        var aRow3 = aRow * 3;
        for (; count > 0; count--)
        {
            var b0 = V.Load(b);
            var b1 = V.Load(b + V.Count);
            var x = V.Broadcast(a[0]);
            c00 = V.MultiplyAdd(x, b0, c00);
            c01 = V.MultiplyAdd(x, b1, c01);
            x = V.Broadcast(a[aRow]);
            c10 = V.MultiplyAdd(x, b0, c10);
            c11 = V.MultiplyAdd(x, b1, c11);
            x = V.Broadcast(a[aRow * 2]);
            c20 = V.MultiplyAdd(x, b0, c20);
            c21 = V.MultiplyAdd(x, b1, c21);
            x = V.Broadcast(a[aRow3]);
            c30 = V.MultiplyAdd(x, b0, c30);
            c31 = V.MultiplyAdd(x, b1, c31);
            a += aStep;
            b += bStep;
        }

        V.Store(c00, c);
        V.Store(c01, c + V.Count);
        V.Store(c10, c1);
        V.Store(c11, c1 + V.Count);
        V.Store(c20, c2);
        V.Store(c21, c2 + V.Count);
        V.Store(c30, c3);
        V.Store(c31, c3 + V.Count);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void One<V>(float* a, nint aRow, nint aStep, float* b, nint bStep, float* c, nint cRow, nint count, float* scales)
        where V : unmanaged, ISimd<V>
    {
        V c0 = V.Zero, c1 = V.Zero, c2 = V.Zero, c3 = V.Zero;
        if (scales != null)
        {
            c0 = V.Load(c) * V.Broadcast(scales[0]);
            c1 = V.Load(c + cRow) * V.Broadcast(scales[1]);
            c2 = V.Load(c + (2 * cRow)) * V.Broadcast(scales[2]);
            c3 = V.Load(c + (3 * cRow)) * V.Broadcast(scales[3]);
        }

        var aRow3 = aRow * 3;
        for (; count > 0; count--)
        {
            var b0 = V.Load(b);
            c0 = V.MultiplyAdd(V.Broadcast(a[0]), b0, c0);
            c1 = V.MultiplyAdd(V.Broadcast(a[aRow]), b0, c1);
            c2 = V.MultiplyAdd(V.Broadcast(a[aRow * 2]), b0, c2);
            c3 = V.MultiplyAdd(V.Broadcast(a[aRow3]), b0, c3);
            a += aStep;
            b += bStep;
        }

        V.Store(c0, c);
        V.Store(c1, c + cRow);
        V.Store(c2, c + (2 * cRow));
        V.Store(c3, c + (3 * cRow));
    }
}
