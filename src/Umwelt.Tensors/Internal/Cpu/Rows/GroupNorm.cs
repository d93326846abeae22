// Group norm (Wu and He 2018, equation 4) over [batch, positions, channels], the engine's picture layout: each group of
// neighbouring channels is normalised over all positions. Sums run down the positions of each channel first, then over
// the channels of a group in order; a tile holds whole groups of one picture, so tiles never share a sum.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Internal.Cpu.Rows;

internal static unsafe class GroupNorm
{
    private const int Block = 64;
    private const int Sums = 6;

    /// <summary>
    /// y = (x − μ) r w + b with r = 1/√(var + ε); y may be x. Weight and bias [channels] may be null; means and scales
    /// [batch, groups] receive μ and r. Groups divide channels.
    /// </summary>
    public static void Forward(
        WorkerPool workers, float* x, float* weight, float* bias, float* y, float* means, float* scales, int batch, int positions, int channels, int groups, float epsilon)
    {
        var context = Create(workers, x, weight, y, means, scales, batch, positions, channels, groups);
        context.Bias = bias;
        context.Epsilon = epsilon;
        Tiles.Run<ForwardTile, Context>(workers, batch * context.Strips, &context);
    }

    /// <summary>
    /// With n = (x − μ) r and g = w dy: dx = r (g − mean g − n mean(g n)) over each group, dw = Σ dy n, db = Σ dy over batch
    /// and positions. Weight, dweight and dbias may be null; dx may be dy. With <paramref name="accumulate"/>, dw and db
    /// are added to.
    /// </summary>
    public static void Backward(
        WorkerPool workers, float* x, float* weight, float* means, float* scales, float* dy, float* dx, float* dweight, float* dbias, bool accumulate,
        int batch, int positions, int channels, int groups)
    {
        var context = Create(workers, x, weight, dx, means, scales, batch, positions, channels, groups);
        context.Gradient = dy;
        Tiles.Run<BackwardTile, Context>(workers, batch * context.Strips, &context);
        if (dweight != null)
        {
            WeightGradients.Combine(workers, context.PartialWeight, batch, channels, dweight, accumulate);
        }

        if (dbias != null)
        {
            WeightGradients.Combine(workers, context.PartialBias, batch, channels, dbias, accumulate);
        }
    }

    private static Context Create(
        WorkerPool workers, float* x, float* weight, float* y, float* means, float* scales, int batch, int positions, int channels, int groups)
    {
        // Enough groups for 32 channels, so that a strip is whole cache lines wherever the groups allow it.
        var perGroup = channels / groups;
        var perStrip = Math.Min(groups, Math.Max(1, (32 + perGroup - 1) / perGroup));
        var width = (perStrip * perGroup) + 16;
        var memory = Workers.Scratch(workers, (long)Sums * width, 2L * batch * channels);
        return new Context
        {
            X = x,
            Weight = weight,
            Y = y,
            Means = means,
            Scales = scales,
            Batch = batch,
            Positions = positions,
            Channels = channels,
            Groups = groups,
            GroupsPerStrip = perStrip,
            Strips = (groups + perStrip - 1) / perStrip,
            Width = width,
            Workers = memory,
            PartialWeight = memory.Shared(workers),
            PartialBias = memory.Shared(workers) + ((long)batch * channels),
        };
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
        public int Batch;
        public int Positions;
        public int Channels;
        public int Groups;
        public int GroupsPerStrip;
        public int Strips;
        public int Width;
        public float Epsilon;
        public Workers Workers;
    }

