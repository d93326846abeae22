// Convolutions of channels-last pictures [batch, height, width, channels] and their transposes. Weights are
// [kernel height, kernel width, channels / groups of the larger side's input, channels of its output]; one set of sizes
// describes a convolution, its transpose and the gradients of both.
using Umwelt.Tensors.Gradients;
using Umwelt.Tensors.Internal;
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors
{
    /// <summary>Rows and columns of zeros around a picture.</summary>
    public readonly record struct Border(int Top, int Left, int Bottom, int Right)
    {
        /// <summary>The same on every side.</summary>
        public static Border All(int size) => new(size, size, size, size);
    }

    /// <summary>How a convolution steps over a picture.</summary>
    /// <param name="StrideY">Rows from one output pixel to the next.</param>
    /// <param name="StrideX">Columns from one output pixel to the next.</param>
    /// <param name="Padding">Zeros around the input.</param>
    /// <param name="Groups">Groups of channels that do not see each other.</param>
    /// <param name="DilationY">Rows between taps of the kernel.</param>
    /// <param name="DilationX">Columns between taps of the kernel.</param>
    public readonly record struct ConvolutionOptions(
        int StrideY = 1,
        int StrideX = 1,
        Border Padding = default,
        int Groups = 1,
        int DilationY = 1,
        int DilationX = 1)
    {
        /// <summary>Every pixel, nothing around the picture, one group.</summary>
        public ConvolutionOptions()
            : this(1)
        {
        }

        /// <summary>The usual square case.</summary>
        public static ConvolutionOptions Of(int stride = 1, int padding = 0, int groups = 1) =>
            new(stride, stride, Border.All(padding), groups);
    }
}

namespace Umwelt.Tensors.Ops
{
    /// <summary>Options with the picture sizes of the side that is read in strides, and of the kernel.</summary>
    internal readonly record struct ConvolutionSizes(
        ConvolutionOptions Options,
        int Height,
        int Width,
        int KernelHeight,
        int KernelWidth)
    {
        public (int Height, int Width) Output() => (
            Size(Height, KernelHeight, Options.StrideY, Options.Padding.Top + Options.Padding.Bottom, Options.DilationY),
            Size(Width, KernelWidth, Options.StrideX, Options.Padding.Left + Options.Padding.Right, Options.DilationX));

        public void Check(string name, Shape picture, Shape weight)
        {
            var o = Options;
            if (picture.Rank != 4 || weight.Rank != 4)
            {
                throw new ShapeException(name, picture, weight, "pictures are [batch, height, width, channels] and weights [height, width, inputs / groups, outputs]");
            }

            if (o.StrideY < 1 || o.StrideX < 1 || o.DilationY < 1 || o.DilationX < 1 || o.Groups < 1
                || o.Padding.Top < 0 || o.Padding.Left < 0 || o.Padding.Bottom < 0 || o.Padding.Right < 0)
            {
                throw new ShapeException($"{name}: strides, dilations and groups are at least 1 and paddings at least 0 ({o}).");
            }

            if (weight[0] < 1 || weight[1] < 1 || weight[3] % o.Groups != 0)
            {
                throw new ShapeException(name, picture, weight, $"the kernel is empty or {weight[3]} channels do not divide into {o.Groups} groups");
            }

            var (height, width) = Output();
            if (height < 1 || width < 1)
            {
                throw new ShapeException(name, picture, weight, "the kernel is larger than the padded picture");
            }
        }

        private static int Size(int input, int kernel, int stride, int padding, int dilation)
        {
            var room = input + padding - ((kernel - 1) * dilation) - 1;
            return room < 0 ? 0 : (room / stride) + 1;
        }
    }

    /// <summary>Operands picture, weight, optional bias [outputs], optional packed weight.</summary>
    internal sealed class Convolution() : Operation<ConvolutionSizes>("convolution")
    {
        public static Convolution Instance { get; } = new();

        public override bool IsOptional(int input) => input >= 2;

        public override Saved Saves(uint wanted) => ConvolutionWeightGradient.OtherOperand(wanted);

        public override void Infer(in ConvolutionSizes attributes, ReadOnlySpan<TensorSpec> inputs, Span<TensorSpec> outputs)
        {
            OperandChecks.Floats(Name, inputs);
            var (picture, weight) = (inputs[0].Shape, inputs[1].Shape);
            attributes.Check(Name, picture, weight);
            if (picture[3] != weight[2] * attributes.Options.Groups)
            {
                throw new ShapeException(Name, picture, weight, $"the picture has {picture[3]} channels, the weight reads {weight[2]} in each of {attributes.Options.Groups} groups");
            }

            var (height, width) = attributes.Output();
            outputs[0] = new TensorSpec([picture[0], height, width, weight[3]]);
        }

        public override void Backward(in ConvolutionSizes attributes, in GradientContext context)
        {
            if (context.Wants(0))
            {
                context.Add(0, context.Engine.Apply(TransposedConvolution.Instance, attributes, context.Gradient, context.Input(1), default));
            }

            if (context.Wants(1))
            {
                context.Add(1, context.Engine.Apply(ConvolutionWeightGradient.Instance, attributes, context.Input(0), context.Gradient));
            }

            if (context.Wants(2))
            {
                context.Add(2, context.Gradient.Reshape(-1, context.Gradient.Shape[3]).Sum(0));
            }
        }
    }

    /// <summary>Operands picture (of the convolution's output side), weight, optional bias [inputs]; the result has the given size.</summary>
    internal sealed class TransposedConvolution() : Operation<ConvolutionSizes>("transposed convolution")
    {
        public static TransposedConvolution Instance { get; } = new();

