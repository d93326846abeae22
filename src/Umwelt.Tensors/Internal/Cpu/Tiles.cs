// Work in tiles over the worker pool, its body written once over ISimd: the tier is chosen here, once a call.
// What a tile computes depends on its number alone, never on the worker that claims it.
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Internal.Cpu;

/// <summary>The body of a tiled loop. It must not throw and must not start another loop on the same pool.</summary>
internal unsafe interface ITileKernel<TContext>
    where TContext : unmanaged
{
    static abstract void Run<V>(TContext* context, int tile, int worker)
        where V : unmanaged, ISimd<V>;
}

internal static unsafe class Tiles
{
    /// <summary>Elements in a tile of an elementwise loop: 64 KB of float32, a few microseconds of work.</summary>
    public const int Elements = 16384;

    public static int Count(long elements, int perTile) => checked((int)((elements + perTile - 1) / perTile));

    public static void Run<TKernel, TContext>(WorkerPool workers, int tiles, TContext* context)
        where TKernel : ITileKernel<TContext>
        where TContext : unmanaged
    {
        if (SimdTier.Has512)
        {
            workers.Run(tiles, &Body<TKernel, TContext, Simd512>, context);
        }
        else if (SimdTier.Has256)
        {
            workers.Run(tiles, &Body<TKernel, TContext, Simd256>, context);
        }
        else if (SimdTier.Has128)
        {
            workers.Run(tiles, &Body<TKernel, TContext, Simd128>, context);
        }
        else
        {
            workers.Run(tiles, &Body<TKernel, TContext, SimdScalar>, context);
        }
    }

    private static void Body<TKernel, TContext, V>(void* context, int tile, int worker)
        where TKernel : ITileKernel<TContext>
        where TContext : unmanaged
        where V : unmanaged, ISimd<V> => TKernel.Run<V>((TContext*)context, tile, worker);
}
