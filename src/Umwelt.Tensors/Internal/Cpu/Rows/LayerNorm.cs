// Layer norm over rows (Ba, Kiros, Hinton 2016, equation 3) and its gradients. The variance is taken around the mean in a
// second pass. Kept for the backward pass: mean and reciprocal deviation of each row.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Internal.Cpu.Elementwise;
using Umwelt.Tensors.Internal.Cpu.Reduce;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Internal.Cpu.Rows;

internal static unsafe class LayerNorm
{
    /// <summary>
    /// y = (x − μ) r w + b with r = 1/√(var x + ε) for each row of x [rows, size]; y may be x. Weight and bias [size] may be
    /// null (ones, zeros); <paramref name="means"/> and <paramref name="scales"/> [rows] receive μ and r where not null.
    /// </summary>
    public static void Forward(WorkerPool workers, float* x, float* weight, float* bias, float* y, float* means, float* scales, int rows, int size, float epsilon)
    {
        var context = new Context { X = x, Y = y, Means = means, Scales = scales, Rows = rows, Size = size, Epsilon = epsilon };
        context.AroundCaches = x != y && RowLoops.AroundCaches(y, rows, size);
        var ones = Workers.Scratch(workers, 0, 2L * size).Shared(workers);
        context.Weight = weight == null ? Constant(ones, size, 1f) : weight;
        context.Bias = bias == null ? Constant(ones + size, size, 0f) : bias;
        Tiles.Run<ForwardTile, Context>(workers, Tiles.Count(rows, RowTiles.RowsPerTile(size)), &context);
    }

    /// <summary>
    /// With n = (x − μ) r and g = w dy: dx = r (g − mean g − n mean(g n)), dw = Σ dy n, db = Σ dy over rows. Weight, dweight
    /// and dbias may be null; dx may be dy. With <paramref name="accumulate"/>, dw and db are added to.
    /// </summary>
    public static void Backward(WorkerPool workers, float* x, float* weight, float* means, float* scales, float* dy, float* dx, float* dweight, float* dbias, bool accumulate, int rows, int size)
    {
        var chunks = RowTiles.Chunks(rows);
        var shared = Workers.Scratch(workers, 0, ((2L * chunks) + 1) * size).Shared(workers);
        var context = new Context { X = x, Y = dx, Gradient = dy, Means = means, Scales = scales, Rows = rows, Size = size };
        context.AroundCaches = dx != dy && dx != x && RowLoops.AroundCaches(dx, rows, size);
        context.Weight = weight == null ? Constant(shared + (2L * chunks * size), size, 1f) : weight;
        context.PartialWeight = shared;
        context.PartialBias = shared + ((long)chunks * size);
        Tiles.Run<BackwardTile, Context>(workers, chunks, &context);
        if (dweight != null)
        {
            WeightGradients.Combine(workers, context.PartialWeight, chunks, size, dweight, accumulate);
        }

        if (dbias != null)
        {
            WeightGradients.Combine(workers, context.PartialBias, chunks, size, dbias, accumulate);
        }
    }

    private static float* Constant(float* destination, int size, float value)
    {
        new Span<float>(destination, size).Fill(value);
        return destination;
    }

    private struct Context
    {
        public float* X;
        public float* Weight;
        public float* Bias;
        public float* Y;
        public float* Gradient;
        public float* Means;
        public float* Scales;
        public float* PartialWeight;
        public float* PartialBias;
        public int Rows;
        public int Size;
        public float Epsilon;
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
                var mean = RowSum.Run<V, ValueTerm>(new(x), 0, size) / size;
                var r = 1f / MathF.Sqrt((RowSum.Run<V, DeviationTerm>(new(x, mean), 0, size) / size) + context->Epsilon);
                if (context->Means != null)
                {
                    context->Means[row] = mean;
                }

                if (context->Scales != null)
                {
                    context->Scales[row] = r;
                }

                RowLoops.Write<V, NormalValue>(new(x, context->Weight, context->Bias, mean, r), context->Y + ((long)row * size), size, context->AroundCaches);
            }

            NonTemporal.Fence();
        }
    }

    private readonly struct BackwardTile : ITileKernel<Context>
    {
        public static void Run<V>(Context* context, int tile, int worker)
            where V : unmanaged, ISimd<V>
        {
            var size = context->Size;
            var perChunk = RowTiles.RowsPerChunk(context->Rows);
            var end = Math.Min((tile + 1) * perChunk, context->Rows);
            var weights = context->PartialWeight + ((long)tile * size);
            var biases = context->PartialBias + ((long)tile * size);
            new Span<float>(weights, size).Clear();
            new Span<float>(biases, size).Clear();
            for (var row = tile * perChunk; row < end; row++)
            {
                var offset = (long)row * size;
                var x = context->X + offset;
                var dy = context->Gradient + offset;
                var mean = context->Means[row];
                var r = context->Scales[row];
                var meanGradient = RowSum.Run<V, ProductTerm>(new(context->Weight, dy), 0, size) / size;
                var meanProduct = RowSum.Run<V, NormalProductTerm>(new(x, dy, context->Weight, mean, r), 0, size) / size;
                RowLoops.Write<V, GradientValue>(
                    new(x, dy, context->Weight, weights, biases, mean, r, meanGradient, meanProduct), context->Y + offset, size, context->AroundCaches);
            }

            NonTemporal.Fence();
        }
    }

    private readonly struct NormalValue(float* x, float* weight, float* bias, float mean, float r) : IRowValue
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V At<V>(long i, int count)
            where V : unmanaged, ISimd<V>
        {
            var normal = (Lanes.Load<V>(x + i, count) - V.Broadcast(mean)) * V.Broadcast(r);
            return V.MultiplyAdd(normal, Lanes.Load<V>(weight + i, count), Lanes.Load<V>(bias + i, count));
        }
    }

    private readonly struct NormalProductTerm(float* x, float* dy, float* weight, float mean, float r) : IRowTerm
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V At<V>(long i, int count)
            where V : unmanaged, ISimd<V>
        {
            var normal = (Lanes.Load<V>(x + i, count) - V.Broadcast(mean)) * V.Broadcast(r);
            return normal * (Lanes.Load<V>(weight + i, count) * Lanes.Load<V>(dy + i, count));
        }
    }

    private readonly struct GradientValue(
        float* x, float* dy, float* weight, float* dweight, float* dbias, float mean, float r, float meanGradient, float meanProduct) : IRowValue
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V At<V>(long i, int count)
            where V : unmanaged, ISimd<V>
        {
            var normal = (Lanes.Load<V>(x + i, count) - V.Broadcast(mean)) * V.Broadcast(r);
            var gradient = Lanes.Load<V>(dy + i, count);
            Lanes.Store(V.MultiplyAdd(gradient, normal, Lanes.Load<V>(dweight + i, count)), dweight + i, count);
            Lanes.Store(gradient + Lanes.Load<V>(dbias + i, count), dbias + i, count);
            var direct = V.MultiplyAdd(gradient, Lanes.Load<V>(weight + i, count), V.Broadcast(-meanGradient));
            return V.MultiplyAdd(normal, V.Broadcast(-meanProduct), direct) * V.Broadcast(r);
        }
    }
}
