// Depthwise causal convolution over time: output[b, t, c] = bias[c] + sum over k of kernel[k, c] * input[b, t + k - (width - 1), c],
// where moments before 0 are the state [batch, width - 1, channels], or zeros without one. The sum runs over k in order.
// Kernel and bias gradients sum over (batch, time) in chunks of one batch row, added in index order.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Internal.Cpu.Convolution;

/// <summary>
/// Forward reads Input, State, Kernel, Bias and writes Output. Backward reads Input, State, Kernel and OutputGradient and
/// writes those of InputGradient, StateGradient, KernelGradient and BiasGradient that are not null.
/// </summary>
internal unsafe struct CausalConvolutionArguments
{
    public int Batch;
    public int Time;
    public int Channels;
    public int Width;
    public float* Input;
    public float* State;
    public float* Kernel;
    public float* Bias;
    public float* Output;
    public float* OutputGradient;
    public float* InputGradient;
    public float* StateGradient;
    public float* KernelGradient;
    public float* BiasGradient;
}

internal struct CausalConvolutionJob
{
    public WorkerPool Pool;
    public CausalConvolutionArguments Arguments;
}

internal static class CausalConvolution
{
    public static void Forward(WorkerPool pool, in CausalConvolutionArguments arguments)
    {
        var job = new CausalConvolutionJob { Pool = pool, Arguments = arguments };
        SimdTier.Run<CausalForwardKernel, CausalConvolutionJob>(ref job);
    }

    public static void Backward(WorkerPool pool, in CausalConvolutionArguments arguments)
    {
        var job = new CausalConvolutionJob { Pool = pool, Arguments = arguments };
        SimdTier.Run<CausalBackwardKernel, CausalConvolutionJob>(ref job);
    }
}

internal unsafe struct CausalPlan
{
    public CausalConvolutionArguments A;
    public float* Partials;
    public int Padded;
    public int TimeBlock;
    public int TimeBlocks;

    /// <summary>The input at a moment, which may lie in the state; null before it all.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly float* At(int batch, int time)
    {
        if (time >= 0)
        {
            return A.Input + ((((nint)batch * A.Time) + time) * A.Channels);
        }

        return A.State == null ? null : A.State + ((((nint)batch * (A.Width - 1)) + time + A.Width - 1) * A.Channels);
    }
}

internal sealed unsafe class CausalForwardKernel : ITieredKernel<CausalConvolutionJob>
{
    private const int BlockBytes = 64 * 1024;

    public static void Run<V>(ref CausalConvolutionJob job)
        where V : unmanaged, ISimd<V>
    {
        var plan = new CausalPlan { A = job.Arguments };
        plan.TimeBlock = Math.Clamp(BlockBytes / (sizeof(float) * Math.Max(1, plan.A.Channels)), 1, Math.Max(1, plan.A.Time));
        plan.TimeBlocks = (plan.A.Time + plan.TimeBlock - 1) / plan.TimeBlock;
        job.Pool.Run(plan.A.Batch * plan.TimeBlocks, &Block<V>, &plan);
    }

    private static void Block<V>(void* context, int tile, int worker)
        where V : unmanaged, ISimd<V>
    {
        ref readonly var plan = ref *(CausalPlan*)context;
        ref readonly var a = ref plan.A;
        var batch = tile / plan.TimeBlocks;
        var first = tile % plan.TimeBlocks * plan.TimeBlock;
        for (var time = first; time < Math.Min(a.Time, first + plan.TimeBlock); time++)
        {
            var output = a.Output + ((((nint)batch * a.Time) + time) * a.Channels);
            if (a.Width == 4 && time >= 3)
            {
                Row4<V>(a, plan.At(batch, time - 3), output);
                continue;
            }

            for (var channel = 0; channel < a.Channels; channel += V.Count)
            {
                var count = Math.Min(V.Count, a.Channels - channel);
                var sum = a.Bias == null ? V.Zero : V.LoadPartial(a.Bias + channel, count);
                for (var k = 0; k < a.Width; k++)
                {
                    var input = plan.At(batch, time + k - (a.Width - 1));
                    if (input != null)
                    {
                        var factor = V.LoadPartial(a.Kernel + ((nint)k * a.Channels) + channel, count);
                        sum = V.MultiplyAdd(V.LoadPartial(input + channel, count), factor, sum);
                    }
                }

                V.StorePartial(sum, output + channel, count);
            }
        }
    }

