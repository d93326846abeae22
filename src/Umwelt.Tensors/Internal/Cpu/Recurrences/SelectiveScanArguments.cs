// Everything one selective scan needs. Operands of every moment are rows by strides; the rest is dense.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors.Internal.Cpu.Recurrences;

/// <summary>[batch, time] places of rows in memory.</summary>
internal readonly unsafe struct TimeRows(float* data, nint batch, nint time)
{
    public nint TimeStep => time;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float* At(int batchIndex, int timeIndex) => data + (batchIndex * batch) + (timeIndex * time);

    public static TimeRows Of(in TensorView view) => new(CpuPointers.Floats(view), view.Strides[0], view.Strides[1]);
}

internal unsafe struct SelectiveScanArguments
{
    public TimeRows X;
    public TimeRows Delta;
    public TimeRows Input;
    public TimeRows Output;

    /// <summary>[channels, states].</summary>
    public float* Decay;

    public int Batch;
    public int Time;
    public int Channels;
    public int States;

    /// <summary>[batch, channels, states]; the first is null for zeros.</summary>
    public float* State;
    public float* FinalState;

    /// <summary>[batch, chunks, states, channels]; null where not wanted.</summary>
    public float* Kept;
    public TimeRows Y;

    public TimeRows YGradient;

    /// <summary>Null for zeros.</summary>
    public float* FinalStateGradient;
    public TimeRows XGradient;
    public TimeRows DeltaGradient;
    public float* DecayGradient;
    public float* InputGradient;
    public float* OutputGradient;
    public float* StateGradient;

    /// <summary>[2, blocks, batch, time, states]: sums over the channels of a block, of input and of output.</summary>
    public float* BlockSums;

    /// <summary>[batch, states, channels].</summary>
    public float* DecaySums;

    public readonly int Blocks => (Channels + SelectiveScan.Block - 1) / SelectiveScan.Block;

    public readonly int Chunks => (Time + SelectiveScan.Chunk - 1) / SelectiveScan.Chunk;

    /// <summary>Where the states of a channel of one sequence stand in a tensor of states.</summary>
    public readonly nint StateAt(int batch, int channel) => (((nint)batch * Channels) + channel) * States;

    public readonly float* KeptAt(int batch, int chunk, int channel) =>
        Kept + (((((nint)batch * Chunks) + chunk) * States) * Channels) + channel;

    /// <summary>The sums of a block at a moment: 0 of the input's gradient, 1 of the output's.</summary>
    public readonly float* BlockSum(int which, int block, int batch, int time) =>
        BlockSums + ((((((((nint)which * Blocks) + block) * Batch) + batch) * Time) + time) * States);
}
