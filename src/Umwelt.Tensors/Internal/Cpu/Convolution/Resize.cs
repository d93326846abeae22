// Nearest and bilinear resizing of channels-last pictures to any size, with half-pixel centres (corners not aligned).
// The gradients gather: each input pixel sums the output pixels that read it, in row order, so nothing is scattered.
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Internal.Cpu.Convolution;

/// <summary>Forward reads Input and writes Output; the gradient reads Output's gradient and writes Input's.</summary>
internal unsafe struct ResizeArguments
{
    public int Batch;
    public int InputHeight;
    public int InputWidth;
    public int OutputHeight;
    public int OutputWidth;
    public int Channels;
    public bool Bilinear;
    public float* Input;
    public float* Output;
}

internal struct ResizeJob
{
    public WorkerPool Pool;
    public ResizeArguments Arguments;
}

internal static class Resize
{
    public static void Forward(WorkerPool pool, in ResizeArguments arguments)
    {
        var job = new ResizeJob { Pool = pool, Arguments = arguments };
        SimdTier.Run<ResizeKernel, ResizeJob>(ref job);
    }

    public static void Gradient(WorkerPool pool, in ResizeArguments arguments)
    {
        var job = new ResizeJob { Pool = pool, Arguments = arguments };
        SimdTier.Run<ResizeGradientKernel, ResizeJob>(ref job);
    }
}

/// <summary>What one output position reads along an axis: (1 - Share) of First and Share of Second.</summary>
internal readonly struct ResizeSample
{
    public readonly int First;
    public readonly int Second;
    public readonly float Share;

    public ResizeSample(int output, int inputSize, int outputSize, bool bilinear)
    {
        if (bilinear)
        {
            // Exact in double for every picture size there is, so the same on every tier.
            var place = Math.Max(0, ((output + 0.5) * inputSize / outputSize) - 0.5);
            First = Math.Min((int)place, inputSize - 1);
            Second = Math.Min(First + 1, inputSize - 1);
            Share = (float)(place - First);
        }
        else
        {
            First = (int)(((2L * output) + 1) * inputSize / (2L * outputSize));
            Second = First;
        }
    }

    /// <summary>How much of an input position this output takes.</summary>
    public float Weight(int input) => (First == input ? 1 - Share : 0) + (Second == input ? Share : 0);

    /// <summary>The outputs that may read an input position lie in [first, last].</summary>
    public static (int First, int Last) Readers(int input, int inputSize, int outputSize)
    {
        var first = (int)(((long)input - 1) * outputSize / inputSize) - 1;
        var last = (int)((((long)input + 2) * outputSize) / inputSize) + 1;
        return (Math.Max(0, input == 0 ? 0 : first), Math.Min(outputSize - 1, input == inputSize - 1 ? outputSize - 1 : last));
    }
}

internal sealed unsafe class ResizeKernel : ITieredKernel<ResizeJob>
{
    public static void Run<V>(ref ResizeJob job)
        where V : unmanaged, ISimd<V>
    {
        var a = job.Arguments;
        job.Pool.Run(a.Batch * a.OutputHeight, &Row<V>, &a);
    }

    private static void Row<V>(void* context, int tile, int worker)
        where V : unmanaged, ISimd<V>
    {
        ref readonly var a = ref *(ResizeArguments*)context;
        var y = new ResizeSample(tile % a.OutputHeight, a.InputHeight, a.OutputHeight, a.Bilinear);
        nint pitch = (nint)a.InputWidth * a.Channels;
        var picture = a.Input + (tile / a.OutputHeight * a.InputHeight * pitch);
        var output = a.Output + ((nint)tile * a.OutputWidth * a.Channels);
        for (var column = 0; column < a.OutputWidth; column++, output += a.Channels)
        {
            var x = new ResizeSample(column, a.InputWidth, a.OutputWidth, a.Bilinear);
            var above = picture + (y.First * pitch);
            var below = picture + (y.Second * pitch);
            if (!a.Bilinear)
            {
                Buffer.MemoryCopy(above + ((nint)x.First * a.Channels), output, a.Channels * sizeof(float), a.Channels * sizeof(float));
                continue;
            }

            nint left = x.First * a.Channels, right = x.Second * a.Channels;
            var shareX = V.Broadcast(x.Share);
            var shareY = V.Broadcast(y.Share);
            for (var channel = 0; channel < a.Channels; channel += V.Count)
            {
                var count = Math.Min(V.Count, a.Channels - channel);
                var aboveLeft = V.LoadPartial(above + left + channel, count);
                var belowLeft = V.LoadPartial(below + left + channel, count);
                var top = V.MultiplyAdd(V.LoadPartial(above + right + channel, count) - aboveLeft, shareX, aboveLeft);
                var bottom = V.MultiplyAdd(V.LoadPartial(below + right + channel, count) - belowLeft, shareX, belowLeft);
                V.StorePartial(V.MultiplyAdd(bottom - top, shareY, top), output + channel, count);
            }
        }
    }
}

internal sealed unsafe class ResizeGradientKernel : ITieredKernel<ResizeJob>
{
    public static void Run<V>(ref ResizeJob job)
        where V : unmanaged, ISimd<V>
    {
        var a = job.Arguments;
        job.Pool.Run(a.Batch * a.InputHeight, &Row<V>, &a);
    }

    private static void Row<V>(void* context, int tile, int worker)
        where V : unmanaged, ISimd<V>
    {
        ref readonly var a = ref *(ResizeArguments*)context;
        var row = tile % a.InputHeight;
        var picture = a.Output + ((nint)(tile / a.InputHeight) * a.OutputHeight * a.OutputWidth * a.Channels);
        var (firstY, lastY) = ResizeSample.Readers(row, a.InputHeight, a.OutputHeight);
        var target = a.Input + ((nint)tile * a.InputWidth * a.Channels);
        for (var column = 0; column < a.InputWidth; column++, target += a.Channels)
        {
            new Span<float>(target, a.Channels).Clear();
            var (firstX, lastX) = ResizeSample.Readers(column, a.InputWidth, a.OutputWidth);
            for (var y = firstY; y <= lastY; y++)
            {
                var weightY = new ResizeSample(y, a.InputHeight, a.OutputHeight, a.Bilinear).Weight(row);
                for (var x = firstX; weightY != 0 && x <= lastX; x++)
                {
                    var weight = weightY * new ResizeSample(x, a.InputWidth, a.OutputWidth, a.Bilinear).Weight(column);
                    if (weight != 0)
                    {
                        AddScaled<V>(picture + ((((nint)y * a.OutputWidth) + x) * a.Channels), weight, target, a.Channels);
                    }
                }
            }
        }
    }

    private static void AddScaled<V>(float* source, float weight, float* target, int channels)
        where V : unmanaged, ISimd<V>
    {
        var factor = V.Broadcast(weight);
        for (var channel = 0; channel < channels; channel += V.Count)
        {
            var count = Math.Min(V.Count, channels - channel);
            var sum = V.MultiplyAdd(V.LoadPartial(source + channel, count), factor, V.LoadPartial(target + channel, count));
            V.StorePartial(sum, target + channel, count);
        }
    }
}
