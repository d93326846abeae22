// Log-softmax and cross-entropy in one pass over the logits: besides the losses only one number a row is kept, and the
// gradient may overwrite the logits. Targets are checked first; rows with the ignored target cost and give nothing.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Internal.Cpu.Elementwise;
using Umwelt.Tensors.Internal.Cpu.Reduce;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Internal.Cpu.Rows;

internal static unsafe class CrossEntropy
{
    /// <summary>
    /// For each row of logits [rows, size]: loss = lse − (1 − smoothing) x[target] − smoothing · mean x with lse = ln Σ eˣ,
    /// or 0 where target = <paramref name="ignored"/>. Returns the first row whose target is neither in [0, size) nor
    /// ignored, having computed nothing, or −1.
    /// </summary>
    public static long Forward(WorkerPool workers, float* logits, int* targets, float* losses, float* logSums, int rows, int size, int ignored, float smoothing)
    {
        for (var row = 0; row < rows; row++)
        {
            if ((uint)targets[row] >= (uint)size && targets[row] != ignored)
            {
                return row;
            }
        }

        var context = new Context { Logits = logits, Targets = targets, Losses = losses, LogSums = logSums, Rows = rows, Size = size, Ignored = ignored, Smoothing = smoothing };
        Tiles.Run<ForwardTile, Context>(workers, Tiles.Count(rows, RowTiles.RowsPerTile(size)), &context);
        return -1;
    }

    /// <summary>
    /// dlogits = (softmax − (1 − smoothing) onehot − smoothing / size) · gradient[row], 0 in ignored rows; dlogits may be the
    /// logits. Targets have passed <see cref="Forward"/>.
    /// </summary>
    public static void Backward(WorkerPool workers, float* logits, int* targets, float* logSums, float* gradients, float* dlogits, int rows, int size, int ignored, float smoothing)
    {
        var context = new Context { Logits = logits, Targets = targets, Losses = gradients, LogSums = logSums, Result = dlogits, Rows = rows, Size = size, Ignored = ignored, Smoothing = smoothing };
        context.AroundCaches = logits != dlogits && RowLoops.AroundCaches(dlogits, rows, size);
        Tiles.Run<BackwardTile, Context>(workers, Tiles.Count(rows, RowTiles.RowsPerTile(size)), &context);
    }

    private struct Context
    {
        public float* Logits;
        public int* Targets;
        public float* Losses;
        public float* LogSums;
        public float* Result;
        public int Rows;
        public int Size;
        public int Ignored;
        public float Smoothing;
        public bool AroundCaches;
    }

    private readonly struct ForwardTile : ITileKernel<Context>
    {
        public static void Run<V>(Context* context, int tile, int worker)
            where V : unmanaged, ISimd<V>
        {
            var size = context->Size;
            var smoothing = context->Smoothing;
            var perTile = RowTiles.RowsPerTile(size);
            var end = Math.Min((tile + 1) * perTile, context->Rows);
            for (var row = tile * perTile; row < end; row++)
            {
                var target = context->Targets[row];
                var x = context->Logits + ((long)row * size);
                var logSum = target == context->Ignored ? 0f : LogSoftmax.LogSumExp<V>(x, size);
                var loss = target == context->Ignored ? 0f : logSum - x[target];
                if (smoothing != 0f && target != context->Ignored)
                {
                    var mean = RowSum.Run<V, ValueTerm>(new(x), 0, size) / size;
                    loss = ((1f - smoothing) * loss) + (smoothing * (logSum - mean));
                }

                context->LogSums[row] = logSum;
                context->Losses[row] = loss;
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
                var target = context->Targets[row];
                var x = context->Logits + ((long)row * size);
                var result = context->Result + ((long)row * size);
                if (target == context->Ignored)
                {
                    new Span<float>(result, size).Clear();
                    continue;
                }

                var logSum = context->LogSums[row];
                var gradient = context->Losses[row];
                var atTarget = x[target];
                RowLoops.Write<V, GradientValue>(new(x, logSum, context->Smoothing / size, gradient), result, size, context->AroundCaches);
                NonTemporal.Fence();
                result[target] = TargetValue<V>(atTarget, logSum, context->Smoothing, size, gradient);
            }
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        private static float TargetValue<V>(float x, float logSum, float smoothing, int size, float gradient)
            where V : unmanaged, ISimd<V> =>
            (V.MaxAcross(SimdMath.Exp(V.Broadcast(x - logSum))) - (1f - smoothing) - (smoothing / size)) * gradient;
    }

    private readonly struct GradientValue(float* x, float logSum, float even, float gradient) : IRowValue
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V At<V>(long i, int count)
            where V : unmanaged, ISimd<V> =>
            (SimdMath.Exp(Lanes.Load<V>(x + i, count) - V.Broadcast(logSum)) - V.Broadcast(even)) * V.Broadcast(gradient);
    }
}
