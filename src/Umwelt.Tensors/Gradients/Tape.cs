// The recording and the backward pass. The tape is the graph of records behind the tensors themselves; a pass visits what
// the loss reaches in the reverse order of creation, so sums of gradients are always made in the same order, and lets go
// of saved memory as it passes.
using System.Buffers;
using System.Runtime.InteropServices;
using Umwelt.Tensors.Gradients;
using Umwelt.Tensors.Internal;

namespace Umwelt.Tensors;

public sealed partial class Engine
{
    private static readonly Comparison<TensorNode> NewestFirst = static (a, b) => b.Sequence.CompareTo(a.Sequence);
    private readonly Stack<List<TensorNode>> _passLists = new();
    private readonly Stack<TensorNode> _toVisit = new();
    private long _passes;
    private int _passDepth;

    internal void Record<TAttributes>(
        Operation<TAttributes> operation,
        in TAttributes attributes,
        ReadOnlySpan<TensorNode?> parents,
        ReadOnlySpan<TensorNode?> results,
        uint wanted,
        object? extra = null)
        where TAttributes : unmanaged
    {
        var record = _nodes.TakeRecord();
        record.Operation = operation;
        record.Extra = extra;
        record.Attributes.Write(attributes);
        var saves = operation.Saves(attributes, wanted);
        for (var i = 0; i < parents.Length; i++)
        {
            var parent = parents[i];
            record.Parents.Add(parent);
            record.ParentShapes.Add(parent?.Shape ?? default);
            record.Wanted.Add(parent is { RequiresGradient: true });
            if (parent is not null)
            {
                parent.GraphReferences++;
            }

            Save(record, ((uint)saves & (1u << Math.Min(i, 15))) != 0 ? parent : null);
        }

        for (var i = 0; i < results.Length; i++)
        {
            // A further result refers to this record; kept by it as well, neither would ever end.
            var isFurther = i > 0 && i <= operation.FurtherResults;
            Save(record, !isFurther && (saves & (i == 0 ? Saved.Output : Saved.Auxiliaries)) != Saved.None ? results[i] : null);
        }

        var result = results[0]!;
        result.SavesItself = (saves & Saved.Output) != Saved.None;
        result.RequiresGradient = true;
        result.Producer = record;
    }

    /// <summary>Records an operation that no backend ran: any number of operands, one result.</summary>
    internal void Record<TAttributes>(Operation<TAttributes> operation, in TAttributes attributes, ReadOnlySpan<Tensor> parents, Tensor result, object? extra = null)
        where TAttributes : unmanaged
    {
        var nodes = ArrayPool<TensorNode?>.Shared.Rent(Math.Max(1, parents.Length));
        var wanted = 0u;
        for (var i = 0; i < parents.Length; i++)
        {
            nodes[i] = parents[i].IsDefault ? null : Check(parents[i], operation.Name);
            wanted |= nodes[i] is { RequiresGradient: true } ? 1u << Math.Min(i, 31) : 0;
        }

        TensorNode? node = result.Node;
        Record(operation, attributes, ((ReadOnlySpan<TensorNode?>)nodes)[..parents.Length], new ReadOnlySpan<TensorNode?>(in node), wanted, extra);
        ArrayPool<TensorNode?>.Shared.Return(nodes, clearArray: true);
    }

    /// <summary>
    /// Adds to the gradient of every leaf that <paramref name="loss"/> depends on. The tape behind it is used up.
    /// </summary>
    /// <param name="loss">Any tensor that requires a gradient.</param>
    /// <param name="gradient">What to begin with; ones if left out, which needs a loss of one element.</param>
    public void Backward(Tensor loss, Tensor gradient = default) => Backward(loss, gradient, 0);

    /// <summary>A pass that must not reach results from before <paramref name="since"/> in the order of creation.</summary>
    internal void Backward(Tensor loss, Tensor gradient, long since)
    {
        var root = Check(loss, "backward");
        if (!root.RequiresGradient)
        {
            throw new InvalidOperationException("backward: the loss does not depend on any tensor that requires a gradient.");
        }

        if (root.WasConsumed)
        {
            throw new InvalidOperationException("backward: this loss has been through a backward pass; its tape is used up.");
        }

        using var noGradient = NoGradient();
        using var scope = Scope();
        if (gradient.IsDefault)
        {
            if (root.Shape.Count != 1)
            {
                throw new ShapeException("backward", root.Shape, "without a gradient to begin with a loss has one element");
            }

            gradient = Ones(root.Shape);
        }
        else if (gradient.Shape != root.Shape || Check(gradient, "backward").Type != DataType.Float32)
        {
            throw new ShapeException("backward", root.Shape, gradient.Shape, "the gradient to begin with is Float32 and has the shape of the loss");
        }
        else if (root.Producer is null)
        {
            gradient = Copy(gradient);
        }

        var outerPass = _passDepth;
        _passDepth = _depth;
        var pass = _passLists.TryPop(out var pooled) ? pooled : [];
        var done = 0;
        try
        {
            Collect(root, pass, since);
            AccumulateGradient(root, gradient);
            for (; done < pass.Count; done++)
            {
                Step(pass[done]);
                _nodes.ReleaseVertex(pass[done], Backend);
            }
        }
        finally
        {
            // After an exception nobody is left to take the gradients of the steps that were not made.
            for (; done < pass.Count; done++)
            {
                DropGradient(pass[done]);
                _nodes.ReleaseVertex(pass[done], Backend);
            }

            pass.Clear();
            _passLists.Push(pass);
            _passDepth = outerPass;
        }
    }

