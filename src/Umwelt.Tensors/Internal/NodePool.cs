// Pools of nodes, buffers' counters and tape records, so that a step of training or dreaming leaves nothing for the
// garbage collector; and the rules by which a node and its memory end.
using Umwelt.Tensors.Gradients;

namespace Umwelt.Tensors.Internal;

internal sealed class NodePool(Engine engine)
{
    private readonly Stack<TensorNode> _nodes = new();
    private readonly Stack<SharedBuffer> _buffers = new();
    private readonly Stack<GradientRecord> _records = new();
    private readonly Stack<TensorNode> _ending = new();
    private readonly HashSet<SharedBuffer> _live = [];
    private bool _isEnding;

    /// <summary>Nodes that hold memory.</summary>
    public int Live { get; private set; }

    public TensorNode Take()
    {
        Live++;
        return _nodes.TryPop(out var node) ? node : new TensorNode(engine);
    }

    public SharedBuffer TakeBuffer(DeviceBuffer device)
    {
        var buffer = _buffers.TryPop(out var pooled) ? pooled : new SharedBuffer();
        buffer.Device = device;
        buffer.References = 1;
        buffer.Version = 0;
        _live.Add(buffer);
        return buffer;
    }

    public GradientRecord TakeRecord() => _records.TryPop(out var record) ? record : new GradientRecord();

    public void ReleaseData(TensorNode node, Backend backend)
    {
        if (--node.DataReferences > 0)
        {
            EndIfUnreachable(node, backend);
            return;
        }

        // Handles of gradients and of saved tensors are given out without an owner; they die with the memory.
        node.Generation++;
        Live--;
        var buffer = node.Buffer!;
        node.Buffer = null;
        if (--buffer.References == 0)
        {
            backend.Free(buffer.Device!);
            buffer.Device = null;
            _live.Remove(buffer);
            _buffers.Push(buffer);
        }

        EndIfUnreachable(node, backend);
    }

    public void ReleaseVertex(TensorNode node, Backend backend)
    {
        node.GraphReferences--;
        EndIfUnreachable(node, backend);
    }

    /// <summary>Takes the tape record off a node and lets go of all it held.</summary>
    public void ReleaseRecord(TensorNode node, Backend backend)
    {
        if (node.Producer is not { } record)
        {
            return;
        }

        node.Producer = null;
        node.SavesItself = false;
        foreach (var saved in record.Saved)
        {
            if (saved.Node is not null)
            {
                ReleaseData(saved.Node, backend);
            }
        }

        foreach (var parent in record.Parents)
        {
            if (parent is not null)
            {
                ReleaseVertex(parent, backend);
            }
        }

        ReleaseFurtherGradients(record, backend);
        record.Clear();
        _records.Push(record);
    }

    public void ReleaseFurtherGradients(GradientRecord record, Backend backend)
    {
        foreach (var gradient in record.FurtherGradients)
        {
            if (gradient is not null)
            {
                ReleaseData(gradient, backend);
            }
        }

        record.FurtherGradients.Clear();
    }

    public void Clear(Backend backend)
    {
        foreach (var buffer in _live)
        {
            backend.Free(buffer.Device!);
            buffer.Device = null;
        }

        _live.Clear();
        _nodes.Clear();
        Live = 0;
    }

    // A chain of records may be as long as a run, so nodes end by a work list rather than by recursion. A result that its
    // own record saved is not kept alive by that record.
    private void EndIfUnreachable(TensorNode node, Backend backend)
    {
        if (node.DataReferences > (node.SavesItself ? 1 : 0) || node.GraphReferences > 0 || node.IsEnding)
        {
            return;
        }

        node.IsEnding = true;
        _ending.Push(node);
        if (_isEnding)
        {
            return;
        }

        _isEnding = true;
        while (_ending.TryPop(out var ended))
        {
            ReleaseRecord(ended, backend);
            if (ended.Gradient is { } gradient)
            {
                ended.Gradient = null;
                ReleaseData(gradient, backend);
            }

            ended.RequiresGradient = false;
            ended.WasConsumed = false;
            ended.IsEnding = false;
            _nodes.Push(ended);
        }

        _isEnding = false;
    }
}
