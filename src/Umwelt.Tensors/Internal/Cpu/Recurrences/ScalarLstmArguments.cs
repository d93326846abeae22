// Everything one sLSTM needs, forward and backward. Memory is dense; what a pass does not need is null.
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors.Internal.Cpu.Recurrences;

internal unsafe struct ScalarLstmArguments
{
    /// <summary>Sequences of a head that go through time together, so that a moment reads the head's weights once for all of them.</summary>
    public const int Rows = 4;

    public int Batch;
    public int Time;
    public int Heads;
    public int Size;
    public bool IsForgetExponential;

    /// <summary>[4, heads, size, size].</summary>
    public float* Weights;

    /// <summary>[batch, 4, heads, size]: c, n, h, m; null for zeros.</summary>
    public float* State;

    /// <summary>[batch, time, heads, size].</summary>
    public float* Answers;

    /// <summary>[batch, time, 7, heads, size], see <see cref="ScalarLstm"/>; null where not wanted.</summary>
    public float* Kept;

    /// <summary>[batch, time, 4, heads, size].</summary>
    public float* Gates;
    public float* FinalState;

    public float* AnswersGradient;

    /// <summary>Null for zeros.</summary>
    public float* FinalStateGradient;
    public float* GatesGradient;
    public float* StateGradient;

    /// <summary>The weights' gradient of each group of blocks, [groups, 4, heads, size, size]; null where not wanted.</summary>
    public float* WeightSums;

    public readonly nint Width => (nint)Heads * Size;

    public readonly nint WeightCount => 4 * Width * Size;

    /// <summary>Groups of sequences.</summary>
    public readonly int Blocks => (Batch + Rows - 1) / Rows;

    /// <summary>A head's part of a row of so many, at a moment of so many (or in a state, which has one).</summary>
    public readonly nint At(int batch, int time, int times, int row, int rows, int head) =>
        ((((((nint)batch * times) + time) * rows) + row) * Width) + (head * Size);

    /// <summary>From one moment of a row to the next.</summary>
    public readonly nint Step(int rows) => rows * Width;

    public readonly float* HeadWeights(int gate, int head) => Weights + ((((nint)gate * Heads) + head) * Size * Size);
}