    /// <summary>One moment of the usual width, whole registers first; the same chain as the general loop.</summary>
    private static void Row4<V>(in CausalConvolutionArguments a, float* input, float* output)
        where V : unmanaged, ISimd<V>
    {
        var kernel = a.Kernel;
        var bias = a.Bias;
        nint channels = a.Channels;
        nint channel = 0;
        for (; channel + V.Count <= channels; channel += V.Count)
        {
            var x = input + channel;
            var k = kernel + channel;
            var sum = bias == null ? V.Zero : V.Load(bias + channel);
            sum = V.MultiplyAdd(V.Load(x), V.Load(k), sum);
            sum = V.MultiplyAdd(V.Load(x + channels), V.Load(k + channels), sum);
            sum = V.MultiplyAdd(V.Load(x + (2 * channels)), V.Load(k + (2 * channels)), sum);
            sum = V.MultiplyAdd(V.Load(x + (3 * channels)), V.Load(k + (3 * channels)), sum);
            V.Store(sum, output + channel);
        }

        if (channel < channels)
        {
            var count = (int)(channels - channel);
            var sum = bias == null ? V.Zero : V.LoadPartial(bias + channel, count);
            for (var k = 0; k < 4; k++)
            {
                var factor = V.LoadPartial(kernel + (k * channels) + channel, count);
                sum = V.MultiplyAdd(V.LoadPartial(input + (k * channels) + channel, count), factor, sum);
            }

            V.StorePartial(sum, output + channel, count);
        }
    }
}

internal sealed unsafe class CausalBackwardKernel : ITieredKernel<CausalConvolutionJob>
{
    private const int BlockChannels = 128;

    // Moments between neighbouring channels of a block: what they share of pages and lines stays near.
    private const int Chunk = 64;

    public static void Run<V>(ref CausalConvolutionJob job)
        where V : unmanaged, ISimd<V>
    {
        ref readonly var a = ref job.Arguments;
        var plan = new CausalPlan { A = a, Padded = (a.Channels + V.Count - 1) / V.Count * V.Count };
        var rows = a.Width + 1;
        plan.Partials = (float*)job.Pool.Scratch(job.Pool.Threads, (nuint)a.Batch * (nuint)rows * (nuint)plan.Padded * sizeof(float));
        job.Pool.Run(a.Batch * ChannelBlocks(a), &Channels<V>, &plan);
        Combine<V>(plan, a.KernelGradient, 0, a.Width);
        Combine<V>(plan, a.BiasGradient, a.Width, 1);
    }

    private static int ChannelBlocks(in CausalConvolutionArguments a) => (a.Channels + BlockChannels - 1) / BlockChannels;

