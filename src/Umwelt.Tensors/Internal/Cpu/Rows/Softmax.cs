// Softmax over rows and its gradient. The row's largest element is subtracted first, so no input overflows; a row of −∞
// alone gives NaN, as 0/0 does.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Internal.Cpu.Elementwise;
using Umwelt.Tensors.Internal.Cpu.Reduce;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Internal.Cpu.Rows;

internal static unsafe class Softmax
{
    /// <summary>y = e^(x − max x) / Σ e^(x − max x) for each row of x [rows, size]; y may be x.</summary>
    public static void Forward(WorkerPool workers, float* x, float* y, int rows, int size)
    {
        if (x != y && RowLoops.AroundCaches(y, rows, size))
        {
            SoftmaxAroundCaches.Forward(workers, x, y, rows, size);
            return;
        }

        var context = new Context { X = x, Y = y, Rows = rows, Size = size };
        Tiles.Run<ForwardTile, Context>(workers, Tiles.Count(rows, RowTiles.RowsPerTile(size)), &context);
    }

    /// <summary>dx = y (dy − Σ y dy) for each row; dx may be dy or y.</summary>
    public static void Backward(WorkerPool workers, float* y, float* dy, float* dx, int rows, int size)
    {
        var context = new Context { X = dy, Y = y, Result = dx, Rows = rows, Size = size };
        context.AroundCaches = dx != dy && dx != y && RowLoops.AroundCaches(dx, rows, size);
        Tiles.Run<BackwardTile, Context>(workers, Tiles.Count(rows, RowTiles.RowsPerTile(size)), &context);
    }

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
                var y = context->Y + ((long)row * size);
                var max = RowExtremum.Max<V>(x, size);
                var sum = RowSum.Run<V, ExpStoreTerm>(new(x, max, y), 0, size);
                RowLoops.Write<V, ScaledValue>(new(y, 1f / sum), y, size, aroundCaches: false);
            }
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
                var dot = RowSum.Run<V, ProductTerm>(new(context->Y + offset, context->X + offset), 0, size);
                RowLoops.Write<V, GradientValue>(new(context->Y + offset, context->X + offset, dot), context->Result + offset, size, context->AroundCaches);
            }

            NonTemporal.Fence();
        }
    }

    private readonly struct GradientValue(float* y, float* dy, float dot) : IRowValue
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V At<V>(long i, int count)
            where V : unmanaged, ISimd<V>
        {
            // What follows comes into the second level while stores keep the memory's other half busy.
            RowsAroundCaches.Fetch(y, i);
            RowsAroundCaches.Fetch(dy, i);
            return Lanes.Load<V>(y + i, count) * (Lanes.Load<V>(dy + i, count) - V.Broadcast(dot));
        }
    }
}