        public override bool IsOptional(int input) => input == 2;

        public override Saved Saves(uint wanted) => ConvolutionWeightGradient.OtherOperand(wanted);

        public override void Infer(in ConvolutionSizes attributes, ReadOnlySpan<TensorSpec> inputs, Span<TensorSpec> outputs)
        {
            OperandChecks.Floats(Name, inputs);
            var (picture, weight) = (inputs[0].Shape, inputs[1].Shape);
            attributes.Check(Name, picture, weight);
            var (height, width) = attributes.Output();
            if (picture[3] != weight[3] || picture[1] != height || picture[2] != width)
            {
                throw new ShapeException(Name, picture, weight, $"a picture [{height}, {width}, {weight[3]}] belongs to this weight, these strides and this result");
            }

            outputs[0] = new TensorSpec([picture[0], attributes.Height, attributes.Width, weight[2] * attributes.Options.Groups]);
        }

        public override void Backward(in ConvolutionSizes attributes, in GradientContext context)
        {
            if (context.Wants(0))
            {
                context.Add(0, context.Engine.Apply(Convolution.Instance, attributes, context.Gradient, context.Input(1), default));
            }

            if (context.Wants(1))
            {
                context.Add(1, context.Engine.Apply(ConvolutionWeightGradient.Instance, attributes, context.Gradient, context.Input(0)));
            }

            if (context.Wants(2))
            {
                context.Add(2, context.Gradient.Reshape(-1, context.Gradient.Shape[3]).Sum(0));
            }
        }
    }

    /// <summary>Operands: the two sides of a convolution, one of them a gradient; the result is the gradient of its weight.</summary>
    internal sealed class ConvolutionWeightGradient() : Operation<ConvolutionSizes>("convolution weight gradient")
    {
        public static ConvolutionWeightGradient Instance { get; } = new();

        public override bool IsDifferentiable => false;

        public static Saved OtherOperand(uint wanted) =>
            ((wanted & 1) != 0 ? Saved.Input1 : Saved.None) | ((wanted & 2) != 0 ? Saved.Input0 : Saved.None);

        public override void Infer(in ConvolutionSizes attributes, ReadOnlySpan<TensorSpec> inputs, Span<TensorSpec> outputs) =>
            outputs[0] = new TensorSpec(
            [
                attributes.KernelHeight,
                attributes.KernelWidth,
                inputs[0].Shape[3] / attributes.Options.Groups,
                inputs[1].Shape[3],
            ]);
    }
}

namespace Umwelt.Tensors
{
    public readonly partial struct Tensor
    {
        /// <summary>
        /// Convolves pictures [batch, height, width, channels] with weights [height, width, channels / groups, outputs].
        /// </summary>
        public Tensor Convolve(Tensor weight, Tensor bias, ConvolutionOptions options) => Convolve(weight, default, bias, options);

        /// <summary>The same with weights that were packed once; see <see cref="PackedConvolution"/>.</summary>
        public Tensor Convolve(PackedConvolution weight, Tensor bias, ConvolutionOptions options)
        {
            ArgumentNullException.ThrowIfNull(weight);
            return Convolve(weight.Source, weight.Refresh(), bias, options);
        }

        private Tensor Convolve(Tensor weight, Tensor packed, Tensor bias, ConvolutionOptions options)
        {
            if (Rank != 4 || weight.Rank != 4)
            {
                throw new ShapeException("convolution", Shape, weight.Shape, "pictures are [batch, height, width, channels] and weights [height, width, inputs / groups, outputs]");
            }

            CheckBias("convolution", bias, weight.Shape[3]);
            var sizes = new ConvolutionSizes(options, Shape[1], Shape[2], weight.Shape[0], weight.Shape[1]);
            return Engine.Apply(Convolution.Instance, sizes, this, weight, bias, packed);
        }

        /// <summary>
        /// The transpose of <see cref="Convolve(Tensor, Tensor, ConvolutionOptions)"/> with the same weight and options: pictures of its output become pictures of
        /// its input. Several input sizes share one output size; <paramref name="extraHeight"/> and
        /// <paramref name="extraWidth"/> add to the smallest of them.
        /// </summary>
        public Tensor ConvolveTransposed(Tensor weight, Tensor bias, ConvolutionOptions options, int extraHeight = 0, int extraWidth = 0)
        {
            if (Rank != 4 || weight.Rank != 4)
            {
                throw new ShapeException("transposed convolution", Shape, weight.Shape, "pictures are [batch, height, width, channels] and weights [height, width, outputs / groups, inputs]");
            }

            CheckBias("transposed convolution", bias, weight.Shape[2] * options.Groups);
            var height = ((Shape[1] - 1) * options.StrideY) + ((weight.Shape[0] - 1) * options.DilationY) + 1
                - options.Padding.Top - options.Padding.Bottom + extraHeight;
            var width = ((Shape[2] - 1) * options.StrideX) + ((weight.Shape[1] - 1) * options.DilationX) + 1
                - options.Padding.Left - options.Padding.Right + extraWidth;
            var sizes = new ConvolutionSizes(options, height, width, weight.Shape[0], weight.Shape[1]);
            return Engine.Apply(TransposedConvolution.Instance, sizes, this, weight, bias);
        }

        private static void CheckBias(string operation, Tensor bias, int channels)
        {
            if (!bias.IsDefault && bias.Shape != Shape.Of(channels))
            {
                throw new ShapeException(operation, bias.Shape, $"the bias has one element for each of {channels} channels of the result");
            }
        }
    }
}
