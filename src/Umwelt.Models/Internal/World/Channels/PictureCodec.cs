// Pictures: an encoder down to slots, a light stem for what is known of the next one, a read-out that sees the last picture's
// features at full resolution. In tensors a picture is [height, width, colours] from -1 to 1.
using Umwelt.Moments;
using Umwelt.Networks;
using Umwelt.Tensors;

namespace Umwelt.Models.Internal.World.Channels;

internal sealed class PictureCodec : ChannelCodec
{
    private const int StemFeatures = 64;
    private readonly PictureLayout _layout;
    private readonly PictureEncoder _encoder;
    private readonly PictureReadOut _readOut;
    private readonly Linear _stemIn;
    private readonly PictureBlock _stemBlock;
    private readonly Linear _stemOut;

    public PictureCodec(ParameterTree tree, ImageChannel channel, int steps, WorldModelOptions options)
        : this(tree, channel, new PictureLayout(channel, options), steps, options)
    {
    }

    private PictureCodec(ParameterTree tree, ImageChannel channel, PictureLayout layout, int steps, WorldModelOptions options)
        : base(tree, channel, layout.Slots, steps, options)
    {
        _layout = layout;
        _encoder = new PictureEncoder(tree.Under("encoder"), layout, options);
        _readOut = new PictureReadOut(tree.Under("read_out"), layout, steps, options);
        _stemIn = new Linear(tree.Under("stem_in"), layout.Colours << (2 * layout.Scales), StemFeatures, bias: true);
        _stemBlock = new PictureBlock(tree.Under("stem_block"), StemFeatures);
        _stemOut = new Linear(tree.Under("stem_out"), 4 * StemFeatures, options.Width, bias: true);
    }

    public override bool IsContinuous => true;

    public override Tensor Loss(Tensor z, Tensor target, in ChannelMemory memory, Tensor isSeen, Tensor noise, in LevelTensors levels)
    {
        using var scope = target.Engine.Scope();
        var noised = Steps > 1 ? Noised(target, noise, levels.Level) : default;
        var error = Clean(z, memory, isSeen, noised, levels.Waves) - target;
        return scope.Keep(error.Square().Reshape(target.Shape[0], Channel.ElementCount).Mean(1));
    }

    public override Tensor Sample(Tensor z, in ChannelMemory memory, Tensor isSeen, Chance chance)
    {
        var engine = z.Engine;
        var n = z.Shape[0];
        using var scope = engine.Scope();
        if (Steps == 1)
        {
            return scope.Keep(Clean(z, memory, isSeen, default, default).Clamp(-1, 1));
        }

        Span<float> levels = n <= 256 ? stackalloc float[n] : new float[n];
        var x = chance.Normal(Channel.ElementCount).Reshape(n, _layout.Height, _layout.Width, _layout.Colours);
        for (var step = 0; step < Steps; step++)
        {
            var (level, next) = (1 - ((float)step / Steps), 1 - ((step + 1f) / Steps));
            levels.Fill(level);
            var clean = Clean(z, memory, isSeen, x, LevelTensors.Of(engine, levels).Waves).Clamp(-1, 1);
            x = step + 1 == Steps ? clean : (x * (next / level)) + (clean * (1 - (next / level)));
        }

        return scope.Keep(x);
    }

    protected override Tensor PastSlots(Tensor value, in LevelTensors levels, ref ChannelMemory memory)
    {
        using var scope = value.Engine.Scope();
        memory.Value = value;
        var slots = scope.Keep(_encoder.Apply(Padded(value), levels.Level, ref memory.Scales));
        for (var i = 0; i < _layout.Scales; i++)
        {
            scope.Keep(memory.Scales[i]);
        }

        return slots;
    }

    protected override Tensor NextSlots(Tensor value, in LevelTensors levels)
    {
        using var scope = value.Engine.Scope();
        var x = _stemBlock.Apply(_stemIn.Apply(Padded(value).PixelUnshuffle(1 << _layout.Scales)));
        return scope.Keep(_stemOut.Apply(x.Silu().PixelUnshuffle(2)).Reshape(value.Shape[0], SlotCount, Width));
    }

    private Tensor Clean(Tensor z, in ChannelMemory memory, Tensor isSeen, Tensor noised, Tensor waves)
    {
        using var scope = z.Engine.Scope();
        var picture = _readOut.Apply(z, Padded(memory.Value), memory.Scales, isSeen, noised.IsDefault ? noised : Padded(noised), waves);
        return scope.Keep(_layout.IsPadded ? picture.Slice(1, 0, _layout.Height).Slice(2, 0, _layout.Width).Contiguous() : picture);
    }

    private Tensor Padded(Tensor picture)
    {
        if (!_layout.IsPadded)
        {
            return picture;
        }

        using var scope = picture.Engine.Scope();
        return scope.Keep(picture
            .Pad(1, 0, _layout.PaddedHeight - _layout.Height, Padding.Edge)
            .Pad(2, 0, _layout.PaddedWidth - _layout.Width, Padding.Edge));
    }
}
