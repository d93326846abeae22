// Sums the contributions that chunks of rows made to a weight's gradient, in the order of the chunks.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Internal.Cpu.Rows;

internal static unsafe class WeightGradients
{
    private const int Stripe = 256;

    /// <summary>result[c] = Σ over chunks of partial[chunk, c], or that added to result.</summary>
    public static void Combine(WorkerPool workers, float* partial, int chunks, int size, float* result, bool accumulate)
    {
        var context = new Context { Partial = partial, Result = result, Chunks = chunks, Size = size, Accumulate = accumulate };
        Tiles.Run<Tile, Context>(workers, Tiles.Count(size, Stripe), &context);
    }

    private struct Context
    {
        public float* Partial;
        public float* Result;
        public int Chunks;
        public int Size;
        public bool Accumulate;
    }

    private readonly struct Tile : ITileKernel<Context>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public static void Run<V>(Context* context, int tile, int worker)
            where V : unmanaged, ISimd<V>
        {
            var end = Math.Min((tile + 1) * Stripe, context->Size);
            for (var c = tile * Stripe; c < end; c += V.Count)
            {
                var count = Math.Min(V.Count, end - c);
                var sum = V.Zero;
                for (var chunk = 0; chunk < context->Chunks; chunk++)
                {
                    sum += V.LoadPartial(context->Partial + ((long)chunk * context->Size) + c, count);
                }

                if (context->Accumulate)
                {
                    sum += V.LoadPartial(context->Result + c, count);
                }

                V.StorePartial(sum, context->Result + c, count);
            }
        }
    }
}
