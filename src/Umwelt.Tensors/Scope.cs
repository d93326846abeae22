// Scopes own temporaries: what is created while a scope is open is released when it closes, unless kept. Closing is the
// end of a `using`, so a step of training or dreaming needs no thought about lifetimes.
namespace Umwelt.Tensors;

/// <summary>Owns the tensors created while it is open. Scopes nest and close in reverse order.</summary>
public readonly ref struct Scope
{
    private readonly Engine _engine;
    private readonly int _start;
    private readonly int _depth;

    internal Scope(Engine engine, int start, int depth, long sequence)
    {
        _engine = engine;
        _start = start;
        _depth = depth;
        Sequence = sequence;
    }

    /// <summary>What is created inside comes after this in the order of creation.</summary>
    internal long Sequence { get; }

    /// <summary>Promotes a tensor to the enclosing scope (or, without one, to the caller, who disposes it).</summary>
    public Tensor Keep(Tensor tensor)
    {
        _engine.Promote(tensor, _depth - 1);
        return tensor;
    }

    /// <summary>Releases what was created inside and not kept.</summary>
    public void Dispose() => _engine?.CloseScope(_start, _depth);
}

/// <summary>While open, operations are not recorded for gradients.</summary>
public readonly ref struct NoGradientScope
{
    private readonly Engine? _engine;
    private readonly bool _before;

    internal NoGradientScope(Engine engine, bool enabled)
    {
        _engine = engine;
        _before = engine.RecordsGradients;
        engine.RecordsGradients = enabled;
    }

    /// <summary>Returns to what was before.</summary>
    public void Dispose() => _engine?.RecordsGradients = _before;
}
