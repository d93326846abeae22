// Reductions of long rows that are shared between threads at fixed places: the sum over a row is the same bit for bit as
// RowSum gives for it on one thread.
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Internal.Cpu.Reduce;

internal static unsafe class FullReduction
{
    /// <summary>Sixteen blocks: a power of two, so that parts are subtrees of the row's tree.</summary>
    private const int Part = 16 * RowSum.Block;

    /// <summary>Σ x².</summary>
    public static float SumOfSquares(WorkerPool workers, float* x, long count) => Sum<Squares>(workers, x, count);

    /// <summary>Σ x.</summary>
    public static float Sum(WorkerPool workers, float* x, long count) => Sum<Values>(workers, x, count);

    private static float Sum<TMap>(WorkerPool workers, float* x, long count)
        where TMap : struct, IMap
    {
        var parts = Tiles.Count(count, Part);
        var partial = Workers.Scratch(workers, 0, parts).Shared(workers);
        var context = new Context { X = x, Count = count, Partial = partial };
        Tiles.Run<SumTile<TMap>, Context>(workers, parts, &context);
        var tree = default(SumTree);
        for (var i = 0; i < parts; i++)
        {
            tree.Add(partial[i]);
        }

        return tree.Total;
    }

    private interface IMap
    {
        static abstract float Sum<V>(float* x, long start, long count)
            where V : unmanaged, ISimd<V>;
    }

    private struct Context
    {
        public float* X;
        public float* Partial;
        public long Count;
    }

    private readonly struct Values : IMap
    {
        public static float Sum<V>(float* x, long start, long count)
            where V : unmanaged, ISimd<V> => RowSum.Run<V, ValueTerm>(new(x), start, count);
    }

    private readonly struct Squares : IMap
    {
        public static float Sum<V>(float* x, long start, long count)
            where V : unmanaged, ISimd<V> => RowSum.Run<V, SquareTerm>(new(x), start, count);
    }

    private readonly struct SumTile<TMap> : ITileKernel<Context>
        where TMap : struct, IMap
    {
        public static void Run<V>(Context* context, int tile, int worker)
            where V : unmanaged, ISimd<V>
        {
            var start = (long)tile * Part;
            context->Partial[tile] = TMap.Sum<V>(context->X, start, Math.Min(Part, context->Count - start));
        }
    }
}
