// A few blocks of channels of one sequence through all its moments, chunk by chunk side by side, since their rows share
// pages of memory. Lanes are channels; the exponentials set the speed.
// Law: a channel's numbers depend on nothing but its own operands.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using Umwelt.Tensors.Internal.Simd;
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors.Internal.Cpu.Recurrences;

internal static unsafe class SelectiveScanForward
{
    private const int Pitch = ScanBlock.Pitch;

    /// <summary>Floats for so many blocks: rates and states of each, and constants.</summary>
    public static long ScratchFloats(int states, int blocks) => (2L * blocks * states * Pitch) + 16;

    public static void Run<V>(in SelectiveScanArguments a, int batch, int firstBlock, int endBlock, float* scratch)
        where V : unmanaged, ISimd<V>
    {
        var constants = scratch;
        var tables = scratch + 16;
        var table = a.States * Pitch;
        ScanBlock.WriteConstants(constants);
        for (var block = firstBlock; block < endBlock; block++)
        {
            var rates = tables + (2 * (block - firstBlock) * table);
            var channel = block * SelectiveScan.Block;
            var channels = Math.Min(SelectiveScan.Block, a.Channels - channel);
            ScanBlock.Gather(a.Decay + ((nint)channel * a.States), channels, a.States, rates);
            ScanBlock.Gather(a.State == null ? null : a.State + a.StateAt(batch, channel), channels, a.States, rates + table);
        }

        for (var chunk = 0; chunk < a.Chunks; chunk++)
        {
            for (var block = firstBlock; block < endBlock; block++)
            {
                var rates = tables + (2 * (block - firstBlock) * table);
                for (var lane = 0; lane < Math.Min(SelectiveScan.Block, a.Channels - (block * SelectiveScan.Block)); lane += V.Count)
                {
                    var channel = (block * SelectiveScan.Block) + lane;
                    var lanes = Math.Min(V.Count, a.Channels - channel);
                    if (a.Kept != null)
                    {
                        Keep<V>(rates + table + lane, a.KeptAt(batch, chunk, channel), a.States, a.Channels, lanes);
                    }

                    Chunk<V>(a, batch, chunk, channel, lanes, rates + lane, rates + table + lane, constants);
                }
            }
        }

        for (var block = firstBlock; block < endBlock; block++)
        {
            var channel = block * SelectiveScan.Block;
            ScanBlock.Scatter(
                tables + (((2 * (block - firstBlock)) + 1) * table), Math.Min(SelectiveScan.Block, a.Channels - channel), a.States, a.FinalState + a.StateAt(batch, channel));
        }
    }

    private static void Keep<V>(float* h, float* kept, int states, nint channels, int lanes)
        where V : unmanaged, ISimd<V>
    {
        for (var n = 0; n < states; n++, h += Pitch, kept += channels)
        {
            Lanes.Store(V.Load(h), kept, lanes);
        }
    }

    // One register of channels through one chunk.
    private static void Chunk<V>(
        in SelectiveScanArguments a, int batch, int chunk, int channel, int lanes, float* rates, float* h, float* constants)
        where V : unmanaged, ISimd<V>
    {
        var first = chunk * SelectiveScan.Chunk;
        var end = Math.Min(first + SelectiveScan.Chunk, a.Time);
        for (var t = first; t < end; t++)
        {
            var delta = Lanes.Load<V>(a.Delta.At(batch, t) + channel, lanes);
            var x = Lanes.Load<V>(a.X.At(batch, t) + channel, lanes);
            if (Sse.IsSupported && t + SelectiveScan.Chunk < a.Time)
            {
                Sse.Prefetch1(a.Delta.At(batch, t + SelectiveScan.Chunk) + channel);
                Sse.Prefetch1(a.X.At(batch, t + SelectiveScan.Chunk) + channel);
                Sse.Prefetch1(a.Y.At(batch, t + SelectiveScan.Chunk) + channel);
            }

            var y = Moment(delta, delta * x, rates, h, a.Input.At(batch, t), a.Output.At(batch, t), a.States, constants);
            Lanes.Store(y, a.Y.At(batch, t) + channel, lanes);
        }

        for (nint n = 0; n < a.States; n++)
        {
            V.Store(ChunkGates.Flushed(V.Load(h + (n * Pitch))), h + (n * Pitch));
        }
    }

    // All states of one register of channels at one moment.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Moment<V>(V delta, V dx, float* rates, float* h, float* input, float* output, nint states, float* constants)
        where V : unmanaged, ISimd<V>
    {
        var exponential = new NonPositiveExponential<V>(constants);
        var y = V.Zero;
        for (nint n = 0; n < states; n++)
        {
            var decay = exponential.Of(delta * V.Load(rates));
            var state = V.MultiplyAdd(decay, V.Load(h), dx * V.Broadcast(input[n]));
            V.Store(state, h);
            y = V.MultiplyAdd(V.Broadcast(output[n]), state, y);
            rates += Pitch;
            h += Pitch;
        }

        return y;
    }
}
