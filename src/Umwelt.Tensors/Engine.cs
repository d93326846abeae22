// An engine binds a backend to everything a computation carries along: open scopes, the tape of gradients, pools of
// handles. Engines share nothing with each other; one thread at a time uses an engine.
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Umwelt.Tensors.Gradients;
using Umwelt.Tensors.Internal;

namespace Umwelt.Tensors;

/// <summary>Creates tensors, runs operations and records them for gradients.</summary>
public sealed partial class Engine : IDisposable
{
    private const int MaxOperands = 12;
    private readonly NodePool _nodes;
    private readonly List<OwnedNode> _owned = [];
    private readonly bool _ownsBackend;
    private int _depth;
    private long _sequence;
    private bool _isDisposed;

    /// <summary>An engine on a backend, which it disposes with itself unless told otherwise.</summary>
    public Engine(Backend backend, bool ownsBackend = true)
    {
        ArgumentNullException.ThrowIfNull(backend);
        Backend = backend;
        _ownsBackend = ownsBackend;
        _nodes = new NodePool(this);
    }

    /// <summary>The device.</summary>
    public Backend Backend { get; }

    /// <summary>Whether operations on tensors that require gradients are recorded; see <see cref="NoGradient"/>.</summary>
    public bool RecordsGradients { get; internal set; } = true;

    /// <summary>Sees every operation before and after it runs; null but where somebody looks for the origin of a number.</summary>
    internal OperationInspector? Inspector { get; set; }

    /// <summary>Number of tensors that hold memory: what a leak check looks at.</summary>
    public int LiveTensors => _nodes.Live;

