// Log-softmax over rows and its gradient from its own result.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Internal.Cpu.Elementwise;
using Umwelt.Tensors.Internal.Cpu.Reduce;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Internal.Cpu.Rows;

internal static unsafe class LogSoftmax
{
    /// <summary>y = x − ln Σ eˣ for each row of x [rows, size]; y may be x.</summary>
    public static void Forward(WorkerPool workers, float* x, float* y, int rows, int size)
    {
        var context = new Context { X = x, Y = y, Rows = rows, Size = size };
        context.AroundCaches = x != y && RowLoops.AroundCaches(y, rows, size);
        Tiles.Run<ForwardTile, Context>(workers, Tiles.Count(rows, RowTiles.RowsPerTile(size)), &context);
    }

    /// <summary>dx = dy − eʸ Σ dy for each row; dx may be dy or y.</summary>
    public static void Backward(WorkerPool workers, float* y, float* dy, float* dx, int rows, int size)
    {
        var context = new Context { X = dy, Y = y, Result = dx, Rows = rows, Size = size };
        context.AroundCaches = dx != dy && dx != y && RowLoops.AroundCaches(dx, rows, size);
        Tiles.Run<BackwardTile, Context>(workers, Tiles.Count(rows, RowTiles.RowsPerTile(size)), &context);
    }

    /// <summary>ln Σ eˣ over a row; −∞ of a row of −∞, +∞ where an element is +∞.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float LogSumExp<V>(float* x, int size)
        where V : unmanaged, ISimd<V>
    {
        var max = RowExtremum.Max<V>(x, size);
        return float.IsInfinity(max) ? max : max + LogOf<V>(RowSum.Run<V, ExpTerm>(new(x, max), 0, size));
    }

    /// <summary>The natural logarithm by the tier's own algorithm.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static float LogOf<V>(float x)
        where V : unmanaged, ISimd<V> => V.MaxAcross(SimdMath.Log(V.Broadcast(x)));

    private struct Context
    {
        public float* X;
        public float* Y;
        public float* Result;
        public int Rows;
        public int Size;
        public bool AroundCaches;
    }

    private readonly struct ForwardTile : ITileKernel<Context>
    {
        public static void Run<V>(Context* context, int tile, int worker)
            where V : unmanaged, ISimd<V>
        {
            var size = context->Size;
            var perTile = RowTiles.RowsPerTile(size);
            var end = Math.Min((tile + 1) * perTile, context->Rows);
            for (var row = tile * perTile; row < end; row++)
            {
                var x = context->X + ((long)row * size);
                RowLoops.Write<V, ShiftedValue>(new(x, LogSumExp<V>(x, size)), context->Y + ((long)row * size), size, context->AroundCaches);
            }

            NonTemporal.Fence();
        }
    }

    private readonly struct BackwardTile : ITileKernel<Context>
    {
        public static void Run<V>(Context* context, int tile, int worker)
            where V : unmanaged, ISimd<V>
        {
            var size = context->Size;
            var perTile = RowTiles.RowsPerTile(size);
            var end = Math.Min((tile + 1) * perTile, context->Rows);
            for (var row = tile * perTile; row < end; row++)
            {
                var offset = (long)row * size;
                var sum = RowSum.Run<V, ValueTerm>(new(context->X + offset), 0, size);
                RowLoops.Write<V, GradientValue>(new(context->Y + offset, context->X + offset, sum), context->Result + offset, size, context->AroundCaches);
            }

            NonTemporal.Fence();
        }
    }

    private readonly struct ShiftedValue(float* x, float shift) : IRowValue
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V At<V>(long i, int count)
            where V : unmanaged, ISimd<V> => Lanes.Load<V>(x + i, count) - V.Broadcast(shift);
    }

    private readonly struct GradientValue(float* y, float* dy, float sum) : IRowValue
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V At<V>(long i, int count)
            where V : unmanaged, ISimd<V> =>
            V.MultiplyAdd(SimdMath.Exp(Lanes.Load<V>(y + i, count)), V.Broadcast(-sum), Lanes.Load<V>(dy + i, count));
    }
}
