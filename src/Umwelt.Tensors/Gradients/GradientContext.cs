// What an operation's Backward sees: the gradient of its result, what was saved, and where to put gradients of operands.
using Umwelt.Tensors.Internal;

namespace Umwelt.Tensors.Gradients;

/// <summary>One step of a backward pass.</summary>
public readonly ref struct GradientContext
{
    private readonly TensorNode _node;

    internal GradientContext(TensorNode node, GradientRecord record, Tensor gradient)
    {
        _node = node;
        Record = record;
        Gradient = gradient;
    }

    /// <summary>The engine whose operations compute the gradients (gradients of gradients are not recorded).</summary>
    public Engine Engine => _node.Engine;

    /// <summary>The gradient of the loss with respect to the result.</summary>
    public Tensor Gradient { get; }

    internal GradientRecord Record { get; }

    /// <summary>
    /// The gradient with respect to a further result (see <see cref="Operation.FurtherResults"/>), given its place among the
    /// auxiliaries; <c>default</c> if the loss does not depend on it.
    /// </summary>
    public Tensor FurtherGradient(int auxiliary) =>
        auxiliary < Record.FurtherGradients.Count && Record.FurtherGradients[auxiliary] is { } gradient ? new Tensor(gradient) : default;

    /// <summary>Number of operands, those left out included.</summary>
    public int InputCount => Record.Parents.Count;

    /// <summary>The saved result.</summary>
    public Tensor Output => Load(Record.Parents.Count);

    /// <summary>Whether the gradient of an operand is wanted.</summary>
    public bool Wants(int input) => input < Record.Parents.Count && Record.Wants(input);

    /// <summary>Whether an optional operand was given.</summary>
    public bool Has(int input) => input < Record.Parents.Count && Record.Parents[input] is not null;

    /// <summary>A saved operand; <c>default</c> if it was left out.</summary>
    public Tensor Input(int input) => Has(input) ? Load(input) : default;

    /// <summary>A saved auxiliary result.</summary>
    public Tensor Auxiliary(int index) => Load(Record.Parents.Count + 1 + index);

    /// <summary>The shape of an operand, saved or not.</summary>
    public Shape InputShape(int input) => Record.ParentShapes[input];

    /// <summary>The element type of an operand.</summary>
    public DataType InputType(int input) => Record.Parents[input]!.Type;

    /// <summary>Adds to the gradient of an operand, if it is wanted; a gradient that was broadcast is summed to the operand's shape.</summary>
    public void Add(int input, Tensor gradient)
    {
        if (Wants(input))
        {
            var shape = Record.ParentShapes[input];
            Engine.AccumulateGradient(Record.Parents[input]!, gradient.Shape == shape ? gradient : gradient.SumTo(shape));
        }
    }

    /// <summary>
    /// The gradient of an operand as a tensor to add into where only parts of the operand were used; zeros at first.
    /// </summary>
    public Tensor Accumulator(int input) => Wants(input)
        ? Engine.GradientAccumulator(Record.Parents[input]!, Record.ParentShapes[input])
        : Engine.Zeros(Record.ParentShapes[input]);

    /// <summary>Leaves the gradient of a further result with the record that made it, whose turn comes later in the pass.</summary>
    internal void HandOver(int auxiliary)
    {
        var gradients = Record.Parents[0]!.Producer!.FurtherGradients;
        while (gradients.Count <= auxiliary)
        {
            gradients.Add(null);
        }

        var gradient = Engine.Check(Gradient, "gradient");
        gradient.DataReferences++;
        gradients[auxiliary] = gradient;
    }

    private Tensor Load(int index)
    {
        var saved = Record.Saved[index];
        if (saved.Node is null)
        {
            throw new InvalidOperationException($"The gradient of '{Record.Operation!.Name}' reads operand {index}, which it did not ask to save.");
        }

        if (saved.Node.Buffer!.Version != saved.Version)
        {
            throw new InvalidOperationException(
                $"A tensor of shape {saved.Node.Shape} that the gradient of '{Record.Operation!.Name}' needs was changed in place after it was used.");
        }

        return new Tensor(saved.Node);
    }
}
