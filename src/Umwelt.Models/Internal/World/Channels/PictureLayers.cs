// What picture networks are made of: a 3x3 convolution that keeps the size, and a block that adds one to what it gets.
using Umwelt.Networks;
using Umwelt.Tensors;

namespace Umwelt.Models.Internal.World.Channels;

/// <summary>A 3x3 convolution with a bias over [n, height, width, inputs].</summary>
internal sealed class Convolution3(ParameterTree tree, int inputs, int outputs, float scale = 1)
{
    private static readonly ConvolutionOptions Options = ConvolutionOptions.Of(padding: 1);
    private readonly Tensor _weight = tree.Normal("weight", [3, 3, inputs, outputs], scale / MathF.Sqrt(9 * inputs));

    public Tensor Bias { get; } = tree.Constant("bias", [outputs], 0);

    public Tensor Apply(Tensor x) => x.Convolve(_weight, Bias, Options);
}

/// <summary>x + convolution(SiLU(norm(x))). Source: He et al., arXiv 1603.05027, figure 4e, with norms of single pixels.</summary>
internal sealed class PictureBlock(ParameterTree tree, int features)
{
    private readonly RmsNorm _norm = new(tree.Under("norm"), features);
    private readonly Convolution3 _convolution = new(tree.Under("convolution"), features, features, 0.5f);

    public Tensor Apply(Tensor x)
    {
        using var scope = x.Engine.Scope();
        return scope.Keep(x + _convolution.Apply(_norm.Apply(x).Silu()));
    }

    public static PictureBlock[] Row(ParameterTree tree, int count, int features)
    {
        var blocks = new PictureBlock[count];
        for (var i = 0; i < count; i++)
        {
            blocks[i] = new PictureBlock(tree.Under("blocks", i), features);
        }

        return blocks;
    }

    public static Tensor Run(PictureBlock[] blocks, Tensor x)
    {
        for (var i = 0; i < blocks.Length; i++)
        {
            x = blocks[i].Apply(x);
        }

        return x;
    }
}
