// Random tensors from counter-based streams: element i is word i from the stream's position on, whatever the device and
// its number of threads.
using Umwelt.Storage;
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors.Ops
{
    internal enum RandomKind
    {
        Uniform,
        Normal,
    }

    internal readonly record struct RandomFillAttributes(RandomStream Stream, RandomKind Kind);

    /// <summary>In place: numbers of [0, 1), or normal ones.</summary>
    internal sealed class RandomFill() : Operation<RandomFillAttributes>("random fill")
    {
        public static RandomFill Instance { get; } = new();

        public override bool IsDifferentiable => false;

        public override void Infer(in RandomFillAttributes attributes, ReadOnlySpan<TensorSpec> inputs, Span<TensorSpec> outputs) =>
            throw new NotSupportedException("Random numbers are written into a tensor that exists.");
    }
}

namespace Umwelt.Tensors
{
    public readonly partial struct Tensor
    {
        /// <summary>Fills with numbers of [0, 1) and moves the stream on by as many words as there are elements. Not recorded.</summary>
        public void FillUniform(ref RandomStream stream) => FillRandom(ref stream, RandomKind.Uniform);

        /// <summary>Fills with standard normal numbers and moves the stream on by as many words as there are elements. Not recorded.</summary>
        public void FillNormal(ref RandomStream stream) => FillRandom(ref stream, RandomKind.Normal);

        private void FillRandom(ref RandomStream stream, RandomKind kind)
        {
            if (Type != DataType.Float32)
            {
                throw new ShapeException($"random fill: the tensor is {Type}, not Float32.");
            }

            Engine.RunInto(RandomFill.Instance, new RandomFillAttributes(stream, kind), this);
            stream.Skip((ulong)Count);
        }
    }

    public sealed partial class Engine
    {
        /// <summary>A new tensor of numbers of [0, 1); moves the stream on by as many words as there are elements.</summary>
        public Tensor RandomUniform(Shape shape, ref RandomStream stream)
        {
            var tensor = Empty(shape);
            tensor.FillUniform(ref stream);
            return tensor;
        }

        /// <summary>A new tensor of standard normal numbers; moves the stream on by as many words as there are elements.</summary>
        public Tensor RandomNormal(Shape shape, ref RandomStream stream)
        {
            var tensor = Empty(shape);
            tensor.FillNormal(ref stream);
            return tensor;
        }
    }
}
