// What picture networks are made of: blocks that add a 3x3 convolution to what they get.
using Umwelt.Networks;
using Umwelt.Tensors;

namespace Umwelt.Models.Internal.World.Channels;

/// <summary>x + convolution(SiLU(norm(x))). Source: He et al., arXiv 1603.05027, figure 4e, with norms of single pixels.</summary>
internal sealed class PictureBlock(ParameterTree tree, int features)
{
    private readonly RmsNorm _norm = new(tree.Under("norm"), features);
    private readonly Convolution _convolution = new(tree.Under("convolution"), features, features, scale: 0.5f);

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
