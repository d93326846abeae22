// A weight matrix together with the layout that its device multiplies fastest. It repacks itself when the weights have
// moved since, so a layer may hold one through training and dreaming alike.
namespace Umwelt.Tensors;

/// <summary>A weight [outputs, inputs] packed once for many products.</summary>
public sealed class PackedMatrix : IDisposable
{
    private readonly PackedBuffer _buffer;
    private readonly Tensor _packed;
    private int _version = -1;

    /// <summary>Packs a weight; the tensor must live as long as this.</summary>
    public PackedMatrix(Tensor weight, WeightFormat format = WeightFormat.Float32)
    {
        if (weight.Rank != 2)
        {
            throw new ShapeException("pack", weight.Shape, "a weight is [outputs, inputs]");
        }

        if (weight.Type != DataType.Float32)
        {
            throw new ShapeException($"pack: the weight is {weight.Type}; products take Float32. Cast it first.");
        }

        Source = weight;
        var engine = weight.Engine;
        _buffer = engine.Backend.CreatePacked(weight.Shape[0], weight.Shape[1], format);
        _packed = new Tensor(engine.NewNode(weight.Shape, DataType.Float32, _buffer)).Hold();
    }

    /// <summary>The weight as it is trained.</summary>
    public Tensor Source { get; }

    /// <summary>How the packed weights are stored.</summary>
    public WeightFormat Format => _buffer.Format;

    /// <summary>Gives the packed form back; the weight stays.</summary>
    public void Dispose() => _packed.Dispose();

    internal Tensor Refresh()
    {
        var node = Source.Node;
        if (node.Buffer!.Version != _version)
        {
            using var scope = node.Engine.Scope();
            using var noGradient = node.Engine.NoGradient();
            node.Engine.Backend.Pack(Source.Contiguous().Node.View, _buffer);
            _version = node.Buffer.Version;
        }

        return _packed;
    }
}
