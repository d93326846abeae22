// Nearest and bilinear resizing of channels-last pictures to any size, with half-pixel centres (corners not aligned).
// The gradients gather: each input pixel sums the output pixels that read it, in row order, so nothing is scattered.
using System.Runtime.CompilerServices;
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

    // What each output row and column reads; for the gradient also which outputs read each input row and column.
    public ResizeSample* Rows;
    public ResizeSample* Columns;
    public ResizeReaders* RowReaders;
    public ResizeReaders* ColumnReaders;
}

internal struct ResizeJob
{
    public WorkerPool Pool;
    public ResizeArguments Arguments;
}

internal static unsafe class Resize
{
    public static void Forward(WorkerPool pool, in ResizeArguments arguments)
    {
        var job = new ResizeJob { Pool = pool, Arguments = arguments };
        Tabulate(pool, ref job.Arguments);
        SimdTier.Run<ResizeKernel, ResizeJob>(ref job);
    }

    public static void Gradient(WorkerPool pool, in ResizeArguments arguments)
    {
        var job = new ResizeJob { Pool = pool, Arguments = arguments };
        Tabulate(pool, ref job.Arguments);
        SimdTier.Run<ResizeGradientKernel, ResizeJob>(ref job);
    }

    private static void Tabulate(WorkerPool pool, ref ResizeArguments a)
    {
        var samples = (nuint)(a.OutputHeight + a.OutputWidth) * (nuint)sizeof(ResizeSample);
        var readers = (nuint)(a.InputHeight + a.InputWidth) * (nuint)sizeof(ResizeReaders);
        a.Rows = (ResizeSample*)pool.Scratch(pool.Threads, samples + readers);
        a.Columns = a.Rows + a.OutputHeight;
        a.RowReaders = (ResizeReaders*)(a.Columns + a.OutputWidth);
        a.ColumnReaders = a.RowReaders + a.InputHeight;
        Tabulate(a.Rows, a.RowReaders, a.InputHeight, a.OutputHeight, a.Bilinear);
        Tabulate(a.Columns, a.ColumnReaders, a.InputWidth, a.OutputWidth, a.Bilinear);
    }

    private static void Tabulate(ResizeSample* samples, ResizeReaders* readers, int inputSize, int outputSize, bool bilinear)
    {
        for (var input = 0; input < inputSize; input++)
        {
            readers[input] = new ResizeReaders(int.MaxValue, -1);
        }

        for (var output = 0; output < outputSize; output++)
        {
            ref readonly var sample = ref samples[output];
            samples[output] = new ResizeSample(output, inputSize, outputSize, bilinear);
            readers[sample.First] = readers[sample.First].With(output);
            readers[sample.Second] = readers[sample.Second].With(output);
        }
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
}

/// <summary>The outputs that read an input position lie in [First, Last]; positions only grow, so there are no others between.</summary>
internal readonly record struct ResizeReaders(int First, int Last)
{
    public ResizeReaders With(int output) => new(Math.Min(First, output), Math.Max(Last, output));
}

internal sealed unsafe class ResizeKernel : ITieredKernel<ResizeJob>
{
    public static void Run<V>(ref ResizeJob job)
        where V : unmanaged, ISimd<V>
    {
        var a = job.Arguments;
        job.Pool.Run(a.Batch * a.OutputHeight, &Row<V>, &a);
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void Row<V>(void* context, int tile, int worker)
        where V : unmanaged, ISimd<V>
    {
        ref readonly var a = ref *(ResizeArguments*)context;
        ref readonly var y = ref a.Rows[tile % a.OutputHeight];
        nint pitch = (nint)a.InputWidth * a.Channels;
        var picture = a.Input + (tile / a.OutputHeight * a.InputHeight * pitch);
        var output = a.Output + ((nint)tile * a.OutputWidth * a.Channels);
        for (var column = 0; column < a.OutputWidth; column++, output += a.Channels)
        {
            ref readonly var x = ref a.Columns[column];
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
                var aboveLeft = Lanes.Load<V>(above + left + channel, count);
                var belowLeft = Lanes.Load<V>(below + left + channel, count);
                var top = V.MultiplyAdd(Lanes.Load<V>(above + right + channel, count) - aboveLeft, shareX, aboveLeft);
                var bottom = V.MultiplyAdd(Lanes.Load<V>(below + right + channel, count) - belowLeft, shareX, belowLeft);
                Lanes.Store(V.MultiplyAdd(bottom - top, shareY, top), output + channel, count);
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

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void Row<V>(void* context, int tile, int worker)
        where V : unmanaged, ISimd<V>
    {
        ref readonly var a = ref *(ResizeArguments*)context;
        var row = tile % a.InputHeight;
        var picture = a.Output + ((nint)(tile / a.InputHeight) * a.OutputHeight * a.OutputWidth * a.Channels);
        var (firstY, lastY) = a.RowReaders[row];
        var target = a.Input + ((nint)tile * a.InputWidth * a.Channels);
        for (var column = 0; column < a.InputWidth; column++, target += a.Channels)
        {
            new Span<float>(target, a.Channels).Clear();
            var (firstX, lastX) = a.ColumnReaders[column];
            for (var y = firstY; y <= lastY; y++)
            {
                var weightY = a.Rows[y].Weight(row);
                for (var x = firstX; weightY != 0 && x <= lastX; x++)
                {
                    var weight = weightY * a.Columns[x].Weight(column);
                    if (weight != 0)
                    {
                        AddScaled<V>(picture + ((((nint)y * a.OutputWidth) + x) * a.Channels), weight, target, a.Channels);
                    }
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddScaled<V>(float* source, float weight, float* target, int channels)
        where V : unmanaged, ISimd<V>
    {
        var factor = V.Broadcast(weight);
        for (var channel = 0; channel < channels; channel += V.Count)
        {
            var count = Math.Min(V.Count, channels - channel);
            var sum = V.MultiplyAdd(Lanes.Load<V>(source + channel, count), factor, Lanes.Load<V>(target + channel, count));
            Lanes.Store(sum, target + channel, count);
        }
    }
}