    /// <summary>Opens a scope that owns the tensors created until it closes.</summary>
    public Scope Scope()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        _depth++;
        return new Scope(this, _owned.Count, _depth, _sequence);
    }

    /// <summary>Stops recording until the returned scope closes.</summary>
    public NoGradientScope NoGradient() => new(this, enabled: false);

    /// <summary>Records again, inside a backward pass, until the returned scope closes.</summary>
    internal NoGradientScope RecordGradients() => new(this, enabled: true);

    /// <summary>A new tensor whose contents are undefined.</summary>
    public Tensor Empty(Shape shape, DataType type = DataType.Float32)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (type == DataType.Float64)
        {
            throw new ShapeException("Float64 is a host type; tensors compute in Float32.");
        }

        return new Tensor(NewNode(shape, type));
    }

    /// <summary>A new tensor of zeros.</summary>
    public Tensor Zeros(Shape shape, DataType type = DataType.Float32) => Full(shape, 0, type);

    /// <summary>A new tensor of ones.</summary>
    public Tensor Ones(Shape shape, DataType type = DataType.Float32) => Full(shape, 1, type);

    /// <summary>A new tensor with every element equal.</summary>
    public Tensor Full(Shape shape, double value, DataType type = DataType.Float32)
    {
        var tensor = Empty(shape, type);
        tensor.Fill(value);
        return tensor;
    }

    /// <summary>A scalar.</summary>
    public Tensor Scalar(double value, DataType type = DataType.Float32) => Full([], value, type);

    /// <summary>A new tensor with the given elements in order; the host type decides the element type (double becomes Float32).</summary>
    public Tensor From<T>(ReadOnlySpan<T> elements, Shape shape)
        where T : unmanaged
    {
        var type = DataTypes.Of<T>();
        return From(elements, shape, type == DataType.Float64 ? DataType.Float32 : type);
    }

    /// <summary>A new tensor of a chosen type with the given elements in order.</summary>
    public Tensor From<T>(ReadOnlySpan<T> elements, Shape shape, DataType type)
        where T : unmanaged
    {
        if (elements.Length != shape.Count)
        {
            throw new ShapeException("from", shape, $"it has {shape.Count} elements and the host {elements.Length}");
        }

        var tensor = Empty(shape, type);
        tensor.Write(elements);
        return tensor;
    }

    /// <summary>A new tensor from an array.</summary>
    public Tensor From<T>(T[] elements, Shape shape)
        where T : unmanaged => From((ReadOnlySpan<T>)elements, shape);

    /// <summary>
    /// A tensor that collects gradients and belongs to the caller, whatever scope is open. Contents as given.
    /// </summary>
    public Tensor Parameter(ReadOnlySpan<float> elements, Shape shape)
    {
        var tensor = From(elements, shape);
        Promote(tensor, 0);
        tensor.RequiresGradient = true;
        return tensor;
    }

    /// <summary>Makes a tensor, which no gradient has come through yet, one that collects gradients and belongs to the caller.</summary>
    public Tensor Parameter(Tensor tensor)
    {
        Promote(tensor, 0);
        tensor.RequiresGradient = true;
        return tensor;
    }

    /// <summary>Releases everything the engine made. Handles still around report their use.</summary>
    public void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        _owned.Clear();
        _nodes.Clear(Backend);
        if (_ownsBackend)
        {
            Backend.Dispose();
        }
    }

    /// <summary>Runs an operation, built in or a user's own, and records it if any operand requires a gradient.</summary>
    public Tensor Apply<TAttributes>(Operation<TAttributes> operation, in TAttributes attributes, params ReadOnlySpan<Tensor> inputs)
        where TAttributes : unmanaged => Apply(operation, attributes, inputs, []);

    /// <summary>As <see cref="Apply{TAttributes}(Operation{TAttributes}, in TAttributes, ReadOnlySpan{Tensor})"/>, with the auxiliary results.</summary>
    public Tensor Apply<TAttributes>(
        Operation<TAttributes> operation,
        in TAttributes attributes,
        ReadOnlySpan<Tensor> inputs,
        Span<Tensor> auxiliaries)
        where TAttributes : unmanaged
    {
        ArgumentNullException.ThrowIfNull(operation);
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(inputs.Length, MaxOperands);
        for (var i = 0; i < inputs.Length; i++)
        {
            if (inputs[i].IsDefault && !operation.IsOptional(i))
            {
                throw new ShapeException($"{operation.Name}: operand {i} was left out.");
            }
        }

        if (!Backend.Supports(operation))
        {
            using var scope = Scope();
            var composed = operation.Compose(this, attributes, inputs);
            return composed.Node.Sequence > scope.Sequence ? scope.Keep(composed) : composed;
        }

        Unsafe.SkipInit(out Operands<TensorNode?> nodes);
        Unsafe.SkipInit(out Operands<TensorView> views);
        Unsafe.SkipInit(out Operands<TensorSpec> specs);
        Unsafe.SkipInit(out Operands<TensorSpec> resultSpecs);
        Unsafe.SkipInit(out Operands<TensorNode?> results);
        Unsafe.SkipInit(out Operands<TensorView> resultViews);
        var count = 1 + operation.Auxiliaries;
        var wanted = 0u;
        var copies = 0u;
        var made = 0;
        try
        {
            for (var i = 0; i < inputs.Length; i++)
            {
                nodes[i] = null;
                views[i] = default;
                specs[i] = default;
                if (inputs[i].IsDefault)
                {
                    continue;
                }

                var node = Check(inputs[i], operation.Name);
                if (!node.IsContiguous && !operation.AcceptsStrides(i))
                {
                    node = inputs[i].Clone().Node;
                    copies |= 1u << i;
                }

                nodes[i] = node;
                views[i] = node.View;
                specs[i] = node.Spec;
                wanted |= node.RequiresGradient ? 1u << i : 0;
            }

            operation.Infer(attributes, ((ReadOnlySpan<TensorSpec>)specs)[..inputs.Length], ((Span<TensorSpec>)resultSpecs)[..count]);
            for (; made < count; made++)
            {
                var node = NewNode(resultSpecs[made].Shape, resultSpecs[made].Type);
                results[made] = node;
                resultViews[made] = node.View;
            }

            Inspector?.Before(operation, inputs);
            Backend.Run(operation, attributes, ((ReadOnlySpan<TensorView>)views)[..inputs.Length], ((ReadOnlySpan<TensorView>)resultViews)[..count]);
            for (var i = 0; Inspector is not null && i <= operation.FurtherResults; i++)
            {
                Inspector.After(operation, new Tensor(results[i]!));
            }

            if (wanted != 0 && RecordsGradients && operation.IsDifferentiable)
            {
                Record(operation, attributes, ((ReadOnlySpan<TensorNode?>)nodes)[..inputs.Length], ((ReadOnlySpan<TensorNode?>)results)[..count], wanted);
                for (var i = 0; i < Math.Min(operation.FurtherResults, auxiliaries.Length); i++)
                {
                    Record(FurtherResult.Instance, i, ((ReadOnlySpan<TensorNode?>)results)[..1], ((ReadOnlySpan<TensorNode?>)results).Slice(i + 1, 1), 1);
                }
            }
        }
        catch
        {
            while (--made >= 0)
            {
                ReleaseOwner(results[made]!);
            }

            throw;
        }
        finally
        {
            // The engine's own contiguous copies live on only if the record saved them.
            for (var i = 0; copies != 0; i++, copies >>= 1)
            {
                if ((copies & 1) != 0)
                {
                    ReleaseOwner(nodes[i]!);
                }
            }
        }

        for (var i = 1; i < count; i++)
        {
            if (i <= auxiliaries.Length)
            {
                auxiliaries[i - 1] = new Tensor(results[i]!);
            }
            else
            {
                ReleaseOwner(results[i]!);
            }
        }

        return new Tensor(results[0]!);
    }

    internal TensorNode Check(Tensor tensor, string operation)
    {
        var node = tensor.Node;
        if (!ReferenceEquals(node.Engine, this))
        {
            throw new InvalidOperationException($"{operation}: the tensors belong to different engines.");
        }

        return node;
    }

    /// <summary>A node over the same memory with another shape; records nothing.</summary>
    internal TensorNode NewView(TensorNode source, Shape shape, Strides strides, long offset)
    {
        var node = _nodes.Take();
        node.Buffer = source.Buffer;
        source.Buffer!.References++;
        Describe(node, shape, strides, offset, source.Type);
        return node;
    }

    internal TensorNode NewNode(Shape shape, DataType type)
    {
        // First the memory: where there is none, no node is left half made.
        var buffer = Backend.Allocate(Math.Max(1, shape.Count), type);
        return NewNode(shape, type, buffer);
    }

    internal TensorNode NewNode(Shape shape, DataType type, DeviceBuffer buffer)
    {
        var node = _nodes.Take();
        node.Buffer = _nodes.TakeBuffer(buffer);
        Describe(node, shape, Strides.Contiguous(shape), 0, type);
        return node;
    }

    internal void Promote(Tensor tensor, int depth)
    {
        var node = Check(tensor, "keep");
        if (node.OwnerDepth < 0)
        {
            throw new InvalidOperationException("keep: a gradient belongs to its leaf and lives until it is cleared; clone it to keep it.");
        }

        if (node.OwnerDepth > depth)
        {
            node.OwnerDepth = depth;
        }
    }

    internal void CloseScope(int start, int depth)
    {
        if (_isDisposed)
        {
            return;
        }

        if (depth != _depth)
        {
            throw new InvalidOperationException("Scopes must close in the reverse order of opening.");
        }

        var kept = start;
        for (var i = start; i < _owned.Count; i++)
        {
            var (node, generation) = _owned[i];
            if (node.Generation != generation)
            {
                continue;
            }

            if (node.OwnerDepth >= depth)
            {
                ReleaseOwner(node);
            }
            else if (node.OwnerDepth > 0)
            {
                _owned[kept++] = _owned[i];
            }
        }

        CollectionsMarshal.SetCount(_owned, kept);
        _depth--;
    }

    /// <summary>The owner lets go: handles die, memory lives on only for records that saved it.</summary>
    internal void ReleaseOwner(TensorNode node)
    {
        node.Generation++;
        node.OwnerDepth = -1;
        ReleaseData(node);
    }

    internal void ReleaseData(TensorNode node) => _nodes.ReleaseData(node, Backend);

    private void Describe(TensorNode node, Shape shape, Strides strides, long offset, DataType type)
    {
        node.Shape = shape;
        node.Strides = strides;
        node.Offset = offset;
        node.Type = type;
        node.IsContiguous = strides.IsContiguous(shape);
        node.DataReferences = 1;
        node.Sequence = ++_sequence;
        node.OwnerDepth = _depth;
        if (_depth > 0)
        {
            _owned.Add(new OwnedNode(node, node.Generation));
        }
    }

    private readonly record struct OwnedNode(TensorNode Node, int Generation);

    [InlineArray(MaxOperands)]
    private struct Operands<T>
    {
        private T _first;
    }
}
