// The next picture from inferred slots: on its way up from the slots, features of the last picture are scaled and shifted at each
// size by what comes from below. Before the largest size the last picture is moved, each pixel a mix of those around it, and at the
// end a gate chooses for each pixel between keeping what was moved and making a new one. Where the last picture must not be
// looked at, everything is made.
using Umwelt.Networks;
using Umwelt.Tensors;

namespace Umwelt.Models.Internal.World.Channels;

internal sealed class PictureReadOut
{
    // A model that has learnt nothing begins by keeping most of what it saw.
    private const float FirstGate = 2;
    private const float FirstStay = 4;

    private readonly PictureLayout _layout;
    private readonly Linear[] _scales;
    private readonly Linear[] _shifts;
    private readonly PictureBlock[][] _blocks;
    private readonly Linear? _across;
    private readonly Linear? _down;
    private readonly Linear? _moved;
    private readonly RmsNorm _norm;
    private readonly Convolution _pixels;
    private readonly Linear? _noised;
    private readonly Linear? _level;

    public PictureReadOut(ParameterTree tree, PictureLayout layout, int steps, WorldModelOptions options)
    {
        using var unrecorded = tree.Engine.NoGradient();
        _layout = layout;
        _scales = new Linear[layout.Scales];
        _shifts = new Linear[layout.Scales];
        _blocks = new PictureBlock[layout.Scales][];
        for (var i = 0; i < layout.Scales; i++)
        {
            var (scale, features) = (tree.Under("scales", i), layout.Features(i));
            var below = i == layout.Scales - 1 ? options.Width : layout.Features(i + 1);
            _scales[i] = new Linear(scale.Under("scale"), below, 4 * features, bias: true, scale: 0.5f);
            _shifts[i] = new Linear(scale.Under("shift"), below, 4 * features, bias: true);
            _scales[i].Bias.Fill(1);
            _blocks[i] = PictureBlock.Row(scale, options.PictureReadOutBlocks, features);
        }

        var colours = 4 * layout.Colours;
        _norm = new RmsNorm(tree.Under("norm"), layout.Features(0));
        _pixels = new Convolution(tree.Under("pixels"), layout.Features(0), PictureLayout.Whole(colours + 4), scale: 0.5f);
        _pixels.Bias.Slice(0, colours, 4).Fill(FirstGate);
        if (options.PictureReach > 0)
        {
            var below = layout.Scales == 1 ? options.Width : layout.Features(1);
            _across = Mover(tree.Under("across"), below, options.PictureReach);
            _down = Mover(tree.Under("down"), below, options.PictureReach);
            _moved = new Linear(tree.Under("moved"), colours, layout.Features(0));
        }

        _noised = steps > 1 ? new Linear(tree.Under("noised"), colours, layout.Features(0)) : null;
        _level = steps > 1 ? new Linear(tree.Under("level"), LevelTensors.WaveCount, layout.Features(0)) : null;
    }

    /// <summary>Padded pictures [n, height, width, colours].</summary>
    /// <param name="z">Inferred slots [n, slots, width].</param>
    /// <param name="last">The last picture, padded.</param>
    /// <param name="memory">Its features.</param>
    /// <param name="isSeen">[n, 1]; default for ones.</param>
    /// <param name="noised">The next picture with noise, padded; default where there is one step.</param>
    /// <param name="waves">Of the noise's level; likewise.</param>
    public Tensor Apply(Tensor z, Tensor last, in PictureScales memory, Tensor isSeen, Tensor noised, Tensor waves)
    {
        var n = z.Shape[0];
        using var scope = z.Engine.Scope();
        var x = z.Reshape(n, _layout.GridHeight, _layout.GridWidth, z.Shape[2]);
        for (var i = _layout.Scales - 1; i >= 0; i--)
        {
            var (scale, shift) = (_scales[i].Apply(x).PixelShuffle(2), _shifts[i].Apply(x).PixelShuffle(2));
            if (i == 0 && _moved is not null)
            {
                last = Moved(last, x);
                shift += _moved.Apply(ChannelCodec.Shown(last, isSeen).PixelUnshuffle(2));
            }

            x = ChannelCodec.Shown(memory[i], isSeen).MultiplyAdd(scale, shift);
            if (i == 0 && _noised is not null)
            {
                x += _noised.Apply(noised.PixelUnshuffle(2)) + _level!.Apply(waves).Reshape(n, 1, 1, _layout.Features(0));
            }

            x = PictureBlock.Run(_blocks[i], x);
        }

        var pixels = _pixels.Apply(_norm.Apply(x).Silu());
        var colours = 4 * _layout.Colours;
        var made = pixels.Slice(3, 0, colours).PixelShuffle(2);
        var gate = ChannelCodec.Shown(pixels.Slice(3, colours, 4).PixelShuffle(2).Sigmoid(), isSeen);
        return scope.Keep((last - made).MultiplyAdd(gate, made));
    }

    // Weights of a pixel itself and of as many neighbours to both sides, for squares of two.
    private static Linear Mover(ParameterTree tree, int features, int reach)
    {
        var mover = new Linear(tree, features, 4 * ((2 * reach) + 1), bias: true, scale: 0.5f);
        mover.Bias.Slice(0, 4 * reach, 4).Fill(FirstStay);
        return mover;
    }

    private Tensor Moved(Tensor picture, Tensor x)
    {
        using var scope = x.Engine.Scope();
        var across = _across!.Apply(x).PixelShuffle(2).Softmax();
        var down = _down!.Apply(x).PixelShuffle(2).Softmax();
        return scope.Keep(picture.MixNeighbours(across).MixNeighbours(down, isVertical: true));
    }
}
