// One row times a matrix: what decoding a single moment does. Four panels at once hide the latency of the chains and
// keep several streams of memory in flight; bfloat16 panels are widened in registers, so that memory gives half the bytes.
// Law: the same chain for each element as in RegisterTile.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Internal.Cpu.Matrix;

/// <summary>How an element type of B becomes a register of float32.</summary>
internal unsafe interface IPanelElement<T>
    where T : unmanaged
{
    static abstract V Load<V>(T* source)
        where V : unmanaged, ISimd<V>;
}

internal readonly unsafe struct Float32Element : IPanelElement<float>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load<V>(float* source)
        where V : unmanaged, ISimd<V> => V.Load(source);
}

internal readonly unsafe struct BFloat16Element : IPanelElement<ushort>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load<V>(ushort* source)
        where V : unmanaged, ISimd<V> => V.LoadBFloat16(source);
}

internal static unsafe class RowKernel
{
    /// <summary>Panels that one call covers at most.</summary>
    public const int Panels = 4;

    // Lines fetched before they are needed, in steps of k, into the second cache: so the memory gives a fifth more than into the
    // first, where fewer may be under way.
    private const int StepsAhead = 8;

    /// <summary>
    /// C[j] = (carry ? C : 0) + sum over k of A[k] * B[k, j] for up to four panels: the first lies at b, the next ones
    /// bPanel elements apart; a panel's rows are bStep elements apart.
    /// </summary>
    public static void Run<V, T, TElement>(int panels, float* a, nint aStep, T* b, nint bStep, nint bPanel, float* c, nint k, bool carry)
        where V : unmanaged, ISimd<V>
        where T : unmanaged
        where TElement : IPanelElement<T>
    {
        switch (panels)
        {
            case 1: Run<V, T, TElement, Rows1>(a, aStep, b, bStep, bPanel, c, k, carry); break;
            case 2: Run<V, T, TElement, Rows2>(a, aStep, b, bStep, bPanel, c, k, carry); break;
            case 3: Run<V, T, TElement, Rows3>(a, aStep, b, bStep, bPanel, c, k, carry); break;
            case 4: Run<V, T, TElement, Rows4>(a, aStep, b, bStep, bPanel, c, k, carry); break;
            default: throw new ArgumentOutOfRangeException(nameof(panels));
        }
    }

    // The number of panels is a type, as the number of rows is in RegisterTile.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run<V, T, TElement, P>(float* a, nint aStep, T* b, nint bStep, nint bPanel, float* c, nint k, bool carry)
        where V : unmanaged, ISimd<V>
        where T : unmanaged
        where TElement : IPanelElement<T>
        where P : IRowCount
    {
        V c0 = V.Zero, c1 = V.Zero, c2 = V.Zero, c3 = V.Zero, c4 = V.Zero, c5 = V.Zero, c6 = V.Zero, c7 = V.Zero;
        var v = V.Count;
        if (carry)
        {
            if (P.Count > 0) { c0 = V.Load(c); c1 = V.Load(c + v); }
            if (P.Count > 1) { c2 = V.Load(c + (2 * v)); c3 = V.Load(c + (3 * v)); }
            if (P.Count > 2) { c4 = V.Load(c + (4 * v)); c5 = V.Load(c + (5 * v)); }
            if (P.Count > 3) { c6 = V.Load(c + (6 * v)); c7 = V.Load(c + (7 * v)); }
        }

        var second = b + bPanel;
        var third = b + (2 * bPanel);
        var fourth = b + (3 * bPanel);
        var ahead = StepsAhead * bStep;
        var twoLines = v * sizeof(T) == 64;
        for (; k > 0; k--)
        {
            if (Sse.IsSupported)
            {
                if (P.Count > 0) { Sse.Prefetch1(b + ahead); }
                if (P.Count > 1) { Sse.Prefetch1(second + ahead); }
                if (P.Count > 2) { Sse.Prefetch1(third + ahead); }
                if (P.Count > 3) { Sse.Prefetch1(fourth + ahead); }
                if (twoLines && P.Count > 0) { Sse.Prefetch1(b + ahead + v); }
                if (twoLines && P.Count > 1) { Sse.Prefetch1(second + ahead + v); }
                if (twoLines && P.Count > 2) { Sse.Prefetch1(third + ahead + v); }
                if (twoLines && P.Count > 3) { Sse.Prefetch1(fourth + ahead + v); }
            }

            var x = V.Broadcast(*a);
            if (P.Count > 0) { c0 = V.MultiplyAdd(x, TElement.Load<V>(b), c0); c1 = V.MultiplyAdd(x, TElement.Load<V>(b + v), c1); }
            if (P.Count > 1) { c2 = V.MultiplyAdd(x, TElement.Load<V>(second), c2); c3 = V.MultiplyAdd(x, TElement.Load<V>(second + v), c3); }
            if (P.Count > 2) { c4 = V.MultiplyAdd(x, TElement.Load<V>(third), c4); c5 = V.MultiplyAdd(x, TElement.Load<V>(third + v), c5); }
            if (P.Count > 3) { c6 = V.MultiplyAdd(x, TElement.Load<V>(fourth), c6); c7 = V.MultiplyAdd(x, TElement.Load<V>(fourth + v), c7); }
            a += aStep;
            b += bStep;
            second += bStep;
            third += bStep;
            fourth += bStep;
        }

        if (P.Count > 0) { V.Store(c0, c); V.Store(c1, c + v); }
        if (P.Count > 1) { V.Store(c2, c + (2 * v)); V.Store(c3, c + (3 * v)); }
        if (P.Count > 2) { V.Store(c4, c + (4 * v)); V.Store(c5, c + (5 * v)); }
        if (P.Count > 3) { V.Store(c6, c + (6 * v)); V.Store(c7, c + (7 * v)); }
    }

    /// <summary>destination = source in float32: what products of more than one row do with bfloat16 panels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Widen<V>(ushort* source, float* destination, nint count)
        where V : unmanaged, ISimd<V>
    {
        for (nint i = 0; i < count; i += V.Count)
        {
            V.Store(V.LoadBFloat16(source + i), destination + i);
        }
    }
}
