// A weight matrix together with the layout that its device multiplies fastest. It repacks itself when the weights have
// moved since, so a layer may hold one through training and dreaming alike. Weights that meet the same operand may be packed
// together: one product then gives all their results side by side, each with the bits it has alone.
namespace Umwelt.Tensors;

/// <summary>A weight [outputs, inputs] packed once for many products.</summary>
public sealed class PackedMatrix : IDisposable
{
    private readonly Tensor[] _sources;
    private readonly int[] _versions;
    private readonly PackedBuffer _buffer;
    private readonly Tensor _packed;

    /// <summary>Packs a weight; the tensor must live as long as this.</summary>
    public PackedMatrix(Tensor weight, WeightFormat format = WeightFormat.Float32)
        : this([weight], format)
    {
    }

    /// <summary>Packs weights one below the other, [sum of outputs, inputs]; the tensors must live as long as this.</summary>
    public PackedMatrix(ReadOnlySpan<Tensor> weights, WeightFormat format = WeightFormat.Float32)
    {
        ArgumentOutOfRangeException.ThrowIfZero(weights.Length, nameof(weights));
        var outputs = 0;
        foreach (var weight in weights)
        {
            if (weight.Rank != 2 || weight.Shape[1] != weights[0].Shape[1])
            {
                throw new ShapeException("pack", weight.Shape, "a weight is [outputs, inputs], and those packed together have equal inputs");
            }

            if (weight.Type != DataType.Float32)
            {
                throw new ShapeException($"pack: the weight is {weight.Type}; products take Float32. Cast it first.");
            }

            outputs = checked(outputs + weight.Shape[0]);
        }

        _sources = weights.ToArray();
        _versions = new int[_sources.Length];
        _versions.AsSpan().Fill(-1);
        var engine = _sources[0].Engine;
        var shape = Shape.Of(outputs, _sources[0].Shape[1]);
        _buffer = engine.Backend.CreatePacked(outputs, shape[1], format);
        _packed = new Tensor(engine.NewNode(shape, DataType.Float32, _buffer)).Hold();
    }

    /// <summary>How the packed weights are stored.</summary>
    public WeightFormat Format => _buffer.Format;

    /// <summary>Gives the packed form back; the weights stay.</summary>
    public void Dispose() => _packed.Dispose();

    /// <summary>The weight as it is trained, or where there are several and no gradient flows to them, the packed form in its place.</summary>
    internal Tensor Source => _sources.Length == 1 ? _sources[0] : _packed;

    /// <summary>Several weights, recorded as one that gradients flow through; default where <see cref="Source"/> does.</summary>
    internal Tensor Join() => _sources.Length > 1 && _packed.Engine.RecordsGradients ? Tensor.Concatenate(0, _sources) : default;

    internal Tensor Refresh()
    {
        var isFresh = true;
        for (var i = 0; i < _sources.Length; i++)
        {
            var version = _sources[i].Node.Buffer!.Version;
            isFresh &= version == _versions[i];
            _versions[i] = version;
        }

        if (!isFresh)
        {
            var engine = _packed.Engine;
            using var scope = engine.Scope();
            using var noGradient = engine.NoGradient();
            engine.Backend.Pack((_sources.Length == 1 ? _sources[0].Contiguous() : Tensor.Concatenate(0, _sources)).Node.View, _buffer);
        }

        return _packed;
    }
}
