// The weight of a convolution together with the form that its device convolves fastest. It packs itself again when the weight has
// moved since, so a layer may hold one through training and dreaming alike. Results are the same, bit for bit.
namespace Umwelt.Tensors;

/// <summary>A weight [height, width, inputs, outputs] packed once for many convolutions.</summary>
public sealed class PackedConvolution : IDisposable
{
    private readonly Tensor _packed;
    private int _version = -1;

    /// <summary>Packs a weight; the tensor must live as long as this.</summary>
    public PackedConvolution(Tensor weight)
    {
        if (weight.Rank != 4)
        {
            throw new ShapeException("pack", weight.Shape, "a convolution's weight is [height, width, inputs, outputs]");
        }

        if (weight.Type != DataType.Float32)
        {
            throw new ShapeException($"pack: the weight is {weight.Type}; convolutions take Float32. Cast it first.");
        }

        Source = weight;
        var count = weight.Engine.Backend.PackedElements(weight.Shape);
        _packed = count == 0 ? default : weight.Engine.Empty([checked((int)count)]).Hold();
    }

    /// <summary>The weight as it is trained.</summary>
    public Tensor Source { get; }

    /// <summary>Gives the packed form back; the weight stays.</summary>
    public void Dispose()
    {
        if (_packed.IsAlive)
        {
            _packed.Dispose();
        }
    }

    // Default where the device reads weights as they are.
    internal Tensor Refresh()
    {
        var node = Source.Node;
        if (!_packed.IsDefault && node.Buffer!.Version != _version)
        {
            using var scope = node.Engine.Scope();
            using var noGradient = node.Engine.NoGradient();
            node.Engine.Backend.PackConvolution(Source.Contiguous().Node.View, _packed.Node.View);
            _version = node.Buffer.Version;
        }

        return _packed;
    }
}
