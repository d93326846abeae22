// What the engine knows of an operation: its name, the shapes it makes, what its gradient needs and how that is computed,
// and, where it has one, its composition of simpler operations. How it runs is a backend's affair.
// An operation is a singleton without state; whatever varies from call to call is in its attributes.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Gradients;

namespace Umwelt.Tensors;

/// <summary>Which operands and results the gradient of an operation reads, and so the tape keeps.</summary>
[Flags]
public enum Saved
{
    /// <summary>Only shapes.</summary>
    None = 0,

    /// <summary>The first operand.</summary>
    Input0 = 1,

    /// <summary>The second operand.</summary>
    Input1 = 2,

    /// <summary>The third operand.</summary>
    Input2 = 4,

    /// <summary>The fourth operand.</summary>
    Input3 = 8,

    /// <summary>The fifth operand.</summary>
    Input4 = 16,

    /// <summary>The sixth operand.</summary>
    Input5 = 32,

    /// <summary>The seventh operand.</summary>
    Input6 = 64,

    /// <summary>The result.</summary>
    Output = 1 << 16,

    /// <summary>The auxiliary results that carry no gradient.</summary>
    Auxiliaries = 1 << 17,
}

/// <summary>The identity of an operation.</summary>
public abstract class Operation
{
    private protected Operation(string name) => Name = name;

    /// <summary>The name in errors and in a backend's table.</summary>
    public string Name { get; }

    /// <summary>Results beside the first that only the gradient (or a caller who asks) reads.</summary>
    public virtual int Auxiliaries => 0;

    /// <summary>
    /// How many of the auxiliaries, from the first, are results that carry a gradient, as final states of a sequence do; the
    /// others carry none. See <see cref="GradientContext.FurtherGradient"/>.
    /// </summary>
    public virtual int FurtherResults => 0;

    /// <summary>Whether the first result can carry a gradient.</summary>
    public virtual bool IsDifferentiable => true;

    /// <summary>Whether an operand may be left out, as <c>default</c>.</summary>
    public virtual bool IsOptional(int input) => false;

    /// <summary>Whether kernels take an operand with any strides; otherwise the engine hands over a contiguous copy.</summary>
    public virtual bool AcceptsStrides(int input) => false;

    /// <summary>Whether kernels write into a view with any strides; see <see cref="Engine.RunInto{TAttributes}(Operation{TAttributes}, in TAttributes, Tensor, ReadOnlySpan{Tensor})"/>.</summary>
    public virtual bool AcceptsStridedTarget => false;

    /// <summary>What the gradient reads, given the operands (bit i for operand i) whose gradients are wanted.</summary>
    public virtual Saved Saves(uint wanted) => Saved.None;

    /// <summary>Families of operations bring their kernel with them; see Backend.TakeUnary.</summary>
    internal virtual bool OfferTo(Backend backend) => false;

    internal abstract void RunBackward(in GradientContext context);

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>An operation with attributes of one unmanaged type (at most 64 bytes).</summary>
public abstract class Operation<TAttributes> : Operation
    where TAttributes : unmanaged
{
    /// <summary>Creates the operation; one instance serves everybody.</summary>
    protected Operation(string name)
        : base(name)
    {
        if (Unsafe.SizeOf<TAttributes>() > AttributeBytes.Capacity)
        {
            throw new ArgumentException($"The attributes of '{name}' take more than {AttributeBytes.Capacity} bytes.", nameof(name));
        }
    }

    /// <summary>Checks the operands and says what the results are. Of an operand left out <see cref="TensorSpec.IsPresent"/> is false.</summary>
    public abstract void Infer(in TAttributes attributes, ReadOnlySpan<TensorSpec> inputs, Span<TensorSpec> outputs);

    /// <summary>What the gradient reads, where that depends on the attributes.</summary>
    public virtual Saved Saves(in TAttributes attributes, uint wanted) => Saves(wanted);

    /// <summary>Adds the gradients of the operands that want one, by <see cref="GradientContext.Add"/>.</summary>
    public virtual void Backward(in TAttributes attributes, in GradientContext context) =>
        throw new NotSupportedException($"'{Name}' has no gradient.");

    /// <summary>The operation in terms of others, for backends without a kernel of their own; gradients follow by themselves.</summary>
    public virtual Tensor Compose(Engine engine, in TAttributes attributes, ReadOnlySpan<Tensor> inputs) =>
        throw new NotSupportedException($"{engine.Backend.Name} has no kernel for '{Name}' and the operation has no composition.");

    internal override void RunBackward(in GradientContext context) =>
        Backward(context.Record.Attributes.Read<TAttributes>(), context);
}

/// <summary>The attributes of an operation that has none.</summary>
public readonly record struct NoAttributes;
