// One fused step of stochastic gradient descent with momentum, plain or Nesterov's (Sutskever et al. 2013, section 2, with
// the velocity free of the learning rate). What changes from step to step is read from memory.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Internal.Simd;
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors.Internal.Cpu.Optimisers;

internal static unsafe class GradientDescent
{
    /// <summary>
    /// With g = gradient · scale + λp: v ← μv + g; p ← p − η v, or p − η (g + μv) with Nesterov's look-ahead.
    /// <paramref name="velocity"/> may be null where the momentum is 0.
    /// </summary>
    public static void Step(
        WorkerPool workers, float* parameter, float* gradient, float* velocity, long count, in GradientDescentConstants constants, float* learningRate, float* gradientScale)
    {
        var context = new Context
        {
            Parameter = parameter,
            Gradient = gradient,
            Velocity = velocity,
            Count = count,
            Constants = constants,
            Rate = *learningRate,
            Scale = *gradientScale,
        };
        Tiles.Run<Tile, Context>(workers, Tiles.Count(count, Tiles.Elements), &context);
    }

    private struct Context
    {
        public float* Parameter;
        public float* Gradient;
        public float* Velocity;
        public long Count;
        public GradientDescentConstants Constants;
        public float Rate;
        public float Scale;
    }

    private readonly struct Tile : ITileKernel<Context>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public static void Run<V>(Context* context, int tile, int worker)
            where V : unmanaged, ISimd<V>
        {
            var c = *context;
            var momentum = V.Broadcast(c.Constants.Momentum);
            var end = Math.Min(((long)tile + 1) * Tiles.Elements, c.Count);
            for (var i = (long)tile * Tiles.Elements; i < end; i += V.Count)
            {
                var count = (int)Math.Min(V.Count, end - i);
                var p = Lanes.Load<V>(c.Parameter + i, count);
                var g = V.MultiplyAdd(p, V.Broadcast(c.Constants.WeightDecay), Lanes.Load<V>(c.Gradient + i, count) * V.Broadcast(c.Scale));
                var move = g;
                if (c.Velocity != null)
                {
                    var v = V.MultiplyAdd(momentum, Lanes.Load<V>(c.Velocity + i, count), g);
                    Lanes.Store(v, c.Velocity + i, count);
                    move = c.Constants.Nesterov ? V.MultiplyAdd(momentum, v, g) : v;
                }

                Lanes.Store(V.MultiplyAdd(V.Broadcast(-c.Rate), move, p), c.Parameter + i, count);
            }
        }
    }
}