    private readonly struct ForwardTile : ITileKernel<Context>
    {
        public static void Run<V>(Context* context, int tile, int worker)
            where V : unmanaged, ISimd<V>
        {
            var c = *context;
            var (picture, strip) = Math.DivRem(tile, c.Strips);
            var perGroup = c.Channels / c.Groups;
            var firstGroup = strip * c.GroupsPerStrip;
            var groups = Math.Min(c.GroupsPerStrip, c.Groups - firstGroup);
            var first = firstGroup * perGroup;
            var width = groups * perGroup;
            var origin = ((long)picture * c.Positions * c.Channels) + first;
            var sums = c.Workers[worker];
            var centers = sums + c.Width;
            var factors = centers + c.Width;
            var shifts = factors + c.Width;
            var count = (float)((long)perGroup * c.Positions);

            new Span<float>(centers, width).Clear();
            Deviations<V>(c.X + origin, c.Channels, c.Positions, width, centers, sums, squared: false);
            for (var g = 0; g < groups; g++)
            {
                var mean = Total(sums + (g * perGroup), perGroup) / count;
                c.Means[((long)picture * c.Groups) + firstGroup + g] = mean;
                new Span<float>(centers + (g * perGroup), perGroup).Fill(mean);
            }

            Deviations<V>(c.X + origin, c.Channels, c.Positions, width, centers, sums, squared: true);
            for (var g = 0; g < groups; g++)
            {
                var r = 1f / MathF.Sqrt((Total(sums + (g * perGroup), perGroup) / count) + c.Epsilon);
                c.Scales[((long)picture * c.Groups) + firstGroup + g] = r;
                for (var i = g * perGroup; i < (g + 1) * perGroup; i++)
                {
                    factors[i] = c.Weight == null ? r : r * c.Weight[first + i];
                    shifts[i] = c.Bias == null ? 0f : c.Bias[first + i];
                }
            }

            Normalise<V>(c.X + origin, c.Y + origin, c.Channels, c.Positions, width, centers, factors, shifts);
        }

        /// <summary>Σ over positions of (x − center), or of its square, for each channel: blocks of 64 positions, then the blocks.</summary>
        [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
        private static void Deviations<V>(float* x, int stride, int positions, int width, float* centers, float* sums, bool squared)
            where V : unmanaged, ISimd<V>
        {
            for (var i = 0; i < width; i += V.Count)
            {
                var count = Math.Min(V.Count, width - i);
                var center = V.LoadPartial(centers + i, count);
                var total = V.Zero;
                for (var block = 0; block < positions; block += Block)
                {
                    var sum = V.Zero;
                    var end = Math.Min(block + Block, positions);
                    var at = x + ((long)block * stride) + i;
                    for (var p = block; p < end; p++, at += stride)
                    {
                        var d = Lanes.Load<V>(at, count) - center;
                        sum += squared ? d * d : d;
                    }

                    total += sum;
                }

                V.StorePartial(total, sums + i, count);
            }
        }

        [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
        private static void Normalise<V>(float* x, float* y, int stride, int positions, int width, float* centers, float* factors, float* shifts)
            where V : unmanaged, ISimd<V>
        {
            for (var p = 0; p < positions; p++, x += stride, y += stride)
            {
                for (var i = 0; i < width; i += V.Count)
                {
                    var count = Math.Min(V.Count, width - i);
                    var d = Lanes.Load<V>(x + i, count) - Lanes.Load<V>(centers + i, count);
                    Lanes.Store(V.MultiplyAdd(d, Lanes.Load<V>(factors + i, count), Lanes.Load<V>(shifts + i, count)), y + i, count);
                }
            }
        }
    }

    private readonly struct BackwardTile : ITileKernel<Context>
    {
        public static void Run<V>(Context* context, int tile, int worker)
            where V : unmanaged, ISimd<V>
        {
            var c = *context;
            var (picture, strip) = Math.DivRem(tile, c.Strips);
            var perGroup = c.Channels / c.Groups;
            var firstGroup = strip * c.GroupsPerStrip;
            var groups = Math.Min(c.GroupsPerStrip, c.Groups - firstGroup);
            var first = firstGroup * perGroup;
            var width = groups * perGroup;
            var origin = ((long)picture * c.Positions * c.Channels) + first;
            var centers = c.Workers[worker];
            var scales = centers + c.Width;
            var direct = scales + c.Width;
            var pulls = direct + c.Width;
            var offsets = pulls + c.Width;
            var weights = c.PartialWeight + ((long)picture * c.Channels) + first;
            var biases = c.PartialBias + ((long)picture * c.Channels) + first;
            for (var i = 0; i < width; i++)
            {
                centers[i] = c.Means[((long)picture * c.Groups) + firstGroup + (i / perGroup)];
                scales[i] = c.Scales[((long)picture * c.Groups) + firstGroup + (i / perGroup)];
            }

            ChannelSums<V>(c.X + origin, c.Gradient + origin, c.Channels, c.Positions, width, centers, scales, weights, biases);
            var count = (float)((long)perGroup * c.Positions);
            for (var g = 0; g < groups; g++)
            {
                var gradient = 0f;
                var product = 0f;
                for (var i = g * perGroup; i < (g + 1) * perGroup; i++)
                {
                    direct[i] = c.Weight == null ? 1f : c.Weight[first + i];
                    gradient += direct[i] * biases[i];
                    product += direct[i] * weights[i];
                }

                new Span<float>(offsets + (g * perGroup), perGroup).Fill(-gradient / count);
                new Span<float>(pulls + (g * perGroup), perGroup).Fill(-product / count);
            }

            Gradients<V>(c.X + origin, c.Gradient + origin, c.Y + origin, c.Channels, c.Positions, width, centers, scales, direct, offsets, pulls);
        }

        /// <summary>Σ dy n and Σ dy over positions for each channel: blocks of 64 positions, then the blocks.</summary>
        [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
        private static void ChannelSums<V>(
            float* x, float* dy, int stride, int positions, int width, float* centers, float* scales, float* products, float* gradients)
            where V : unmanaged, ISimd<V>
        {
            for (var i = 0; i < width; i += V.Count)
            {
                var count = Math.Min(V.Count, width - i);
                var center = V.LoadPartial(centers + i, count);
                var scale = V.LoadPartial(scales + i, count);
                var product = V.Zero;
                var gradient = V.Zero;
                for (var block = 0; block < positions; block += Block)
                {
                    var end = Math.Min(block + Block, positions);
                    var blockProduct = V.Zero;
                    var blockGradient = V.Zero;
                    for (var p = block; p < end; p++)
                    {
                        var at = ((long)p * stride) + i;
                        var g = Lanes.Load<V>(dy + at, count);
                        blockGradient += g;
                        blockProduct = V.MultiplyAdd(g, (Lanes.Load<V>(x + at, count) - center) * scale, blockProduct);
                    }

                    product += blockProduct;
                    gradient += blockGradient;
                }

                V.StorePartial(product, products + i, count);
                V.StorePartial(gradient, gradients + i, count);
            }
        }

        [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
        private static void Gradients<V>(
            float* x, float* dy, float* dx, int stride, int positions, int width, float* centers, float* scales, float* direct, float* offsets, float* pulls)
            where V : unmanaged, ISimd<V>
        {
            for (var p = 0; p < positions; p++, x += stride, dy += stride, dx += stride)
            {
                for (var i = 0; i < width; i += V.Count)
                {
                    var count = Math.Min(V.Count, width - i);
                    var scale = Lanes.Load<V>(scales + i, count);
                    var normal = (Lanes.Load<V>(x + i, count) - Lanes.Load<V>(centers + i, count)) * scale;
                    var g = V.MultiplyAdd(Lanes.Load<V>(dy + i, count), Lanes.Load<V>(direct + i, count), Lanes.Load<V>(offsets + i, count));
                    Lanes.Store(V.MultiplyAdd(normal, Lanes.Load<V>(pulls + i, count), g) * scale, dx + i, count);
                }
            }
        }
    }

    private static float Total(float* values, int count)
    {
        var total = 0f;
        for (var i = 0; i < count; i++)
        {
            total += values[i];
        }

        return total;
    }
}
