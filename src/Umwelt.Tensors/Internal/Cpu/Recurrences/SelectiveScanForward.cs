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
            var channel = block * Pitch;
            var channels = Math.Min(Pitch, a.Channels - channel);
            ScanBlock.Gather(a.Decay + ((nint)channel * a.States), channels, a.States, rates);
            ScanBlock.Gather(a.State == null ? null : a.State + a.StateAt(batch, channel), channels, a.States, rates + table);
        }

        for (var chunk = 0; chunk < a.Chunks; chunk++)
        {
            for (var block = firstBlock; block < endBlock; block++)
            {
                var rates = tables + (2 * (block - firstBlock) * table);
                for (var lane = 0; lane < Math.Min(Pitch, a.Channels - (block * Pitch)); lane += V.Count)
                {
                    var channel = (block * Pitch) + lane;
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
            var channel = block * Pitch;
            ScanBlock.Scatter(
                tables + (((2 * (block - firstBlock)) + 1) * table), Math.Min(Pitch, a.Channels - channel), a.States, a.FinalState + a.StateAt(batch, channel));
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
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void Chunk<V>(
        in SelectiveScanArguments a, int batch, int chunk, int channel, int lanes, float* rates, float* h, float* constants)
        where V : unmanaged, ISimd<V>
    {
        var exponential = new NonPositiveExponential<V>(constants);
        var states = a.States;
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

            var input = a.Input.At(batch, t);
            var output = a.Output.At(batch, t);
            var dx = delta * x;
            var y = V.Zero;
            for (nint n = 0; n < states; n++)
            {
                var kept = exponential.Of(delta * V.Load(rates + (n * Pitch)));
                var state = V.MultiplyAdd(kept, V.Load(h + (n * Pitch)), dx * V.Broadcast(input[n]));
                V.Store(state, h + (n * Pitch));
                y = V.MultiplyAdd(V.Broadcast(output[n]), state, y);
            }

            Lanes.Store(y, a.Y.At(batch, t) + channel, lanes);
        }

        for (nint n = 0; n < states; n++)
        {
            V.Store(ChunkGates.Flushed(V.Load(h + (n * Pitch))), h + (n * Pitch));
        }
    }
}