    internal void AccumulateGradient(TensorNode target, Tensor gradient)
    {
        if (!target.RequiresGradient)
        {
            return;
        }

        var node = Check(gradient, "gradient");
        if (node.Type != DataType.Float32)
        {
            throw new ShapeException($"A gradient is Float32, not {node.Type}.");
        }

        if (target.Gradient is not { } sum)
        {
            // A leaf's gradient is its own: it is shared neither with another gradient nor with whoever made it.
            var isShared = node.DataReferences > 1 || node.Buffer!.References > 1 || (node.OwnerDepth >= 0 && node.OwnerDepth < _passDepth);
            if (target.Producer is null && (isShared || !node.IsContiguous))
            {
                node = Copy(gradient).Node;
            }

            node.DataReferences++;
            target.Gradient = node;
            return;
        }

        // The sum may be shared (an addition hands one gradient to both operands); then a new one takes its place.
        if (sum.DataReferences == 1 && sum.Buffer!.References == 1 && sum.IsContiguous)
        {
            new Tensor(sum).AddInPlace(gradient);
            return;
        }

        var total = new Tensor(sum) + gradient;
        total.Node.DataReferences++;
        target.Gradient = total.Node;
        ReleaseData(sum);
    }

    /// <summary>The gradient of a target as a tensor of its own that may be added into, zeros at first.</summary>
    internal Tensor GradientAccumulator(TensorNode target, Shape shape)
    {
        if (target.Gradient is not { } sum)
        {
            AccumulateGradient(target, Zeros(shape));
        }
        else if (sum.DataReferences > 1 || sum.Buffer!.References > 1 || !sum.IsContiguous)
        {
            var own = Copy(new Tensor(sum)).Node;
            own.DataReferences++;
            target.Gradient = own;
            ReleaseData(sum);
        }

        return new Tensor(target.Gradient!);
    }

    private static Tensor Copy(Tensor tensor) => tensor.Clone();

    private void Save(GradientRecord record, TensorNode? node)
    {
        if (node is not null)
        {
            node.DataReferences++;
        }

        record.Saved.Add(new SavedTensor(node, node?.Buffer!.Version ?? 0));
    }

    private void Collect(TensorNode root, List<TensorNode> pass, long since)
    {
        var mark = ++_passes;
        root.VisitedBy = mark;
        _toVisit.Push(root);
        while (_toVisit.TryPop(out var node))
        {
            if (node.Producer is null)
            {
                if (node.WasConsumed)
                {
                    Abandon(pass);
                    throw new InvalidOperationException("backward: part of the graph has been through a backward pass; its tape is used up.");
                }

                continue;
            }

            if (node.Sequence <= since)
            {
                Abandon(pass);
                throw new InvalidOperationException(
                    $"checkpoint: the function uses a result of shape {node.Shape} that requires a gradient and is not one of its operands.");
            }

            node.GraphReferences++;
            pass.Add(node);
            for (var i = 0; i < node.Producer.Parents.Count; i++)
            {
                if (node.Producer.Wants(i) && node.Producer.Parents[i] is var parent && parent!.VisitedBy != mark)
                {
                    parent.VisitedBy = mark;
                    _toVisit.Push(parent);
                }
            }
        }

        CollectionsMarshal.AsSpan(pass).Sort(NewestFirst);
    }

    private void DropGradient(TensorNode node)
    {
        if (node.Gradient is { } gradient)
        {
            node.Gradient = null;
            ReleaseData(gradient);
        }

        if (node.Producer is { } record)
        {
            _nodes.ReleaseFurtherGradients(record, Backend);
        }
    }

    private void Abandon(List<TensorNode> pass)
    {
        _toVisit.Clear();
        foreach (var node in pass)
        {
            _nodes.ReleaseVertex(node, Backend);
        }

        pass.Clear();
    }

    private void Step(TensorNode node)
    {
        var record = node.Producer!;
        if (node.Gradient is null && record.FurtherGradients.Count > 0)
        {
            using var scope = Scope();
            AccumulateGradient(node, Zeros(node.Shape));
        }

        if (node.Gradient is { } gradient)
        {
            node.Gradient = null;
            try
            {
                using var scope = Scope();
                record.Operation!.RunBackward(new GradientContext(node, record, new Tensor(gradient)));
            }
            finally
            {
                ReleaseData(gradient);
            }
        }

        node.WasConsumed = true;
        _nodes.ReleaseRecord(node, Backend);
    }
}