    /// <summary>All moments of one batch row for a block of channels.</summary>
    private static void Channels<V>(void* context, int tile, int worker)
        where V : unmanaged, ISimd<V>
    {
        ref readonly var plan = ref *(CausalPlan*)context;
        ref readonly var a = ref plan.A;
        var batch = tile / ChannelBlocks(a);
        var first = tile % ChannelBlocks(a) * BlockChannels;
        var end = Math.Min(a.Channels, first + BlockChannels);
        if (a.Width == 4)
        {
            Slide<V>(plan, batch, first, end);
            return;
        }

        for (var channel = first; channel < end; channel += V.Count)
        {
            var count = Math.Min(V.Count, a.Channels - channel);
            if (a.InputGradient != null)
            {
                for (var time = 0; time < a.Time; time++)
                {
                    Gather<V>(plan, batch, time, channel, count, a.InputGradient + ((((nint)batch * a.Time) + time) * a.Channels));
                }
            }

            if (a.StateGradient != null)
            {
                for (var time = 1 - a.Width; time < 0; time++)
                {
                    Gather<V>(
                        plan, batch, time, channel, count, a.StateGradient + ((((nint)batch * (a.Width - 1)) + time + a.Width - 1) * a.Channels));
                }
            }

            var partial = plan.Partials + ((nint)batch * (a.Width + 1) * plan.Padded) + channel;
            for (var k = 0; a.KernelGradient != null && k < a.Width; k++)
            {
                V.Store(KernelSum<V>(plan, batch, k, channel, count), partial + ((nint)k * plan.Padded));
            }

            if (a.BiasGradient != null)
            {
                var sum = V.Zero;
                var gradient = a.OutputGradient + ((nint)batch * a.Time * a.Channels) + channel;
                for (var time = 0; time < a.Time; time++, gradient += a.Channels)
                {
                    sum += V.LoadPartial(gradient, count);
                }

                V.Store(sum, partial + ((nint)a.Width * plan.Padded));
            }
        }
    }

    /// <summary>The usual width, all of it in one pass over memory.</summary>
    private static void Slide<V>(in CausalPlan plan, int batch, int first, int end)
        where V : unmanaged, ISimd<V>
    {
        ref readonly var a = ref plan.A;
        var partials = plan.Partials + ((nint)batch * (a.Width + 1) * plan.Padded);
        for (var row = 0; row <= a.Width; row++)
        {
            new Span<float>(partials + ((nint)row * plan.Padded) + first, Math.Min(BlockChannels, plan.Padded - first)).Clear();
        }

        for (var time = 1 - a.Width; time < a.Time; time += Chunk)
        {
            for (var channel = first; channel < end; channel += V.Count)
            {
                Slide<V>(plan, batch, time, Math.Min(time + Chunk, a.Time), channel, Math.Min(V.Count, a.Channels - channel), partials + channel);
            }
        }
    }

    /// <summary>
    /// One register of channels over a stretch of time: what the taps see slides through registers. Sums go on from those in
    /// memory; each has the order that the general loop has.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Slide<V>(in CausalPlan plan, int batch, int from, int end, int channel, int count, float* partials)
        where V : unmanaged, ISimd<V>
    {
        ref readonly var a = ref plan.A;
        nint channels = a.Channels;
        var gradient = a.OutputGradient + ((nint)batch * a.Time * channels) + channel;
        var target = a.InputGradient == null ? null : a.InputGradient + ((nint)batch * a.Time * channels) + channel;
        var state = a.StateGradient == null ? null : a.StateGradient + ((nint)batch * 3 * channels) + channel;
        var kernel = a.Kernel + channel;
        var k0 = Lanes.Load<V>(kernel, count);
        var k1 = Lanes.Load<V>(kernel + channels, count);
        var k2 = Lanes.Load<V>(kernel + (2 * channels), count);
        var k3 = Lanes.Load<V>(kernel + (3 * channels), count);
        var x0 = Input<V>(plan, batch, from - 3, channel, count);
        var x1 = Input<V>(plan, batch, from - 2, channel, count);
        var x2 = Input<V>(plan, batch, from - 1, channel, count);
        var g0 = Moment<V>(gradient, channels, from, a.Time, count);
        var g1 = Moment<V>(gradient, channels, from + 1, a.Time, count);
        var g2 = Moment<V>(gradient, channels, from + 2, a.Time, count);
        var s0 = V.Load(partials);
        var s1 = V.Load(partials + plan.Padded);
        var s2 = V.Load(partials + (2 * plan.Padded));
        var s3 = V.Load(partials + (3 * plan.Padded));
        var bias = V.Load(partials + (4 * plan.Padded));
        for (var time = from; time < end; time++)
        {
            var g3 = Moment<V>(gradient, channels, time + 3, a.Time, count);
            var sum = V.MultiplyAdd(g3, k0, V.Zero);
            sum = V.MultiplyAdd(g2, k1, sum);
            sum = V.MultiplyAdd(g1, k2, sum);
            sum = V.MultiplyAdd(g0, k3, sum);
            if (time >= 0)
            {
                if (target != null)
                {
                    Lanes.Store(sum, target + (time * channels), count);
                }

                var x3 = Lanes.Load<V>(plan.At(batch, time) + channel, count);
                s0 = V.MultiplyAdd(x0, g0, s0);
                s1 = V.MultiplyAdd(x1, g0, s1);
                s2 = V.MultiplyAdd(x2, g0, s2);
                s3 = V.MultiplyAdd(x3, g0, s3);
                bias += g0;
                (x0, x1, x2) = (x1, x2, x3);
            }
            else
            {
                if (state != null)
                {
                    Lanes.Store(sum, state + ((time + 3) * channels), count);
                }

                (x0, x1, x2) = (x1, x2, Input<V>(plan, batch, time, channel, count));
            }

            (g0, g1, g2) = (g1, g2, g3);
        }

        V.Store(s0, partials);
        V.Store(s1, partials + plan.Padded);
        V.Store(s2, partials + (2 * plan.Padded));
        V.Store(s3, partials + (3 * plan.Padded));
        V.Store(bias, partials + (4 * plan.Padded));
    }

