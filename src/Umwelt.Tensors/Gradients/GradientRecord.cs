// One entry of the tape: the operation that made a tensor, with everything its gradient reads. Pooled by the engine.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Internal;

namespace Umwelt.Tensors.Gradients;

internal sealed class GradientRecord
{
    public Operation? Operation;
    public AttributeBytes Attributes;

    /// <summary>An object the operation needs besides its attributes: the function of a recomputation.</summary>
    public object? Extra;

    /// <summary>Every operand, null where one was left out.</summary>
    public readonly List<TensorNode?> Parents = [];

    /// <summary>The shape of each operand, since an operand's own memory may be gone.</summary>
    public readonly List<Shape> ParentShapes = [];

    /// <summary>Whether each operand required a gradient when the record was made, which decided what was saved.</summary>
    public readonly List<bool> Wanted = [];

    /// <summary>Operands, then result, then auxiliaries; null where not saved.</summary>
    public readonly List<SavedTensor> Saved = [];

    /// <summary>During a backward pass the gradients of further results, by auxiliary; null where there is none yet.</summary>
    public readonly List<TensorNode?> FurtherGradients = [];

    public bool Wants(int input) => Wanted[input] && Parents[input]!.RequiresGradient;

    public void Clear()
    {
        Operation = null;
        Extra = null;
        Parents.Clear();
        ParentShapes.Clear();
        Wanted.Clear();
        Saved.Clear();
    }
}

internal readonly record struct SavedTensor(TensorNode? Node, int Version);

/// <summary>Room for the attributes of any operation.</summary>
[InlineArray(Capacity)]
internal struct AttributeBytes
{
    public const int Capacity = 64;
    private byte _first;

    public readonly T Read<T>()
        where T : unmanaged => Unsafe.ReadUnaligned<T>(in _first);

    public void Write<T>(in T value)
        where T : unmanaged => Unsafe.WriteUnaligned(ref _first, value);
}
