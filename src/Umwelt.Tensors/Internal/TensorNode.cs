// What stands behind a tensor handle. Nodes are pooled by their engine. Two counts keep one alive: data references (its
// owner, and every record that saved it) hold the memory; graph references (records that have it as an operand) hold only
// the vertex. When the owner lets go the generation rises, so that old handles are recognised.
using Umwelt.Tensors.Gradients;

namespace Umwelt.Tensors.Internal;

internal sealed class TensorNode(Engine engine)
{
    public Engine Engine { get; } = engine;

    public int Generation;
    public Shape Shape;
    public Strides Strides;
    public long Offset;
    public DataType Type;
    public bool IsContiguous;

    public SharedBuffer? Buffer;
    public int DataReferences;
    public int GraphReferences;

    /// <summary>Scope depth of the owner; 0 is the user, who disposes; -1 when nobody owns it any more.</summary>
    public int OwnerDepth;

    public bool RequiresGradient;

    /// <summary>Whether the tensor's own record saved it; that reference does not keep it alive.</summary>
    public bool SavesItself;

    /// <summary>Whether it is on the way back to the pool.</summary>
    public bool IsEnding;

    public GradientRecord? Producer;

    /// <summary>Set once a backward pass has consumed the record, to tell a second pass from a leaf.</summary>
    public bool WasConsumed;

    /// <summary>Position in the order of creation: a backward pass walks it downwards.</summary>
    public long Sequence;

    /// <summary>During a backward pass the sum so far; for a leaf, its gradient.</summary>
    public TensorNode? Gradient;

    public long VisitedBy;

    public TensorView View => new(Buffer!.Device!, Offset, Type, Shape, Strides);

    public TensorSpec Spec => new(Shape, Type);
}
