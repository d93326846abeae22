// Mixes of neighbouring pixels, and their gradients. Each pixel adds its neighbours from first to last, one channel after the
// other, and a gradient adds pixels in the order they stand in: equal bits on every processor and for any number of threads.
using System.Runtime.CompilerServices;

namespace Umwelt.Tensors.Internal.Cpu.Convolution;

internal unsafe struct NeighbourMixArguments
{
    public int Batch;
    public int Height;
    public int Width;
    public int Channels;
    public int GridHeight;
    public int GridWidth;
    public int Taps;
    public bool IsVertical;
    public float* Input;
    public float* Weights;
    public float* Output;
    public float* OutputGradient;
    public float* InputGradient;
    public float* WeightGradient;

    public readonly int Factor => Height / GridHeight;
}

internal static unsafe class NeighbourMix
{
    public static void Forward(WorkerPool pool, in NeighbourMixArguments arguments)
    {
        var a = arguments;
        pool.Run(a.Batch * a.Height, &Row, &a);
    }

    public static void Gradient(WorkerPool pool, in NeighbourMixArguments arguments)
    {
        var a = arguments;
        pool.Run(a.Batch, &Picture, &a);
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void Row(void* context, int tile, int worker)
    {
        ref readonly var a = ref *(NeighbourMixArguments*)context;
        var (row, reach, factor, channels) = (tile % a.Height, a.Taps / 2, a.Factor, a.Channels);
        var weights = a.Weights + ((nint)((tile / a.Height * a.GridHeight) + (row / factor)) * a.GridWidth * a.Taps);
        var (length, step) = a.IsVertical ? (a.Height, a.Width * channels) : (a.Width, channels);
        var line = a.Input + ((nint)(a.IsVertical ? tile - row : tile) * a.Width * channels);
        var output = a.Output + ((nint)tile * a.Width * channels);
        for (var x = 0; x < a.Width; x++, output += channels)
        {
            var cell = weights + (x / factor * a.Taps);
            var place = a.IsVertical ? row : x;
            var from = a.IsVertical ? line + (x * channels) : line;
            for (var first = 0; first < channels; first += 3)
            {
                var (second, third) = (Math.Min(first + 1, channels - 1), Math.Min(first + 2, channels - 1));
                float sum0 = 0, sum1 = 0, sum2 = 0;
                for (var k = 0; k < a.Taps; k++)
                {
                    var pixel = from + (Math.Clamp(place + k - reach, 0, length - 1) * step);
                    var weight = cell[k];
                    sum0 += weight * pixel[first];
                    sum1 += weight * pixel[second];
                    sum2 += weight * pixel[third];
                }

                (output[third], output[second], output[first]) = (sum2, sum1, sum0);
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void Picture(void* context, int tile, int worker)
    {
        ref readonly var a = ref *(NeighbourMixArguments*)context;
        var (reach, factor, channels) = (a.Taps / 2, a.Factor, a.Channels);
        nint pitch = a.Width * channels, size = a.Height * pitch, weightSize = (nint)a.GridHeight * a.GridWidth * a.Taps;
        var (length, step) = a.IsVertical ? (a.Height, (int)pitch) : (a.Width, channels);
        var input = a.Input + (tile * size);
        var inputGradient = a.InputGradient + (tile * size);
        var weights = a.Weights + (tile * weightSize);
        var weightGradient = a.WeightGradient + (tile * weightSize);
        new Span<float>(inputGradient, (int)size).Clear();
        new Span<float>(weightGradient, (int)weightSize).Clear();
        var gradient = a.OutputGradient + (tile * size);
        for (var y = 0; y < a.Height; y++)
        {
            for (var x = 0; x < a.Width; x++, gradient += channels)
            {
                nint cell = (nint)((y / factor * a.GridWidth) + (x / factor)) * a.Taps;
                var place = a.IsVertical ? y : x;
                var line = a.IsVertical ? x * channels : y * pitch;
                for (var k = 0; k < a.Taps; k++)
                {
                    var at = line + (Math.Clamp(place + k - reach, 0, length - 1) * step);
                    var weight = weights[cell + k];
                    var sum = 0f;
                    for (var c = 0; c < channels; c++)
                    {
                        sum += gradient[c] * input[at + c];
                        inputGradient[at + c] += gradient[c] * weight;
                    }

                    weightGradient[cell + k] += sum;
                }
            }
        }
    }
}
