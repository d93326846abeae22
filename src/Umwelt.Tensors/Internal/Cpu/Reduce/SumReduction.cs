// Sums and means over the middle of [outer, reduced, inner]. Rows (inner = 1) are summed in RowSum's order; columns in
// blocks of 256 in sequence and a binary tree over blocks. Both depend on the reduced length alone.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Internal.Cpu.Rows;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Internal.Cpu.Reduce;

internal static unsafe class SumReduction
{
    private const int Block = 256;
    private const int Stripe = 128;
    private const int LongRow = 4 * 16 * RowSum.Block;

    /// <summary>y[outer, inner] = Σ x over the reduced axis, divided by its length for a <paramref name="mean"/>.</summary>
    public static void Run(WorkerPool workers, float* x, float* y, int outer, int reduced, int inner, bool mean)
    {
        var divisor = mean ? reduced : 1f;
        if (inner != 1)
        {
            Columns(workers, x, y, outer, reduced, inner, divisor);
        }
        else if (reduced >= LongRow && outer < 16)
        {
            for (var row = 0; row < outer; row++)
            {
                y[row] = FullReduction.Sum(workers, x + ((long)row * reduced), reduced) / divisor;
            }
        }
        else
        {
            var context = new Context { X = x, Y = y, Outer = outer, Reduced = reduced, Divisor = divisor };
            Tiles.Run<RowTile, Context>(workers, Tiles.Count(outer, RowTiles.RowsPerTile(reduced)), &context);
        }
    }

    private static void Columns(WorkerPool workers, float* x, float* y, int outer, int reduced, int inner, float divisor)
    {
        var blocks = Math.Max(1, (reduced + Block - 1) / Block);
        var stripes = (inner + Stripe - 1) / Stripe;
        var context = new Context { X = x, Y = y, Outer = outer, Reduced = reduced, Inner = inner, Divisor = divisor, Blocks = blocks, Stripes = stripes };
        context.Partial = blocks == 1 ? y : Workers.Scratch(workers, 0, (long)outer * blocks * inner).Shared(workers);
        Tiles.Run<BlockTile, Context>(workers, checked(outer * blocks * stripes), &context);
        if (blocks > 1 || divisor != 1f)
        {
            Tiles.Run<TreeTile, Context>(workers, outer * stripes, &context);
        }
    }

    private struct Context
    {
        public float* X;
        public float* Y;
        public float* Partial;
        public int Outer;
        public int Reduced;
        public int Inner;
        public int Blocks;
        public int Stripes;
        public float Divisor;
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
                context->Y[row] = RowSum.Run<V, ValueTerm>(new(context->X + ((long)row * context->Reduced)), 0, context->Reduced) / context->Divisor;
            }
        }
    }

    /// <summary>Sums one block of rows over one stripe of columns.</summary>
    private readonly struct BlockTile : ITileKernel<Context>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public static void Run<V>(Context* context, int tile, int worker)
            where V : unmanaged, ISimd<V>
        {
            var (blockOf, stripe) = Math.DivRem(tile, context->Stripes);
            var (o, block) = Math.DivRem(blockOf, context->Blocks);
            long inner = context->Inner;
            var rows = Math.Min(Block, context->Reduced - (block * Block));
            var x = context->X + ((((long)o * context->Reduced) + (block * Block)) * inner);
            var y = context->Partial + (blockOf * inner);
            var end = Math.Min((stripe + 1) * Stripe, context->Inner);
            var column = stripe * Stripe;
            for (; column <= end - (4 * V.Count); column += 4 * V.Count)
            {
                var a = V.Zero;
                var b = V.Zero;
                var c = V.Zero;
                var d = V.Zero;
                var at = x + column;
                for (var row = 0; row < rows; row++, at += inner)
                {
                    a += V.Load(at);
                    b += V.Load(at + V.Count);
                    c += V.Load(at + (2 * V.Count));
                    d += V.Load(at + (3 * V.Count));
                }

                V.Store(a, y + column);
                V.Store(b, y + column + V.Count);
                V.Store(c, y + column + (2 * V.Count));
                V.Store(d, y + column + (3 * V.Count));
            }

            for (; column < end; column += V.Count)
            {
                var count = Math.Min(V.Count, end - column);
                var sum = V.Zero;
                for (var row = 0; row < rows; row++)
                {
                    sum += V.LoadPartial(x + (row * inner) + column, count);
                }

                V.StorePartial(sum, y + column, count);
            }
        }
    }

    /// <summary>Adds neighbouring blocks, then neighbouring pairs and so on, in place; divides at the end.</summary>
    private readonly struct TreeTile : ITileKernel<Context>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public static void Run<V>(Context* context, int tile, int worker)
            where V : unmanaged, ISimd<V>
        {
            var (o, stripe) = Math.DivRem(tile, context->Stripes);
            long inner = context->Inner;
            var partial = context->Partial + (o * context->Blocks * inner);
            var end = Math.Min((stripe + 1) * Stripe, context->Inner);
            var divisor = V.Broadcast(context->Divisor);
            for (var column = stripe * Stripe; column < end; column += V.Count)
            {
                var count = Math.Min(V.Count, end - column);
                for (var step = 1; step < context->Blocks; step *= 2)
                {
                    for (var block = 0; block + step < context->Blocks; block += 2 * step)
                    {
                        var into = partial + (block * inner) + column;
                        V.StorePartial(V.LoadPartial(into, count) + V.LoadPartial(into + (step * inner), count), into, count);
                    }
                }

                V.StorePartial(V.LoadPartial(partial + column, count) / divisor, context->Y + (o * inner) + column, count);
            }
        }
    }
}
