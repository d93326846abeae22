// What a dream holds beside the state of the backbone: what it remembers at its present moment, the slots it inferred for it,
// and each channel's last value with a picture's features. Forks share it until one of them goes on; its tensors are replaced,
// never written.
using Umwelt.Tensors;

namespace Umwelt.Models.Internal.World;

internal sealed class DreamMemory : IDisposable
{
    private readonly string[] _names;
    private readonly Tensor[] _tensors;
    private int _references = 1;

    public DreamMemory(string[] names)
    {
        _names = names;
        _tensors = new Tensor[names.Length];
    }

    private DreamMemory(DreamMemory source)
        : this(source._names)
    {
    }

    /// <summary>The tensor at a place; default where nothing was put yet.</summary>
    public Tensor this[int index] => _tensors[index];

    public int Count => _tensors.Length;

    public long Bytes
    {
        get
        {
            var bytes = 0L;
            foreach (var tensor in _tensors)
            {
                bytes += tensor.IsDefault ? 0 : tensor.Count * tensor.Type.Size();
            }

            return bytes;
        }
    }

    /// <summary>Its tensors with their names.</summary>
    public IEnumerable<KeyValuePair<string, Tensor>> Named(string prefix)
    {
        for (var i = 0; i < _tensors.Length; i++)
        {
            if (!_tensors[i].IsDefault)
            {
                yield return KeyValuePair.Create(prefix + _names[i], _tensors[i]);
            }
        }
    }

    /// <summary>The same memory for somebody else.</summary>
    public DreamMemory Share()
    {
        _references++;
        return this;
    }

    /// <summary>A memory that may be changed: this one if nobody shares it, else one with the same tensors copied.</summary>
    public DreamMemory Own()
    {
        if (_references == 1)
        {
            return this;
        }

        _references--;
        var own = new DreamMemory(this);
        for (var i = 0; i < _tensors.Length; i++)
        {
            if (!_tensors[i].IsDefault)
            {
                using var scope = _tensors[i].Engine.Scope();
                own._tensors[i] = _tensors[i].Clone().Hold();
            }
        }

        return own;
    }

    /// <summary>A memory to be filled anew: this one if nobody shares it, else an empty one.</summary>
    public DreamMemory Renew()
    {
        if (_references == 1)
        {
            return this;
        }

        _references--;
        return new DreamMemory(this);
    }

    /// <summary>Puts a tensor at a place; the one before is released.</summary>
    public void Put(int index, Tensor tensor)
    {
        tensor.Hold();
        if (!_tensors[index].IsDefault)
        {
            _tensors[index].Dispose();
        }

        _tensors[index] = tensor;
    }

    public void Dispose()
    {
        if (--_references > 0)
        {
            return;
        }

        for (var i = 0; i < _tensors.Length; i++)
        {
            if (!_tensors[i].IsDefault)
            {
                _tensors[i].Dispose();
                _tensors[i] = default;
            }
        }
    }
}
