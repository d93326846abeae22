// Loops over formulas, whose constants stay in registers (see Held). Each gives bit for bit what the operator it stands for
// gives in its driver's plain loops.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Internal.Simd;
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors.Internal.Cpu.Elementwise;

internal static unsafe class FormulaLoops
{
    /// <summary>y[i] = f(x[i]); y may be x. Around the caches, y is aligned and count a multiple of four times the lanes.</summary>
    public static void Unary<V, TFormula>(float* x, float* y, long count, bool aroundCaches)
        where V : unmanaged, ISimd<V>
        where TFormula : struct, IUnaryFormula<V, TFormula> => Unary<V, TFormula>(x, y, count, aroundCaches, zero: 0);

    /// <summary>y[i] = f(a[i], b[i]), likewise.</summary>
    public static void Binary<V, TFormula>(float* a, float* b, float* y, long count, bool aroundCaches)
        where V : unmanaged, ISimd<V>
        where TFormula : struct, IBinaryFormula<V, TFormula> => Binary<V, TFormula>(a, b, y, count, aroundCaches, zero: 0);

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void Unary<V, TFormula>(float* x, float* y, long count, bool aroundCaches, int zero)
        where V : unmanaged, ISimd<V>
        where TFormula : struct, IUnaryFormula<V, TFormula>
    {
        var formula = TFormula.Hold(zero);
        var i = 0L;
        for (; i <= count - (4 * V.Count); i += 4 * V.Count)
        {
            var first = V.Load(x + i);
            var second = V.Load(x + i + V.Count);
            var third = V.Load(x + i + (2 * V.Count));
            var fourth = V.Load(x + i + (3 * V.Count));
            formula.Of(ref first, ref second, ref third, ref fourth);
            Store(first, second, third, fourth, y + i, aroundCaches);
        }

        if (i < count)
        {
            UnaryRest<V, TFormula>(x + i, y + i, (int)(count - i), zero);
        }
    }

    // Rests stand apart: the compiler inlines so much into one method and no more, and a formula that is called has its
    // constants in memory.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void UnaryRest<V, TFormula>(float* x, float* y, int count, int zero)
        where V : unmanaged, ISimd<V>
        where TFormula : struct, IUnaryFormula<V, TFormula>
    {
        var formula = TFormula.Hold(zero);
        for (var i = 0; i < count; i += V.Count)
        {
            var rest = Math.Min(V.Count, count - i);
            V.StorePartial(formula.Of(V.LoadPartial(x + i, rest)), y + i, rest);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void Binary<V, TFormula>(float* a, float* b, float* y, long count, bool aroundCaches, int zero)
        where V : unmanaged, ISimd<V>
        where TFormula : struct, IBinaryFormula<V, TFormula>
    {
        var formula = TFormula.Hold(zero);
        var i = 0L;
        for (; i <= count - (4 * V.Count); i += 4 * V.Count)
        {
            var first = V.Load(b + i);
            var second = V.Load(b + i + V.Count);
            var third = V.Load(b + i + (2 * V.Count));
            var fourth = V.Load(b + i + (3 * V.Count));
            formula.Of(a + i, ref first, ref second, ref third, ref fourth);
            Store(first, second, third, fourth, y + i, aroundCaches);
        }

        if (i < count)
        {
            BinaryRest<V, TFormula>(a + i, b + i, y + i, (int)(count - i), zero);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void BinaryRest<V, TFormula>(float* a, float* b, float* y, int count, int zero)
        where V : unmanaged, ISimd<V>
        where TFormula : struct, IBinaryFormula<V, TFormula>
    {
        var formula = TFormula.Hold(zero);
        for (var i = 0; i < count; i += V.Count)
        {
            var rest = Math.Min(V.Count, count - i);
            V.StorePartial(formula.Of(V.LoadPartial(a + i, rest), V.LoadPartial(b + i, rest)), y + i, rest);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<V>(V first, V second, V third, V fourth, float* y, bool aroundCaches)
        where V : unmanaged, ISimd<V>
    {
        if (aroundCaches)
        {
            V.StoreNonTemporal(first, y);
            V.StoreNonTemporal(second, y + V.Count);
            V.StoreNonTemporal(third, y + (2 * V.Count));
            V.StoreNonTemporal(fourth, y + (3 * V.Count));
        }
        else
        {
            V.Store(first, y);
            V.Store(second, y + V.Count);
            V.Store(third, y + (2 * V.Count));
            V.Store(fourth, y + (3 * V.Count));
        }
    }
}
