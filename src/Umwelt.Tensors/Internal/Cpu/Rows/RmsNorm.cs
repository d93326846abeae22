// RMS norm over rows (Zhang and Sennrich 2019, equation 4) and its gradients. Kept for the backward pass: one number a
// row, the reciprocal root mean square.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Internal.Cpu.Elementwise;
using Umwelt.Tensors.Internal.Cpu.Reduce;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Internal.Cpu.Rows;

internal static unsafe class RmsNorm
{
    /// <summary>
    /// y = x r w with r = 1/√(mean x² + ε) for each row of x [rows, size]; y may be x. <paramref name="weight"/> [size] may
    /// be null and stand for ones, <paramref name="scales"/> [rows] receives r where it is not null.
    /// </summary>
    public static void Forward(WorkerPool workers, float* x, float* weight, float* y, float* scales, int rows, int size, float epsilon)
    {
        var context = new Context { X = x, Weight = weight, Y = y, Scales = scales, Rows = rows, Size = size, Epsilon = epsilon };
        if (x == y || !RowLoops.AroundCaches(y, rows, size))
        {
            Tiles.Run<ForwardTile, Context>(workers, Tiles.Count(rows, RowTiles.RowsPerTile(size)), &context);
            return;
        }

        if (weight == null)
        {
            context.Weight = Workers.Scratch(workers, 0, size).Shared(workers);
            new Span<float>(context.Weight, size).Fill(1f);
        }

        Tiles.Run<ForwardTileAroundCaches, Context>(workers, Tiles.Count(rows, RowsAroundCaches.RowsPerTile(size)), &context);
    }

    /// <summary>
    /// dx = r (w dy − x r² mean(w dy x)), dw = Σ over rows of dy x r. <paramref name="weight"/> and
    /// <paramref name="dweight"/> may be null; dx may be dy. With <paramref name="accumulate"/>, dw is added to.
    /// </summary>
    public static void Backward(WorkerPool workers, float* x, float* weight, float* scales, float* dy, float* dx, float* dweight, bool accumulate, int rows, int size)
    {
        var context = new Context { X = x, Weight = weight, Y = dx, Gradient = dy, Scales = scales, Rows = rows, Size = size };
        context.AroundCaches = dx != dy && dx != x && RowLoops.AroundCaches(dx, rows, size);
        var chunks = RowTiles.Chunks(rows);
        var scratch = Workers.Scratch(workers, 0, (((long)chunks + 1) * size) + PageStagger.Room);
        var shared = PageStagger.HalfOff(x, scratch.Shared(workers));
        if (weight == null)
        {
            context.Weight = shared + ((long)chunks * size);
            new Span<float>(context.Weight, size).Fill(1f);
        }

        context.Partial = dweight == null ? null : shared;
        if (context.AroundCaches && dweight != null)
        {
            Tiles.Run<BackwardTileAroundCaches, Context>(workers, chunks, &context);
        }
        else
        {
            Tiles.Run<BackwardTile, Context>(workers, chunks, &context);
        }

        if (dweight != null)
        {
            WeightGradients.Combine(workers, context.Partial, chunks, size, dweight, accumulate);
        }
    }

    private struct Context
    {
        public float* X;
        public float* Weight;
        public float* Y;
        public float* Gradient;
        public float* Scales;
        public float* Partial;
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
                var y = context->Y + ((long)row * size);
                var r = 1f / MathF.Sqrt((RowSum.Run<V, SquareTerm>(new(x), 0, size) / size) + context->Epsilon);
                if (context->Scales != null)
                {
                    context->Scales[row] = r;
                }