    // Zeros where there is no such moment.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Moment<V>(float* moments, nint channels, int time, int length, int count)
        where V : unmanaged, ISimd<V> => (uint)time < (uint)length ? Lanes.Load<V>(moments + (time * channels), count) : V.Zero;

    // The same where moments before the first may lie in the state.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Input<V>(in CausalPlan plan, int batch, int time, int channel, int count)
        where V : unmanaged, ISimd<V>
    {
        var row = time < 1 - plan.A.Width ? null : plan.At(batch, time);
        return row == null ? V.Zero : Lanes.Load<V>(row + channel, count);
    }

    /// <summary>The gradient at one moment: every later output that read it, taps in order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Gather<V>(in CausalPlan plan, int batch, int time, int channel, int count, float* destination)
        where V : unmanaged, ISimd<V>
    {
        ref readonly var a = ref plan.A;
        var sum = V.Zero;
        for (var k = 0; k < a.Width; k++)
        {
            var reader = time + a.Width - 1 - k;
            if (reader >= 0 && reader < a.Time)
            {
                var gradient = V.LoadPartial(a.OutputGradient + ((((nint)batch * a.Time) + reader) * a.Channels) + channel, count);
                sum = V.MultiplyAdd(gradient, V.LoadPartial(a.Kernel + ((nint)k * a.Channels) + channel, count), sum);
            }
        }

        V.StorePartial(sum, destination + channel, count);
    }

    private static V KernelSum<V>(in CausalPlan plan, int batch, int k, int channel, int count)
        where V : unmanaged, ISimd<V>
    {
        ref readonly var a = ref plan.A;
        var sum = V.Zero;
        for (var time = 0; time < a.Time; time++)
        {
            var input = plan.At(batch, time + k - (a.Width - 1));
            if (input != null)
            {
                var gradient = V.LoadPartial(a.OutputGradient + ((((nint)batch * a.Time) + time) * a.Channels) + channel, count);
                sum = V.MultiplyAdd(V.LoadPartial(input + channel, count), gradient, sum);
            }
        }

        return sum;
    }

    private static void Combine<V>(in CausalPlan plan, float* target, int firstRow, int rows)
        where V : unmanaged, ISimd<V>
    {
        ref readonly var a = ref plan.A;
        for (var row = 0; target != null && row < rows; row++)
        {
            for (var channel = 0; channel < a.Channels; channel += V.Count)
            {
                var sum = V.Zero;
                for (var batch = 0; batch < a.Batch; batch++)
                {
                    sum += V.Load(plan.Partials + ((((nint)batch * (a.Width + 1)) + firstRow + row) * plan.Padded) + channel);
                }

                V.StorePartial(sum, target + ((nint)row * a.Channels) + channel, Math.Min(V.Count, a.Channels - channel));
            }
        }
    }
}
