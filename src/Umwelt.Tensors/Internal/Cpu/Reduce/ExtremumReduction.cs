// Largest and smallest values and where they first occur, over the middle of [outer, reduced, inner]. NaN anywhere gives
// NaN, and the place of the first NaN.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Internal.Cpu.Rows;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Internal.Cpu.Reduce;

internal static unsafe class ExtremumReduction
{
    private const int Stripe = 128;

    /// <summary>
    /// values[outer, inner] receives the extremum and places its first index along the reduced axis, each where not null.
    /// </summary>
    public static void Run(WorkerPool workers, float* x, float* values, int* places, int outer, int reduced, int inner, bool smallest)
    {
        var context = new Context { X = x, Values = values, Places = places, Outer = outer, Reduced = reduced, Inner = inner, Smallest = smallest };
        if (inner == 1)
        {
            Tiles.Run<RowTile, Context>(workers, Tiles.Count(outer, RowTiles.RowsPerTile(reduced)), &context);
        }
        else
        {
            Tiles.Run<ColumnTile, Context>(workers, checked(outer * ((inner + Stripe - 1) / Stripe)), &context);
        }
    }

    private struct Context
    {
        public float* X;
        public float* Values;
        public int* Places;
        public int Outer;
        public int Reduced;
        public int Inner;
        public bool Smallest;
    }

    private readonly struct RowTile : ITileKernel<Context>
    {
        public static void Run<V>(Context* context, int tile, int worker)
            where V : unmanaged, ISimd<V>
        {
            var perTile = RowTiles.RowsPerTile(context->Reduced);
            var end = Math.Min((tile + 1) * perTile, context->Outer);
            for (var row = tile * perTile; row < end; row++)
            {
                var x = context->X + ((long)row * context->Reduced);
                var value = context->Smallest ? RowExtremum.Min<V>(x, context->Reduced) : RowExtremum.Max<V>(x, context->Reduced);
                if (context->Values != null)
                {
                    context->Values[row] = value;
                }

                if (context->Places != null)
                {
                    context->Places[row] = FirstOf(x, 1, context->Reduced, value);
                }
            }
        }
    }

    private readonly struct ColumnTile : ITileKernel<Context>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public static void Run<V>(Context* context, int tile, int worker)
            where V : unmanaged, ISimd<V>
        {
            long inner = context->Inner;
            var (o, stripe) = Math.DivRem(tile, (context->Inner + Stripe - 1) / Stripe);
            var x = context->X + (o * context->Reduced * inner);
            var sign = V.Broadcast(context->Smallest ? -0f : 0f);
            var end = Math.Min((stripe + 1) * Stripe, context->Inner);
            var buffer = stackalloc float[V.Count];
            for (var column = stripe * Stripe; column < end; column += V.Count)
            {
                var count = Math.Min(V.Count, end - column);
                var best = V.Broadcast(float.NegativeInfinity);
                for (var row = 0; row < context->Reduced; row++)
                {
                    best = V.Max(best, V.LoadPartial(x + (row * inner) + column, count) ^ sign);
                }

                V.Store(best ^ sign, buffer);
                for (var lane = 0; lane < count; lane++)
                {
                    var at = (o * inner) + column + lane;
                    if (context->Values != null)
                    {
                        context->Values[at] = buffer[lane];
                    }

                    if (context->Places != null)
                    {
                        context->Places[at] = FirstOf(x + column + lane, inner, context->Reduced, buffer[lane]);
                    }
                }
            }
        }
    }

    private static int FirstOf(float* x, long stride, int count, float value)
    {
        for (var i = 0; i < count; i++)
        {
            // Equals, unlike ==, finds NaN.
            if (x[i * stride].Equals(value))
            {
                return i;
            }
        }

        return 0;
    }
}
