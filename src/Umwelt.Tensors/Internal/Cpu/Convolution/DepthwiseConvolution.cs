// 2-D convolution with one group a channel, where a product with a register of output channels would be nearly all
// zeros: here a register holds neighbouring channels instead. Sums run over the taps in order; weight gradients over
// pictures in chunks that depend on the batch alone, added in index order.
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Internal.Cpu.Convolution;

internal unsafe struct DepthwisePlan
{
    public ConvolutionArguments A;
    public float* Partials;
    public int Padded;
    public int Chunks;
}

internal sealed unsafe class DepthwiseForwardKernel : ITieredKernel<ConvolutionJob>
{
    public static void Run<V>(ref ConvolutionJob job)
        where V : unmanaged, ISimd<V>
    {
        var a = job.Arguments;
        job.Pool.Run(a.Batch * a.OutputHeight, &Row<V>, &a);
    }

    private static void Row<V>(void* context, int tile, int worker)
        where V : unmanaged, ISimd<V>
    {
        ref readonly var a = ref *(ConvolutionArguments*)context;
        var top = (tile % a.OutputHeight * a.StrideY) - a.PadTop;
        var picture = a.Input + ((nint)(tile / a.OutputHeight) * a.InputHeight * a.InputWidth * a.InputChannels);
        var output = a.Output + ((nint)tile * a.OutputWidth * a.OutputChannels);
        for (var column = 0; column < a.OutputWidth; column++, output += a.OutputChannels)
        {
            var left = (column * a.StrideX) - a.PadLeft;
            for (var channel = 0; channel < a.OutputChannels; channel += V.Count)
            {
                var count = Math.Min(V.Count, a.OutputChannels - channel);
                var sum = a.Bias == null ? V.Zero : V.LoadPartial(a.Bias + channel, count);
                for (var ky = 0; ky < a.KernelHeight; ky++)
                {
                    var y = top + (ky * a.DilationY);
                    for (var kx = 0; (uint)y < (uint)a.InputHeight && kx < a.KernelWidth; kx++)
                    {
                        var x = left + (kx * a.DilationX);
                        if ((uint)x < (uint)a.InputWidth)
                        {
                            var input = V.LoadPartial(picture + ((((nint)y * a.InputWidth) + x) * a.InputChannels) + channel, count);
                            var weight = V.LoadPartial(a.Weight + (((ky * a.KernelWidth) + kx) * a.OutputChannels) + channel, count);
                            sum = V.MultiplyAdd(input, weight, sum);
                        }
                    }
                }

                V.StorePartial(sum, output + channel, count);
            }
        }
    }
}

internal sealed unsafe class DepthwiseInputGradientKernel : ITieredKernel<ConvolutionJob>
{
    public static void Run<V>(ref ConvolutionJob job)
        where V : unmanaged, ISimd<V>
    {
        var a = job.Arguments;
        job.Pool.Run(a.Batch * a.InputHeight, &Row<V>, &a);
    }

    private static void Row<V>(void* context, int tile, int worker)
        where V : unmanaged, ISimd<V>
    {
        ref readonly var a = ref *(ConvolutionArguments*)context;
        var row = (tile % a.InputHeight) + a.PadTop;
        var picture = a.Output + ((nint)(tile / a.InputHeight) * a.OutputHeight * a.OutputWidth * a.OutputChannels);
        var input = a.Input + ((nint)tile * a.InputWidth * a.InputChannels);
        for (var column = 0; column < a.InputWidth; column++, input += a.InputChannels)
        {
            for (var channel = 0; channel < a.InputChannels; channel += V.Count)
            {
                var count = Math.Min(V.Count, a.InputChannels - channel);
                var sum = a.Bias == null ? V.Zero : V.LoadPartial(a.Bias + channel, count);
                for (var ky = 0; ky < a.KernelHeight; ky++)
                {
                    var y = Reader(row - (ky * a.DilationY), a.StrideY, a.OutputHeight);
                    for (var kx = 0; y >= 0 && kx < a.KernelWidth; kx++)
                    {
                        var x = Reader(column + a.PadLeft - (kx * a.DilationX), a.StrideX, a.OutputWidth);
                        if (x >= 0)
                        {
                            var gradient = V.LoadPartial(picture + ((((nint)y * a.OutputWidth) + x) * a.OutputChannels) + channel, count);
                            var weight = V.LoadPartial(a.Weight + (((ky * a.KernelWidth) + kx) * a.OutputChannels) + channel, count);
                            sum = V.MultiplyAdd(gradient, weight, sum);
                        }
                    }
                }

                V.StorePartial(sum, input + channel, count);
            }
        }
    }

