// The next picture from inferred slots: on its way up from the slots, features of the last picture are scaled and shifted at each
// size by what comes from below. Before the largest size the last picture is moved, each pixel a mix of those around it, and at the
// end one gate chooses for each pixel between what was moved and making a new one, and another whether to leave it as it was: what
// stands still stays sharp however long one looks at it. Where the last picture must not be looked at, everything is made.
using Umwelt.Networks;
using Umwelt.Tensors;

namespace Umwelt.Models.Internal.World.Channels;

internal sealed class PictureReadOut
{
    // A model that has learnt nothing begins by keeping most of what it saw.
    private const float FirstGate = 2;
    private const float FirstStay = 4;

    // Leaving a pixel to the last bit asks for a gate that is shut or open: its logits are this much larger.
    private const float LeaveScale = 4;
    private const float FirstLeave = -0.6f;

    private readonly PictureLayout _layout;
    private readonly Linear[] _scales;
    private readonly Linear[] _shifts;
    private readonly PictureBlock[][] _blocks;
    private readonly Linear? _across;
    private readonly Linear? _down;
    private readonly Linear? _moved;
    private readonly RmsNorm _norm;
    private readonly Convolution _pixels;
    private readonly Linear _left;
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
        _left = new Linear(tree.Under("left"), layout.Features(0), 4, bias: true, scale: 0.5f);
        _left.Bias.Fill(FirstLeave);
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

    /// <summary>What is known of padded pictures before any noise is looked at: features at half their size, and the last picture, moved.</summary>
    /// <param name="z">Inferred slots [n, slots, width].</param>
    /// <param name="last">The last picture, padded [n, height, width, colours].</param>
    /// <param name="memory">Its features.</param>
    /// <param name="isSeen">[n, 1]; default for ones.</param>
    /// <param name="sharpness">How to move pictures without blurring them; default to mix pixels as was learnt.</param>
    public PictureKnown Begin(Tensor z, Tensor last, in PictureScales memory, Tensor isSeen, in PictureSharpness sharpness)
    {
        using var scope = z.Engine.Scope();
        var moved = last;
        var x = z.Reshape(z.Shape[0], _layout.GridHeight, _layout.GridWidth, z.Shape[2]);
        for (var i = _layout.Scales - 1; i >= 0; i--)
        {
            var (scale, shift) = (_scales[i].Apply(x).PixelShuffle(2), _shifts[i].Apply(x).PixelShuffle(2));
            if (i == 0 && _moved is not null)
            {
                moved = Moved(last, x, sharpness);
                shift += _moved.Apply(ChannelCodec.Shown(moved, isSeen).PixelUnshuffle(2));
            }

            x = ChannelCodec.Shown(memory[i], isSeen).MultiplyAdd(scale, shift);
            x = i == 0 ? x : PictureBlock.Run(_blocks[i], x);
        }

        return new PictureKnown(scope.Keep(x), last, _moved is null ? last : scope.Keep(moved), isSeen, sharpness.IsDefault ? 1 : sharpness.Hardness);
    }

    /// <summary>Padded pictures [n, height, width, colours]: what is likeliest on average, or what noise leaves of it.</summary>
    /// <param name="known">What <see cref="Begin"/> gave.</param>
    /// <param name="noised">The next picture with noise, padded; default where nothing is known of it.</param>
    /// <param name="waves">Of the noise's level; likewise.</param>
    public Tensor End(in PictureKnown known, Tensor noised, Tensor waves)
    {
        var x = known.Features;
        using var scope = x.Engine.Scope();
        if (!noised.IsDefault)
        {
            x = x + _noised!.Apply(noised.PixelUnshuffle(2)) + _level!.Apply(waves).Reshape(x.Shape[0], 1, 1, _layout.Features(0));
        }

        x = _norm.Apply(PictureBlock.Run(_blocks[0], x)).Silu();
        var pixels = _pixels.Apply(x);
        var colours = 4 * _layout.Colours;
        var made = pixels.Slice(3, 0, colours).PixelShuffle(2);
        var gate = ChannelCodec.Shown((pixels.Slice(3, colours, 4) * known.Hardness).PixelShuffle(2).Sigmoid(), known.IsSeen);
        var left = ChannelCodec.Shown((_left.Apply(x) * (LeaveScale * known.Hardness)).PixelShuffle(2).Sigmoid(), known.IsSeen);
        var changed = (known.Moved - made).MultiplyAdd(gate, made);
        return scope.Keep((known.Last - changed).MultiplyAdd(left, changed));
    }

    // Weights of a pixel itself and of as many neighbours to both sides, for squares of two.
    private static Linear Mover(ParameterTree tree, int features, int reach)
    {
        var mover = new Linear(tree, features, 4 * ((2 * reach) + 1), bias: true, scale: 0.5f);
        mover.Bias.Slice(0, 4 * reach, 4).Fill(FirstStay);
        return mover;
    }

    private Tensor Moved(Tensor picture, Tensor x, in PictureSharpness sharpness)
    {
        using var scope = x.Engine.Scope();
        var across = _across!.Apply(x).PixelShuffle(2).Softmax();
        var down = _down!.Apply(x).PixelShuffle(2).Softmax();
        if (!sharpness.IsDefault)
        {
            (across, down) = (sharpness.Of(across, 0), sharpness.Of(down, 1));
        }

        return scope.Keep(picture.MixNeighbours(across).MixNeighbours(down, isVertical: true));
    }
}

/// <summary>What a read-out knows of pictures before any noise is looked at.</summary>
/// <param name="Features">At half their size.</param>
/// <param name="Last">The last ones.</param>
/// <param name="Moved">The last ones, moved.</param>
/// <param name="IsSeen">[n, 1]: 1 where the last one may be looked at; default for ones.</param>
/// <param name="Hardness">How decided choices are.</param>
internal readonly record struct PictureKnown(Tensor Features, Tensor Last, Tensor Moved, Tensor IsSeen, float Hardness);
