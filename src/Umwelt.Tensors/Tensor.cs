// A tensor is a handle: two words that name a node of an engine and the generation they were given. Using a handle after
// its tensor was released is an exception, never a read of somebody else's memory. Operations are in Ops/, a file each.
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Umwelt.Tensors.Internal;

namespace Umwelt.Tensors;

/// <summary>An array of numbers on an engine's device.</summary>
public readonly partial struct Tensor : IEquatable<Tensor>
{
    private readonly TensorNode? _node;
    private readonly int _generation;

    internal Tensor(TensorNode node)
    {
        _node = node;
        _generation = node.Generation;
    }

    /// <summary>True for <c>default</c>, which stands for an operand left out.</summary>
    public bool IsDefault => _node is null;

    /// <summary>Whether the memory is still there.</summary>
    public bool IsAlive => _node is not null && _node.Generation == _generation && _node.Buffer is { Device: not null };

    /// <summary>The lengths.</summary>
    public Shape Shape => Node.Shape;

    /// <summary>What the elements are.</summary>
    public DataType Type => Node.Type;

    /// <summary>Number of dimensions.</summary>
    public int Rank => Node.Shape.Rank;

    /// <summary>Number of elements.</summary>
    public long Count => Node.Shape.Count;

    /// <summary>Whether the elements lie densely in order; views may not.</summary>
    public bool IsContiguous => Node.IsContiguous;

    /// <summary>The engine that made it.</summary>
    public Engine Engine => Node.Engine;

    /// <summary>
    /// Whether gradients are wanted. Set it on leaves (parameters, inputs); results inherit it from their operands.
    /// </summary>
    public bool RequiresGradient
    {
        get => Node.RequiresGradient;
        set
        {
            var node = Node;
            if (node.Producer is not null)
            {
                throw new InvalidOperationException("Only a leaf can be told whether it requires a gradient; detach the result first.");
            }

            if (value && node.Type != DataType.Float32)
            {
                throw new ShapeException($"Only Float32 tensors have gradients, not {node.Type}.");
            }

            node.RequiresGradient = value;
        }
    }

    /// <summary>The gradient collected in a leaf since it was last cleared; <c>default</c> if none. It belongs to the leaf.</summary>
    public Tensor Gradient => Node.Gradient is { } gradient ? new Tensor(gradient) : default;

    internal TensorNode Node
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            if (_node is null || _node.Generation != _generation || _node.Buffer is not { Device: not null })
            {
                ThrowNotAlive();
            }

            return _node;
        }
    }

    /// <summary>Whether two handles name the same tensor.</summary>
    public static bool operator ==(Tensor left, Tensor right) => left.Equals(right);

    /// <summary>Whether two handles name different tensors.</summary>
    public static bool operator !=(Tensor left, Tensor right) => !left.Equals(right);

    /// <summary>
    /// Releases the tensor before its scope does; of a parameter, its gradient too. Of what belongs to nobody but the engine
    /// (a gradient, a saved operand) nothing is released.
    /// </summary>
    public void Dispose()
    {
        if (IsAlive && _node!.OwnerDepth >= 0)
        {
            _node.Engine.ReleaseOwner(_node);
        }
    }

    /// <summary>Makes the tensor outlive every open scope; from then on it is the caller's to dispose.</summary>
    public Tensor Hold()
    {
        Engine.Promote(this, 0);
        return this;
    }

    /// <summary>Forgets the gradient collected so far.</summary>
    public void ClearGradient()
    {
        var node = Node;
        if (node.Gradient is { } gradient)
        {
            node.Gradient = null;
            node.Engine.ReleaseData(gradient);
        }
    }

    /// <summary>Runs a backward pass from this tensor of one element.</summary>
    public void Backward() => Engine.Backward(this);

    /// <summary>Writes host elements, in order, converting to the tensor's type. The tensor must be contiguous.</summary>
    public void Write<T>(ReadOnlySpan<T> elements)
        where T : unmanaged
    {
        var node = Node;
        CheckHost<T>(elements.Length, "write");
        if (!node.IsContiguous)
        {
            throw new ShapeException("write", node.Shape, "the tensor is a view whose elements do not lie in order");
        }

        node.Engine.Backend.Upload(MemoryMarshal.AsBytes(elements), DataTypes.Of<T>(), node.View);
        node.Buffer!.Version++;
    }

    /// <summary>Copies the elements, in order, to the host, converting from the tensor's type; waits for the device.</summary>
    public void Read<T>(Span<T> elements)
        where T : unmanaged
    {
        var node = Node;
        CheckHost<T>(elements.Length, "read");
        if (node.IsContiguous)
        {
            node.Engine.Backend.Download(node.View, MemoryMarshal.AsBytes(elements), DataTypes.Of<T>());
            return;
        }

        using var scope = node.Engine.Scope();
        using var noGradient = node.Engine.NoGradient();
        Contiguous().Read(elements);
    }

    /// <summary>The elements in a new array.</summary>
    public T[] ToArray<T>()
        where T : unmanaged
    {
        var elements = new T[checked((int)Count)];
        Read<T>(elements);
        return elements;
    }

    /// <summary>The one element of a tensor that has one.</summary>
    public float Item()
    {
        if (Count != 1)
        {
            throw new ShapeException("item", Shape, "it has not exactly one element");
        }

        Span<float> element = stackalloc float[1];
        Read(element);
        return element[0];
    }

    /// <inheritdoc/>
    public bool Equals(Tensor other) => ReferenceEquals(_node, other._node) && _generation == other._generation;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Tensor other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_node is null ? 0 : RuntimeHelpers.GetHashCode(_node), _generation);

    /// <inheritdoc/>
    public override string ToString() =>
        IsDefault ? "no tensor" : IsAlive ? $"{Type} {Shape}" : "released tensor";

    private void CheckHost<T>(int length, string operation)
    {
        var node = Node;
        if (length != node.Shape.Count)
        {
            throw new ShapeException(operation, node.Shape, $"it has {node.Shape.Count} elements and the host {length} of {typeof(T).Name}");
        }
    }

    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    private void ThrowNotAlive() => throw (_node is null
        ? new InvalidOperationException("This is no tensor: an operand was left out where one is needed.")
        : new ObjectDisposedException(nameof(Tensor), "This tensor was released: its scope closed or it was disposed. Keep it in the scope to use it later."));
}
