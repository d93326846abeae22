// A picture on its way down: 2x2 pixels folded into features, convolutions at each size, slots at the end. The features of each
// size are kept for the read-out of the next picture.
using Umwelt.Networks;
using Umwelt.Tensors;

namespace Umwelt.Models.Internal.World.Channels;

internal sealed class PictureEncoder
{
    private readonly PictureLayout _layout;
    private readonly Convolution _stem;
    private readonly Linear?[] _folds;
    private readonly PictureBlock[][] _blocks;
    private readonly RmsNorm _norm;
    private readonly Linear _slots;
    private readonly int _width;

    public PictureEncoder(ParameterTree tree, PictureLayout layout, WorldModelOptions options)
    {
        (_layout, _width) = (layout, options.Width);
        _folds = new Linear?[layout.Scales];
        _blocks = new PictureBlock[layout.Scales][];
        _stem = new Convolution(tree.Under("stem"), Inputs, layout.Features(0));
        for (var i = 0; i < layout.Scales; i++)
        {
            var scale = tree.Under("scales", i);
            _folds[i] = i == 0 ? null : new Linear(scale.Under("fold"), 4 * layout.Features(i - 1), layout.Features(i), bias: true);
            _blocks[i] = PictureBlock.Row(scale, options.PictureEncoderBlocks, layout.Features(i));
        }

        var last = layout.Features(layout.Scales - 1);
        _norm = new RmsNorm(tree.Under("norm"), last);
        _slots = new Linear(tree.Under("slots"), 4 * last, options.Width, bias: true);
    }

    // Colours of 2x2 pixels and the level of their noise.
    private int Inputs => PictureLayout.Whole((4 * _layout.Colours) + 1);

    /// <summary>Padded pictures [n, height, width, colours] at levels [n, 1] to slots [n, slots, width].</summary>
    public Tensor Apply(Tensor picture, Tensor level, ref PictureScales scales)
    {
        using var scope = picture.Engine.Scope();
        var x = _stem.Apply(Folded(picture, level));
        for (var i = 0; i < _layout.Scales; i++)
        {
            x = PictureBlock.Run(_blocks[i], _folds[i] is { } fold ? fold.Apply(x.PixelUnshuffle(2)) : x);
            scales[i] = scope.Keep(x);
        }

        return scope.Keep(_slots.Apply(_norm.Apply(x).PixelUnshuffle(2)).Reshape(picture.Shape[0], _layout.Slots, _width));
    }

    private Tensor Folded(Tensor picture, Tensor level)
    {
        using var scope = picture.Engine.Scope();
        var pixels = picture.PixelUnshuffle(2);
        var (n, height, width, features) = (pixels.Shape[0], pixels.Shape[1], pixels.Shape[2], pixels.Shape[3]);
        var plane = level.Reshape(n, 1, 1, 1).Expand([n, height, width, 1]);
        var rest = Inputs - features - 1;
        return scope.Keep(rest == 0
            ? Tensor.Concatenate(3, pixels, plane)
            : Tensor.Concatenate(3, pixels, plane, picture.Engine.Zeros([1, 1, 1, 1]).Expand([n, height, width, rest])));
    }
}
