// Choosing from rows: the k largest elements, and one class drawn from logits by a given uniform number. The order is
// falling, NaN before all, of equal elements the first first; a heap of places pops only as many as are asked for.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Internal.Cpu.Rows;

internal static unsafe class RowChoice
{
    /// <summary>The k largest of each row of x [rows, size] with their places, both [rows, k].</summary>
    public static void TopK(WorkerPool workers, float* x, float* values, int* places, int rows, int size, int k)
    {
        var context = new Context { X = x, Values = values, Places = places, Rows = rows, Size = size, K = k };
        context.Scratch = Workers.Scratch(workers, size);
        Tiles.Run<TopKTile, Context>(workers, Tiles.Count(rows, RowTiles.RowsPerTile(size)), &context);
    }

    /// <summary>
    /// A class for each row of logits [rows, size] by uniforms [rows] of [0, 1), after temperature, top-k, top-p and min-p
    /// in that order. Classes lie on the line of probability in their own order.
    /// </summary>
    public static void Sample(WorkerPool workers, float* logits, float* uniforms, int* classes, int rows, int size, in Sampling sampling)
    {
        var context = new Context { X = logits, Values = uniforms, Places = classes, Rows = rows, Size = size, Sampling = sampling };
        context.Scratch = Workers.Scratch(workers, 3L * size);
        Tiles.Run<SampleTile, Context>(workers, Tiles.Count(rows, RowTiles.RowsPerTile(size)), &context);
    }

    private struct Context
    {
        public float* X;
        public float* Values;
        public int* Places;
        public int Rows;
        public int Size;
        public int K;
        public Sampling Sampling;
        public Workers Scratch;
    }

    private readonly struct TopKTile : ITileKernel<Context>
    {
        public static void Run<V>(Context* context, int tile, int worker)
            where V : unmanaged, ISimd<V>
        {
            var perTile = RowTiles.RowsPerTile(context->Size);
            var end = Math.Min((tile + 1) * perTile, context->Rows);
            for (var row = tile * perTile; row < end; row++)
            {
                var x = context->X + ((long)row * context->Size);
                var heap = new PlaceHeap(x, (int*)context->Scratch[worker], context->Size);
                for (var i = 0; i < context->K; i++)
                {
                    var place = heap.Pop();
                    context->Values[((long)row * context->K) + i] = x[place];
                    context->Places[((long)row * context->K) + i] = place;
                }
            }
        }
    }

    private readonly struct SampleTile : ITileKernel<Context>
    {
        public static void Run<V>(Context* context, int tile, int worker)
            where V : unmanaged, ISimd<V>
        {
            var perTile = RowTiles.RowsPerTile(context->Size);
            var end = Math.Min((tile + 1) * perTile, context->Rows);
            for (var row = tile * perTile; row < end; row++)
            {
                var x = context->X + ((long)row * context->Size);
                context->Places[row] = Draw<V>(x, context->Size, context->Values[row], context->Sampling, context->Scratch[worker]);
            }
        }

        private static int Draw<V>(float* logits, int size, float uniform, in Sampling sampling, float* scratch)
            where V : unmanaged, ISimd<V>
        {
            var heap = new PlaceHeap(logits, (int*)scratch, size);
            var largest = heap.First;
            if (sampling.Temperature == 0)
            {
                return largest;
            }

            var weights = scratch + size;
            var kept = weights;
            Weigh<V>(logits, size, logits[largest], sampling.Temperature, weights);
            if (sampling.TopK > 0 || sampling.TopP < 1 || sampling.MinP > 0)
            {
                kept = scratch + (2L * size);
                new Span<float>(kept, size).Clear();
                Keep(ref heap, weights, size, sampling, kept);
            }

            return Walk(kept, size, uniform, largest);
        }

        [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
        private static void Weigh<V>(float* logits, int size, float largest, float temperature, float* weights)
            where V : unmanaged, ISimd<V>
        {
            for (var i = 0; i < size; i += V.Count)
            {
                var count = Math.Min(V.Count, size - i);
                var distance = Lanes.Load<V>(logits + i, count) - V.Broadcast(largest);
                Lanes.Store(SimdMath.Exp(distance / V.Broadcast(temperature)), weights + i, count);
            }
        }

        /// <summary>Copies the weights of the classes that pass top-k, top-p and min-p.</summary>
        private static void Keep(ref PlaceHeap heap, float* weights, int size, in Sampling sampling, float* kept)
        {
            var most = sampling.TopK > 0 ? Math.Min(sampling.TopK, size) : size;
            var total = 0.0;
            if (sampling.TopP < 1)
            {
                var ahead = heap;
                for (var i = 0; i < size && most == size; i++)
                {
                    total += weights[i];
                }

                for (var i = 0; i < most && most < size; i++)
                {
                    total += weights[ahead.Pop()];
                }

                heap.Restart();
            }

            var mass = 0.0;
            for (var i = 0; i < most; i++)
            {
                var place = heap.Pop();
                if ((sampling.TopP < 1 && mass >= sampling.TopP * total) || !(weights[place] >= sampling.MinP))
                {
                    break;
                }

                kept[place] = weights[place];
                mass += weights[place];
            }
        }

        private static int Walk(float* weights, int size, float uniform, int otherwise)
        {
            var total = 0.0;
            for (var i = 0; i < size; i++)
            {
                total += weights[i];
            }

            var target = uniform * total;
            for (var i = 0; i < size; i++)
            {
                if (weights[i] > 0f)
                {
                    otherwise = i;
                    target -= weights[i];
                    if (target < 0)
                    {
                        break;
                    }
                }
            }

            return otherwise;
        }
    }

    /// <summary>A binary heap of the places of a row, the largest element's on top.</summary>
    private struct PlaceHeap
    {
        private readonly float* _values;
        private readonly int* _places;
        private readonly int _size;
        private int _count;

        public PlaceHeap(float* values, int* places, int size)
        {
            _values = values;
            _places = places;
            _size = size;
            Restart();
        }

        public readonly int First => _places[0];

        public void Restart()
        {
            _count = _size;
            for (var i = 0; i < _size; i++)
            {
                _places[i] = i;
            }

            for (var i = (_size / 2) - 1; i >= 0; i--)
            {
                Sink(i);
            }
        }

        public int Pop()
        {
            var first = _places[0];
            _places[0] = _places[--_count];
            Sink(0);
            return first;
        }

        private readonly void Sink(int i)
        {
            if (i >= _count)
            {
                return;
            }

            var moving = _places[i];
            for (var child = (2 * i) + 1; child < _count; child = (2 * i) + 1)
            {
                if (child + 1 < _count && Precedes(_places[child + 1], _places[child]))
                {
                    child++;
                }

                if (!Precedes(_places[child], moving))
                {
                    break;
                }

                _places[i] = _places[child];
                i = child;
            }

            _places[i] = moving;
        }

        private readonly bool Precedes(int a, int b)
        {
            var (x, y) = (_values[a], _values[b]);
            if (x > y || x < y)
            {
                return x > y;
            }

            return float.IsNaN(x) == float.IsNaN(y) ? a < b : float.IsNaN(x);
        }
    }
}