    /// <summary>The output position whose tap lands at a distance from its first one, or -1.</summary>
    private static int Reader(int distance, int stride, int size) =>
        distance >= 0 && distance % stride == 0 && distance / stride < size ? distance / stride : -1;
}

internal sealed unsafe class DepthwiseWeightGradientKernel : ITieredKernel<ConvolutionJob>
{
    private const int MaximumChunks = 16;

    public static void Run<V>(ref ConvolutionJob job)
        where V : unmanaged, ISimd<V>
    {
        ref readonly var a = ref job.Arguments;
        var plan = new DepthwisePlan
        {
            A = a,
            Padded = (a.OutputChannels + V.Count - 1) / V.Count * V.Count,
            Chunks = Math.Min(a.Batch, MaximumChunks),
        };
        var taps = a.KernelHeight * a.KernelWidth;
        plan.Partials = (float*)job.Pool.Scratch(job.Pool.Threads, (nuint)plan.Chunks * (nuint)taps * (nuint)plan.Padded * sizeof(float));
        job.Pool.Run(plan.Chunks * taps, &Tap<V>, &plan);
        for (var tap = 0; tap < taps; tap++)
        {
            for (var channel = 0; channel < a.OutputChannels; channel += V.Count)
            {
                var sum = V.Zero;
                for (var chunk = 0; chunk < plan.Chunks; chunk++)
                {
                    sum += V.Load(plan.Partials + ((((nint)chunk * taps) + tap) * plan.Padded) + channel);
                }

                V.StorePartial(sum, a.Weight + ((nint)tap * a.OutputChannels) + channel, Math.Min(V.Count, a.OutputChannels - channel));
            }
        }
    }

    private static void Tap<V>(void* context, int tile, int worker)
        where V : unmanaged, ISimd<V>
    {
        ref readonly var plan = ref *(DepthwisePlan*)context;
        ref readonly var a = ref plan.A;
        var tap = tile % (a.KernelHeight * a.KernelWidth);
        var chunk = tile / (a.KernelHeight * a.KernelWidth);
        var down = (tap / a.KernelWidth * a.DilationY) - a.PadTop;
        var right = (tap % a.KernelWidth * a.DilationX) - a.PadLeft;
        var lastPicture = (int)((long)a.Batch * (chunk + 1) / plan.Chunks);
        for (var channel = 0; channel < a.OutputChannels; channel += V.Count)
        {
            var count = Math.Min(V.Count, a.OutputChannels - channel);
            var sum = V.Zero;
            for (var picture = (int)((long)a.Batch * chunk / plan.Chunks); picture < lastPicture; picture++)
            {
                for (var row = 0; row < a.OutputHeight; row++)
                {
                    var y = (row * a.StrideY) + down;
                    if ((uint)y < (uint)a.InputHeight)
                    {
                        sum = AddRow(a, picture, row, y, right, channel, count, sum);
                    }
                }
            }

            V.Store(sum, plan.Partials + ((nint)tile * plan.Padded) + channel);
        }
    }

    private static V AddRow<V>(in ConvolutionArguments a, int picture, int row, int y, int right, int channel, int count, V sum)
        where V : unmanaged, ISimd<V>
    {
        var input = a.Input + ((((nint)picture * a.InputHeight) + y) * a.InputWidth * a.InputChannels) + channel;
        var gradient = a.Output + ((((nint)picture * a.OutputHeight) + row) * a.OutputWidth * a.OutputChannels) + channel;
        for (var column = 0; column < a.OutputWidth; column++, gradient += a.OutputChannels)
        {
            var x = (column * a.StrideX) + right;
            if ((uint)x < (uint)a.InputWidth)
            {
                sum = V.MultiplyAdd(V.LoadPartial(input + ((nint)x * a.InputChannels), count), V.LoadPartial(gradient, count), sum);
            }
        }

        return sum;
    }
}