                if (context->Weight == null)
                {
                    RowLoops.Write<V, PlainValue>(new(x, r), y, size, aroundCaches: false);
                }
                else
                {
                    RowLoops.Write<V, WeightedValue>(new(x, context->Weight, r), y, size, aroundCaches: false);
                }
            }
        }
    }

    private readonly struct ForwardTileAroundCaches : ITileKernel<Context>
    {
        public static void Run<V>(Context* context, int tile, int worker)
            where V : unmanaged, ISimd<V>
        {
            var size = context->Size;
            var perTile = RowsAroundCaches.RowsPerTile(size);
            var first = tile * perTile;
            var end = Math.Min(first + perTile, context->Rows);
            var x = context->X + ((long)first * size);
            var step = new RowStep { A = x, Weight = context->Weight, Destination = context->Y + ((long)first * size) };
            var squares = RowSum.Run<V, SquareTerm>(new(x), 0, size);
            for (var row = first; row < end; row++)
            {
                step.Scale = 1f / MathF.Sqrt((squares / size) + context->Epsilon);
                if (context->Scales != null)
                {
                    context->Scales[row] = step.Scale;
                }

                step.NextA = row + 1 < end ? step.A + size : step.A;
                squares = RowsAroundCaches.Run<V, ForwardStep<V>>(&step, size);
                step.Advance(size);
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
            var partial = context->Partial == null ? null : context->Partial + ((long)tile * size);
            if (partial != null)
            {
                new Span<float>(partial, size).Clear();
            }

            for (var row = tile * perChunk; row < end; row++)
            {
                var offset = (long)row * size;
                var x = context->X + offset;
                var dy = context->Gradient + offset;
                var r = context->Scales[row];
                var dot = RowSum.Run<V, TripleProductTerm>(new(context->Weight, dy, x), 0, size);
                var pull = -(r * r * r) * (dot / size);
                if (partial != null)
                {
                    RowLoops.Write<V, GradientAndWeightValue>(new(x, dy, context->Weight, partial, r, pull), context->Y + offset, size, context->AroundCaches);
                }
                else
                {
                    RowLoops.Write<V, GradientValue>(new(x, dy, context->Weight, r, pull), context->Y + offset, size, context->AroundCaches);
                }
            }

            NonTemporal.Fence();
        }
    }

    private readonly struct BackwardTileAroundCaches : ITileKernel<Context>
    {
        public static void Run<V>(Context* context, int tile, int worker)
            where V : unmanaged, ISimd<V>
        {
            var size = context->Size;
            var perChunk = RowTiles.RowsPerChunk(context->Rows);
            var first = tile * perChunk;
            var end = Math.Min(first + perChunk, context->Rows);
            var offset = (long)first * size;
            var step = new RowStep
            {
                A = context->X + offset,
                B = context->Gradient + offset,
                Weight = context->Weight,
                WeightGradient = context->Partial + ((long)tile * size),
                Destination = context->Y + offset,
            };
            new Span<float>(step.WeightGradient, size).Clear();
            var dot = RowSum.Run<V, TripleProductTerm>(new(step.Weight, step.B, step.A), 0, size);
            for (var row = first; row < end; row++)
            {
                var r = context->Scales[row];
                step.Scale = r;
                step.Shift = -(r * r * r) * (dot / size);
                step.NextA = row + 1 < end ? step.A + size : step.A;
                step.NextB = row + 1 < end ? step.B + size : step.B;
                dot = RowsAroundCaches.Run<V, BackwardStep<V>>(&step, size);
                step.Advance(size);
            }

            NonTemporal.Fence();
        }
    }

    private readonly struct PlainValue(float* x, float r) : IRowValue
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V At<V>(long i, int count)
            where V : unmanaged, ISimd<V> => Lanes.Load<V>(x + i, count) * V.Broadcast(r);
    }

    private readonly struct WeightedValue(float* x, float* weight, float r) : IRowValue
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V At<V>(long i, int count)
            where V : unmanaged, ISimd<V> =>
            Lanes.Load<V>(x + i, count) * V.Broadcast(r) * Lanes.Load<V>(weight + i, count);
    }

    private readonly struct GradientValue(float* x, float* dy, float* weight, float r, float pull) : IRowValue
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V At<V>(long i, int count)
            where V : unmanaged, ISimd<V>
        {
            var direct = Lanes.Load<V>(dy + i, count) * Lanes.Load<V>(weight + i, count) * V.Broadcast(r);
            return V.MultiplyAdd(Lanes.Load<V>(x + i, count), V.Broadcast(pull), direct);
        }
    }

    private readonly struct GradientAndWeightValue(float* x, float* dy, float* weight, float* dweight, float r, float pull) : IRowValue
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V At<V>(long i, int count)
            where V : unmanaged, ISimd<V>
        {
            var value = Lanes.Load<V>(x + i, count);
            var scaled = Lanes.Load<V>(dy + i, count) * V.Broadcast(r);
            Lanes.Store(V.MultiplyAdd(scaled, value, Lanes.Load<V>(dweight + i, count)), dweight + i, count);
            return V.MultiplyAdd(value, V.Broadcast(pull), scaled * Lanes.Load<V>(weight + i, count));
        }
    }

    /// <summary>As WeightedValue, beside the next row's squares.</summary>
    private readonly struct ForwardStep<V> : IRowStep<V, ForwardStep<V>>
        where V : unmanaged, ISimd<V>
    {
        private readonly float* _x;
        private readonly float* _next;
        private readonly float* _weight;
        private readonly V _r;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private ForwardStep(RowStep* step)
        {
            _x = step->A;
            _next = step->NextA;
            _weight = step->Weight;
            _r = V.Broadcast(step->Scale);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static ForwardStep<V> Of(RowStep* step) => new(step);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V At(long i, out V term)
        {
            RowsAroundCaches.Fetch(_next, i);
            var next = V.Load(_next + i);
            term = next * next;
            return V.Load(_x + i) * _r * V.Load(_weight + i);
        }
    }

    /// <summary>As GradientAndWeightValue, beside the next row's products.</summary>
    private readonly struct BackwardStep<V> : IRowStep<V, BackwardStep<V>>
        where V : unmanaged, ISimd<V>
    {
        private readonly float* _x;
        private readonly float* _dy;
        private readonly float* _nextX;
        private readonly float* _nextDy;
        private readonly float* _weight;
        private readonly float* _dweight;
        private readonly V _r;
        private readonly V _pull;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private BackwardStep(RowStep* step)
        {
            _x = step->A;
            _dy = step->B;
            _nextX = step->NextA;
            _nextDy = step->NextB;
            _weight = step->Weight;
            _dweight = step->WeightGradient;
            _r = V.Broadcast(step->Scale);
            _pull = V.Broadcast(step->Shift);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static BackwardStep<V> Of(RowStep* step) => new(step);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V At(long i, out V term)
        {
            RowsAroundCaches.Fetch(_nextX, i);
            RowsAroundCaches.Fetch(_nextDy, i);
            var weight = V.Load(_weight + i);
            term = weight * V.Load(_nextDy + i) * V.Load(_nextX + i);
            var value = V.Load(_x + i);
            var scaled = V.Load(_dy + i) * _r;
            V.Store(V.MultiplyAdd(scaled, value, V.Load(_dweight + i)), _dweight + i);
            return V.MultiplyAdd(value, _pull, scaled * weight);
        }
    }
}
