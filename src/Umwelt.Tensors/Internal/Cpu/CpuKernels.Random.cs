// Random numbers and dropout on the CPU: a tile draws the numbers of its own elements, so threads never matter.
using Umwelt.Storage;
using Umwelt.Tensors.Internal.Simd;
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors.Internal.Cpu;

internal sealed unsafe partial class CpuKernels
{
    private const int DrawnAtOnce = 1024;

    private void RegisterRandom(CpuBackend backend)
    {
        backend.Register(RandomFill.Instance, RunRandomFill);
        backend.Register(Dropout.Instance, RunDropout);
    }

    private void RunRandomFill(in RandomFillAttributes attributes, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        var context = new RandomContext
        {
            Stream = attributes.Stream,
            Kind = attributes.Kind,
            Y = CpuPointers.Floats(outputs[0]),
            Count = outputs[0].Shape.Count,
        };
        Tiles.Run<RandomTile, RandomContext>(workers, Tiles.Count(context.Count, Tiles.Elements), &context);
    }

    private void RunDropout(in DropoutAttributes attributes, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        var state = CpuPointers.Longs(inputs[1]);
        var context = new RandomContext
        {
            Stream = attributes.Stream(state[0], state[1]),
            Rate = attributes.Rate,
            Scale = attributes.Scale,
            X = CpuPointers.Floats(inputs[0]),
            Y = CpuPointers.Floats(outputs[0]),
            Count = outputs[0].Shape.Count,
        };
        Tiles.Run<DropoutTile, RandomContext>(workers, Tiles.Count(context.Count, Tiles.Elements), &context);
    }

    private struct RandomContext
    {
        public RandomStream Stream;
        public RandomKind Kind;
        public float Rate;
        public float Scale;
        public float* X;
        public float* Y;
        public long Count;
    }

    private readonly struct RandomTile : ITileKernel<RandomContext>
    {
        public static void Run<V>(RandomContext* context, int tile, int worker)
            where V : unmanaged, ISimd<V>
        {
            var start = (long)tile * Tiles.Elements;
            var y = new Span<float>(context->Y + start, (int)Math.Min(Tiles.Elements, context->Count - start));
            var stream = context->Stream;
            stream.Skip((ulong)start);
            if (context->Kind == RandomKind.Normal)
            {
                stream.FillNormal(y);
            }
            else
            {
                stream.FillUniform(y);
            }
        }
    }

    private readonly struct DropoutTile : ITileKernel<RandomContext>
    {
        public static void Run<V>(RandomContext* context, int tile, int worker)
            where V : unmanaged, ISimd<V>
        {
            var drawn = stackalloc float[DrawnAtOnce];
            var start = (long)tile * Tiles.Elements;
            var end = Math.Min(start + Tiles.Elements, context->Count);
            var stream = context->Stream;
            stream.Skip((ulong)start);
            for (; start < end; start += DrawnAtOnce)
            {
                var count = (int)Math.Min(DrawnAtOnce, end - start);
                stream.FillUniform(new Span<float>(drawn, count));
                Drop<V>(drawn, context->X + start, context->Y + start, count, context->Rate, context->Scale);
            }
        }

        private static void Drop<V>(float* drawn, float* x, float* y, int count, float rate, float scale)
            where V : unmanaged, ISimd<V>
        {
            for (var i = 0; i < count; i += V.Count)
            {
                var lanes = Math.Min(V.Count, count - i);
                var isDropped = V.Less(Lanes.Load<V>(drawn + i, lanes), V.Broadcast(rate));
                Lanes.Store(V.Select(isDropped, V.Zero, Lanes.Load<V>(x + i, lanes) * V.Broadcast(scale)), y + i, lanes);
            }
        }
    }
}
