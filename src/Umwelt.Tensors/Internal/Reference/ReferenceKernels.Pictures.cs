// Causal convolution, mixes of neighbours and resizing as the formulas say them. Pixel shuffle is composed of views.
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors.Internal.Reference;

internal static partial class ReferenceKernels
{
    private static void RegisterPictures(Backend backend)
    {
        backend.Register(CausalConvolution.Instance, RunCausalConvolution);
        backend.Register(CausalConvolutionGradient.Instance, RunCausalConvolutionGradient);
        backend.Register(NeighbourMix.Instance, static (in NeighbourMixAttributes attributes, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs) =>
        {
            var (x, weights, y) = (ReferenceView.Read(inputs[0]), ReferenceView.Read(inputs[1]), new double[outputs[0].Shape.Count]);
            ForEachNeighbour(attributes, inputs[0].Shape, inputs[1].Shape, (to, from, weight) => y[to] += weights[weight] * x[from]);
            ReferenceView.Write(outputs[0], y);
        });
        backend.Register(NeighbourMixGradient.Instance, static (in NeighbourMixAttributes attributes, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs) =>
        {
            var (dy, x, weights) = (ReferenceView.Read(inputs[0]), ReferenceView.Read(inputs[1]), ReferenceView.Read(inputs[2]));
            double[] dx = new double[x.Length], dWeights = new double[weights.Length];
            ForEachNeighbour(attributes, inputs[1].Shape, inputs[2].Shape, (to, from, weight) =>
            {
                dx[from] += dy[to] * weights[weight];
                dWeights[weight] += dy[to] * x[from];
            });
            ReferenceView.Write(outputs[0], dx);
            ReferenceView.Write(outputs[1], dWeights);
        });
        backend.Register(Resize.Instance, static (in ResizeAttributes attributes, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs) =>
        {
            var (x, y) = (ReferenceView.Read(inputs[0]), new double[outputs[0].Shape.Count]);
            ForEachShare(attributes, inputs[0].Shape, (from, to, share) => y[to] += share * x[from]);
            ReferenceView.Write(outputs[0], y);
        });
        backend.Register(ResizeGradient.Instance, static (in ResizeAttributes attributes, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs) =>
        {
            var (y, x) = (ReferenceView.Read(inputs[0]), new double[outputs[0].Shape.Count]);
            ForEachShare(attributes, outputs[0].Shape, (from, to, share) => x[from] += share * y[to]);
            ReferenceView.Write(outputs[0], x);
        });
    }

    private static void RunCausalConvolution(in NoAttributes attributes, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        var (x, kernel) = (ReferenceView.Read(inputs[0]), ReferenceView.Read(inputs[1]));
        var state = inputs[3].IsPresent ? ReferenceView.Read(inputs[3]) : null;
        var y = StartFromBias(inputs[2], outputs[0].Shape);
        ForEachMoment(inputs[0].Shape, inputs[1].Shape[0], (output, tap, input, before) =>
            y[output] += kernel[tap] * (before < 0 ? x[input] : state?[before] ?? 0));
        ReferenceView.Write(outputs[0], y);
    }

    private static void RunCausalConvolutionGradient(in NoAttributes attributes, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        var (dy, x, kernel) = (ReferenceView.Read(inputs[0]), ReferenceView.Read(inputs[1]), ReferenceView.Read(inputs[2]));
        var state = inputs[3].IsPresent ? ReferenceView.Read(inputs[3]) : new double[outputs[3].Shape.Count];
        double[] dx = new double[x.Length], dKernel = new double[kernel.Length], dState = new double[state.Length];
        ForEachMoment(inputs[1].Shape, inputs[2].Shape[0], (output, tap, input, before) =>
        {
            dKernel[tap] += dy[output] * (before < 0 ? x[input] : state[before]);
            var (target, index) = before < 0 ? (dx, input) : (dState, before);
            target[index] += dy[output] * kernel[tap];
        });
        var dBias = new double[outputs[2].Shape.Count];
        for (var i = 0; i < dy.Length; i++)
        {
            dBias[i % dBias.Length] += dy[i];
        }

        ReferenceView.Write(outputs[0], dx);
        ReferenceView.Write(outputs[1], dKernel);
        ReferenceView.Write(outputs[2], dBias);
        ReferenceView.Write(outputs[3], dState);
    }

    // Calls back with the positions of output, tap, and input; where the input lies before the first moment, with its place in the state.
    private static void ForEachMoment(Shape shape, int width, Action<int, int, int, int> action)
    {
        int time = shape[1], channels = shape[2];
        for (var output = 0; output < shape.Count; output++)
        {
            var (row, moment, channel) = (output / channels / time, output / channels % time, output % channels);
            for (var k = 0; k < width; k++)
            {
                var seen = moment + k - (width - 1);
                var input = (((row * time) + seen) * channels) + channel;
                var before = seen < 0 ? (((row * (width - 1)) + seen + width - 1) * channels) + channel : -1;
                action(output, (k * channels) + channel, input, before);
            }
        }
    }

    // Calls back with each output position, each input position it reads, and the position of the weight.
    private static void ForEachNeighbour(in NeighbourMixAttributes attributes, Shape shape, Shape grid, Action<int, int, int> action)
    {
        var (height, width, channels, taps, factor) = (shape[1], shape[2], shape[3], grid[3], shape[1] / grid[1]);
        for (var to = 0; to < shape.Count; to++)
        {
            var (picture, y, x, c) = (to / channels / width / height, to / channels / width % height, to / channels % width, to % channels);
            for (var k = 0; k < taps; k++)
            {
                var fromY = attributes.IsVertical ? Math.Clamp(y + k - (taps / 2), 0, height - 1) : y;
                var fromX = attributes.IsVertical ? x : Math.Clamp(x + k - (taps / 2), 0, width - 1);
                var weight = (((((picture * grid[1]) + (y / factor)) * grid[2]) + (x / factor)) * taps) + k;
                action(to, (((((picture * height) + fromY) * width) + fromX) * channels) + c, weight);
            }
        }
    }

    // Calls back with each input position, each output position that reads it, and the share it takes.
    private static void ForEachShare(in ResizeAttributes sizes, Shape shape, Action<int, int, double> action)
    {
        int batch = shape[0], channels = shape[3];
        for (var row = 0; row < batch * sizes.ToHeight; row++)
        {
            for (var column = 0; column < sizes.ToWidth; column++)
            {
                var (picture, y) = (row / sizes.ToHeight, row % sizes.ToHeight);
                foreach (var (fromY, shareY) in Sources(sizes.Resizing, y, sizes.FromHeight, sizes.ToHeight))
                {
                    foreach (var (fromX, shareX) in Sources(sizes.Resizing, column, sizes.FromWidth, sizes.ToWidth))
                    {
                        for (var c = 0; c < channels; c++)
                        {
                            var from = ((((picture * sizes.FromHeight) + fromY) * sizes.FromWidth) + fromX) * channels;
                            action(from + c, (((row * sizes.ToWidth) + column) * channels) + c, shareY * shareX);
                        }
                    }
                }
            }
        }
    }

    private static (int From, double Share)[] Sources(Resizing resizing, int to, int fromSize, int toSize)
    {
        var centre = (to + 0.5) * fromSize / toSize;
        if (resizing == Resizing.Nearest)
        {
            return [((int)Math.Floor(centre), 1.0)];
        }

        var place = Math.Clamp(centre - 0.5, 0, fromSize - 1);
        var first = (int)Math.Floor(place);
        return [(first, 1 - (place - first)), (Math.Min(first + 1, fromSize - 1), place - first)];
    }
}
