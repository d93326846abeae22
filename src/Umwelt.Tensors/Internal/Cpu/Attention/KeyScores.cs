// Scores of one query against keys that lie as rows, 32 at a time, where registers hold 16 lanes: rows are turned into columns
// within registers and meet the query at once, so no column is ever written.
// Law: each score is one chain of multiply-adds over ascending features that starts from 0, as in TileProduct.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Internal.Cpu.Attention;

internal static unsafe class KeyScores
{
    private const int Keys = 32;

    /// <summary>How many of so many keys are read this way: whole groups, where the tier and the size allow it.</summary>
    public static int Direct<V>(int keys, int size)
        where V : unmanaged, ISimd<V> => typeof(V) == typeof(Simd512) && size % 4 == 0 ? keys / Keys * Keys : 0;

    /// <summary>
    /// scores[j] = query · key j for j below <paramref name="count"/>, a multiple of 32. Meanwhile asks for the rows from
    /// <paramref name="ahead"/> on, about as many as <paramref name="aheadCount"/>, unless it is null.
    /// </summary>
    public static void Run<V>(float* query, float* keys, nint stride, int count, int size, float* scores, float* ahead, int aheadCount)
        where V : unmanaged, ISimd<V>
    {
        if (typeof(V) == typeof(Simd512))
        {
            for (var j = 0; j < count; j += Keys)
            {
                Group(query, keys + (j * stride), stride, size, scores + j, ahead != null && j < aheadCount ? ahead + (j * stride) : null);
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void Group(float* query, float* keys, nint stride, int size, float* scores, float* ahead)
    {
        var (first, second) = (Vector512<float>.Zero, Vector512<float>.Zero);
        var three = 3 * stride;
        var four = 4 * stride;
        float* a = keys, b = a + four, c = b + four, d = c + four, e = d + four, f = e + four, g = f + four, h = g + four;
        for (var i = 0; i < size; i += 4)
        {
            if (ahead != null)
            {
                // A line of eight rows each time: in four times all rows have theirs.
                var row = ahead + ((i & 12) * 2 * stride) + (i & ~15);
                Sse.Prefetch1(row);
                Sse.Prefetch1(row + stride);
                Sse.Prefetch1(row + (2 * stride));
                Sse.Prefetch1(row + three);
                row += four;
                Sse.Prefetch1(row);
                Sse.Prefetch1(row + stride);
                Sse.Prefetch1(row + (2 * stride));
                Sse.Prefetch1(row + three);
            }

            first = Add(first, query + i, a + i, b + i, c + i, d + i, stride, three);
            second = Add(second, query + i, e + i, f + i, g + i, h + i, stride, three);
        }

        first.Store(scores);
        second.Store(scores + 16);
    }

    // Four features of sixteen keys, four from each pointer on. A quarter of a register holds every fourth key; turning four
    // registers quarter by quarter brings all keys side by side.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Add(Vector512<float> sum, float* query, float* a, float* b, float* c, float* d, nint stride, nint three)
    {
        var r0 = Quarters(a, b, c, d);
        var r1 = Quarters(a + stride, b + stride, c + stride, d + stride);
        var r2 = Quarters(a + (2 * stride), b + (2 * stride), c + (2 * stride), d + (2 * stride));
        var r3 = Quarters(a + three, b + three, c + three, d + three);
        var low01 = Avx512F.UnpackLow(r0, r1).AsDouble();
        var high01 = Avx512F.UnpackHigh(r0, r1).AsDouble();
        var low23 = Avx512F.UnpackLow(r2, r3).AsDouble();
        var high23 = Avx512F.UnpackHigh(r2, r3).AsDouble();
        sum = Avx512F.FusedMultiplyAdd(Vector512.Create(query[0]), Avx512F.UnpackLow(low01, low23).AsSingle(), sum);
        sum = Avx512F.FusedMultiplyAdd(Vector512.Create(query[1]), Avx512F.UnpackHigh(low01, low23).AsSingle(), sum);
        sum = Avx512F.FusedMultiplyAdd(Vector512.Create(query[2]), Avx512F.UnpackLow(high01, high23).AsSingle(), sum);
        return Avx512F.FusedMultiplyAdd(Vector512.Create(query[3]), Avx512F.UnpackHigh(high01, high23).AsSingle(), sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Quarters(float* a, float* b, float* c, float* d)
    {
        var register = Vector128.Load(a).ToVector256Unsafe().ToVector512Unsafe();
        register = Avx512F.InsertVector128(register, Vector128.Load(b), 1);
        register = Avx512F.InsertVector128(register, Vector128.Load(c), 2);
        return Avx512F.InsertVector128(register, Vector128.Load(d), 3);
    }
}
