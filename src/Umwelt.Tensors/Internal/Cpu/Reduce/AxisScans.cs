// Logarithms of sums of exponentials, and running sums, over the middle of [outer, reduced, inner]. Running sums add in
// sequence; columns sum exponentials in blocks of 256 in sequence.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Internal.Cpu.Rows;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Internal.Cpu.Reduce;

internal static unsafe class AxisScans
{
    private const int Stripe = 64;
    private const int Block = 256;

    /// <summary>y[outer, inner] = ln Σ eˣ over the reduced axis; −∞ where all are −∞.</summary>
    public static void LogSumExp(WorkerPool workers, float* x, float* y, int outer, int reduced, int inner)
    {
        var context = new Context { X = x, Y = y, Outer = outer, Reduced = reduced, Inner = inner };
        if (inner == 1)
        {
            Tiles.Run<RowLogSum, Context>(workers, Tiles.Count(outer, RowTiles.RowsPerTile(reduced)), &context);
        }
        else
        {
            Tiles.Run<ColumnLogSum, Context>(workers, checked(outer * ((inner + Stripe - 1) / Stripe)), &context);
        }
    }

    /// <summary>
    /// y of x's shape: sums of x from the axis' start up to and with each element, or from its end down when
    /// <paramref name="backwards"/> (which is the gradient of the forward sum); y may be x.
    /// </summary>
    public static void RunningSum(WorkerPool workers, float* x, float* y, int outer, int reduced, int inner, bool backwards)
    {
        var context = new Context { X = x, Y = y, Outer = outer, Reduced = reduced, Inner = inner, Backwards = backwards };
        Tiles.Run<RunningTile, Context>(workers, checked(outer * ((inner + Stripe - 1) / Stripe)), &context);
    }

    private struct Context
    {
        public float* X;
        public float* Y;
        public int Outer;
        public int Reduced;
        public int Inner;
        public bool Backwards;
    }

    private readonly struct RowLogSum : ITileKernel<Context>
    {
        public static void Run<V>(Context* context, int tile, int worker)
            where V : unmanaged, ISimd<V>
        {
            var perTile = RowTiles.RowsPerTile(context->Reduced);
            var end = Math.Min((tile + 1) * perTile, context->Outer);
            for (var row = tile * perTile; row < end; row++)
            {
                context->Y[row] = LogSoftmax.LogSumExp<V>(context->X + ((long)row * context->Reduced), context->Reduced);
            }
        }
    }

    private readonly struct ColumnLogSum : ITileKernel<Context>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public static void Run<V>(Context* context, int tile, int worker)
            where V : unmanaged, ISimd<V>
        {
            long inner = context->Inner;
            var (o, stripe) = Math.DivRem(tile, (context->Inner + Stripe - 1) / Stripe);
            var x = context->X + (o * context->Reduced * inner);
            var end = Math.Min((stripe + 1) * Stripe, context->Inner);
            for (var column = stripe * Stripe; column < end; column += V.Count)
            {
                var count = Math.Min(V.Count, end - column);
                var max = V.Broadcast(float.NegativeInfinity);
                for (var row = 0; row < context->Reduced; row++)
                {
                    max = V.Max(max, V.LoadPartial(x + (row * inner) + column, count));
                }

                var infinite = V.Equal(V.Abs(max), V.Broadcast(float.PositiveInfinity));
                var shift = V.Select(infinite, V.Zero, max);
                var total = V.Zero;
                for (var block = 0; block < context->Reduced; block += Block)
                {
                    var sum = V.Zero;
                    for (var row = block; row < Math.Min(block + Block, context->Reduced); row++)
                    {
                        sum += SimdMath.Exp(V.LoadPartial(x + (row * inner) + column, count) - shift);
                    }

                    total += sum;
                }

                var result = V.Select(infinite, max, shift + SimdMath.Log(total));
                V.StorePartial(result, context->Y + (o * inner) + column, count);
            }
        }
    }

    private readonly struct RunningTile : ITileKernel<Context>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public static void Run<V>(Context* context, int tile, int worker)
            where V : unmanaged, ISimd<V>
        {
            long inner = context->Inner;
            var (o, stripe) = Math.DivRem(tile, (context->Inner + Stripe - 1) / Stripe);
            var end = Math.Min((stripe + 1) * Stripe, context->Inner);
            var first = o * context->Reduced * inner;
            var step = inner;
            if (context->Backwards)
            {
                first += (context->Reduced - 1) * inner;
                step = -inner;
            }

            for (var column = stripe * Stripe; column < end; column += V.Count)
            {
                var count = Math.Min(V.Count, end - column);
                var sum = V.Zero;
                var at = first + column;
                for (var row = 0; row < context->Reduced; row++, at += step)
                {
                    sum += V.LoadPartial(context->X + at, count);
                    V.StorePartial(sum, context->Y + at, count);
                }
            }
        }
    }
}
