// A convolution of channels-last pictures whose output is as large as its input, or a whole number of times smaller. With a
// kernel of 3, no stride and channels in sixteens the engine is fastest: twice the speed of a strided one. Where no gradients are
// recorded it convolves with a form that is packed once and packs itself again when the weight has moved.
using Umwelt.Tensors;

namespace Umwelt.Networks;

/// <summary>Maps pictures [batch, height, width, inputs] to [batch, height / stride, width / stride, outputs], rounded up.</summary>
public sealed class Convolution : IDisposable
{
    private readonly Engine _engine;
    private readonly string _name;
    private readonly ConvolutionOptions _options;
    private PackedConvolution? _packed;

    /// <summary>Registers "weight" [kernel, kernel, inputs, outputs] and, unless left out, "bias".</summary>
    /// <param name="tree">The layer's branch.</param>
    /// <param name="inputs">Channels of the input.</param>
    /// <param name="outputs">Channels of the output.</param>
    /// <param name="kernel">Pixels that a pixel sees each way, an odd number.</param>
    /// <param name="stride">Pixels of the input from one of the output to the next.</param>
    /// <param name="bias">Whether there is a bias; it begins at zero.</param>
    /// <param name="scale">Multiplies the usual deviation of the first weights, 1/√(kernel² · inputs).</param>
    public Convolution(ParameterTree tree, int inputs, int outputs, int kernel = 3, int stride = 1, bool bias = true, float scale = 1)
    {
        ArgumentNullException.ThrowIfNull(tree);
        ArgumentOutOfRangeException.ThrowIfLessThan(inputs, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(outputs, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(stride, 1);
        _engine = tree.Engine;
        _name = tree.NameOf("convolution");
        if (kernel < 1 || kernel % 2 == 0)
        {
            throw new ArgumentOutOfRangeException(nameof(kernel), kernel, $"{_name}: a kernel has a middle, so its size is odd.");
        }

        _options = ConvolutionOptions.Of(stride, kernel / 2);
        Weight = tree.Normal("weight", [kernel, kernel, inputs, outputs], scale / MathF.Sqrt((float)kernel * kernel * inputs), ParameterKind.Table);
        Bias = bias ? tree.Constant("bias", [outputs], 0) : default;
        tree.Register(this);
    }

    /// <summary>[kernel, kernel, inputs, outputs].</summary>
    public Tensor Weight { get; }

    /// <summary>[outputs], or default.</summary>
    public Tensor Bias { get; }

    /// <summary>Convolves pictures.</summary>
    public Tensor Apply(Tensor x)
    {
        if (x.Rank != 4 || x.Shape[3] != Weight.Shape[2])
        {
            throw new ShapeException(_name, x.Shape, $"it is [batch, height, width, {Weight.Shape[2]}]");
        }

        return _engine.RecordsGradients
            ? x.Convolve(Weight, Bias, _options)
            : x.Convolve(_packed ??= new PackedConvolution(Weight), Bias, _options);
    }

    /// <summary>Gives the packed form back; the tree owns the weights.</summary>
    public void Dispose() => _packed?.Dispose();
}
