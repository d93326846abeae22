// One fused AdamW step (Loshchilov and Hutter 2019, algorithm 2) over a parameter. What changes from step to step is read
// from memory, so that it may live in tensors and a step has no data-dependent shape.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Internal.Simd;
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors.Internal.Cpu.Optimisers;

internal static unsafe class AdamW
{
    /// <summary>
    /// With g = gradient · scale: m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g²,
    /// p ← p − η (m / (1−β₁ᵗ) / (√(v / (1−β₂ᵗ)) + ε) + λp). η, the scale and t (a count from 1) are read from memory.
    /// </summary>
    public static void Step(
        WorkerPool workers, float* parameter, float* gradient, float* first, float* second, long count, in AdamWConstants constants, float* learningRate, float* gradientScale, float* step)
    {
        var context = new Context
        {
            Parameter = parameter,
            Gradient = gradient,
            First = first,
            Second = second,
            Count = count,
            Beta1 = constants.Beta1,
            Beta2 = constants.Beta2,
            Epsilon = constants.Epsilon,
            Scale = *gradientScale,
            Keep = (float)(1.0 - ((double)*learningRate * constants.WeightDecay)),
            Rate = (float)(*learningRate / (1.0 - Math.Pow(constants.Beta1, *step))),
            Correction = (float)(1.0 / Math.Sqrt(1.0 - Math.Pow(constants.Beta2, *step))),
        };
        Tiles.Run<Tile, Context>(workers, Tiles.Count(count, Tiles.Elements), &context);
    }

    private struct Context
    {
        public float* Parameter;
        public float* Gradient;
        public float* First;
        public float* Second;
        public long Count;
        public float Beta1;
        public float Beta2;
        public float Epsilon;
        public float Scale;
        public float Keep;
        public float Rate;
        public float Correction;
    }

    private readonly struct Tile : ITileKernel<Context>
    {
        public static void Run<V>(Context* context, int tile, int worker)
            where V : unmanaged, ISimd<V>
        {
            var start = (long)tile * Tiles.Elements;
            Loop<V>(*context, start, Math.Min(start + Tiles.Elements, context->Count));
        }

        [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
        private static void Loop<V>(Context c, long i, long end)
            where V : unmanaged, ISimd<V>
        {
            var beta1 = V.Broadcast(c.Beta1);
            var beta2 = V.Broadcast(c.Beta2);
            var rest1 = V.Broadcast(1f - c.Beta1);
            var rest2 = V.Broadcast(1f - c.Beta2);
            for (; i < end; i += V.Count)
            {
                var count = (int)Math.Min(V.Count, end - i);
                var g = Lanes.Load<V>(c.Gradient + i, count) * V.Broadcast(c.Scale);
                var m = V.MultiplyAdd(beta1, Lanes.Load<V>(c.First + i, count), rest1 * g);
                var v = V.MultiplyAdd(beta2, Lanes.Load<V>(c.Second + i, count), rest2 * (g * g));
                var p = Lanes.Load<V>(c.Parameter + i, count);
                var denominator = V.MultiplyAdd(V.Sqrt(v), V.Broadcast(c.Correction), V.Broadcast(c.Epsilon));
                p = V.MultiplyAdd(p, V.Broadcast(c.Keep), -(V.Broadcast(c.Rate) * m / denominator));
                Lanes.Store(m, c.First + i, count);
                Lanes.Store(v, c.Second + i, count);
                Lanes.Store(p, c.Parameter + i, count);
            }
        }
    }
}
