// Everything one linear attention needs, forward and backward. Operands of every moment come as rows by strides; states
// and whatever the engine made for results are dense.
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors.Internal.Cpu.Recurrences;

/// <summary>[batch, time, heads] places of rows (or of single numbers) in memory.</summary>
internal readonly unsafe struct HeadRows(float* data, nint batch, nint time, nint head)
{
    public bool IsPresent => data != null;

    public nint TimeStep => time;

    public float* At(int batchIndex, int timeIndex, int headIndex) =>
        data + (batchIndex * batch) + (timeIndex * time) + (headIndex * head);

    public static HeadRows Of(in TensorView view) =>
        view.IsPresent ? new(CpuPointers.Floats(view), view.Strides[0], view.Strides[1], view.Strides[2]) : default;
}

internal unsafe struct LinearAttentionArguments
{
    public HeadRows Query;
    public HeadRows Key;
    public HeadRows Value;
    public HeadRows Decay;
    public HeadRows InputGate;

    public int Batch;
    public int Time;
    public int Heads;
    public int KeySize;
    public int ValueSize;
    public float Scale;
    public bool IsNormalised;

    /// <summary>Before the first moment: [batch, heads, keys, values], [batch, heads, keys], [batch, heads]; null for an empty memory.</summary>
    public float* Memory;
    public float* Normaliser;
    public float* Stabiliser;

    public HeadRows Output;
    public float* FinalMemory;
    public float* FinalNormaliser;
    public float* FinalStabiliser;

    /// <summary>[batch, heads, chunks, state size], see <see cref="LinearAttention.StateSize"/>; null where not wanted.</summary>
    public float* States;

    public HeadRows OutputGradient;

    /// <summary>Null for zeros.</summary>
    public float* FinalMemoryGradient;
    public float* FinalNormaliserGradient;
    public HeadRows QueryGradient;
    public HeadRows KeyGradient;
    public HeadRows ValueGradient;
    public HeadRows DecayGradient;
    public HeadRows InputGateGradient;
    public float* MemoryGradient;
    public float* NormaliserGradient;

    public readonly int Units => Batch * Heads;

    public readonly int Chunks => (Time + LinearAttention.Chunk - 1) / LinearAttention.Chunk;

    /// <summary>Numbers of one memory.</summary>
    public readonly nint MemorySize => (nint)KeySize * ValueSize;

    /// <summary>The kept state before a chunk.</summary>
    public readonly float* State(int unit, int chunk) =>
        States + ((((nint)unit * Chunks) + chunk) * LinearAttention.StateSize(KeySize, ValueSize, IsNormalised));
}
