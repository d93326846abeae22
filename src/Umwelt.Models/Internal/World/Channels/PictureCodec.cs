// Pictures: an encoder down to slots, a light stem for what is known of the next one, a read-out that sees the last picture's
// features at full resolution. In tensors a picture is [height, width, colours] from -1 to 1.
using Umwelt.Moments;
using Umwelt.Networks;
using Umwelt.Tensors;

namespace Umwelt.Models.Internal.World.Channels;

internal sealed class PictureCodec : ChannelCodec
{
    private const int StemFeatures = 64;

    // Levels of noise: what is learnt, where sampling begins and what each of its steps leaves; what fine detail amounts to.
    private const float MostNoise = 0.35f;
    private const float LeastNoise = 0.02f;
    private const float FirstNoise = 0.25f;
    private const float NoiseLeft = 0.35f;
    private const float Detail = 0.1f;
    private const float NoiseWeight = 3;
    private readonly PictureLayout _layout;
    private readonly PictureEncoder _encoder;
    private readonly PictureReadOut _readOut;
    private readonly Linear _stemIn;
    private readonly PictureBlock _stemBlock;
    private readonly Linear _stemOut;
    private readonly float _hardness;

    public PictureCodec(ParameterTree tree, ImageChannel channel, int steps, WorldModelOptions options)
        : this(tree, channel, new PictureLayout(channel, options), steps, options)
    {
    }

    private PictureCodec(ParameterTree tree, ImageChannel channel, PictureLayout layout, int steps, WorldModelOptions options)
        : base(tree, channel, layout.Slots, steps, options)
    {
        (_layout, _hardness) = (layout, (float)options.PictureHardness);
        _encoder = new PictureEncoder(tree.Under("encoder"), layout, options);
        _readOut = new PictureReadOut(tree.Under("read_out"), layout, steps, options);
        _stemIn = new Linear(tree.Under("stem_in"), layout.Colours << (2 * layout.Scales), StemFeatures, bias: true);
        _stemBlock = new PictureBlock(tree.Under("stem_block"), StemFeatures);
        _stemOut = new Linear(tree.Under("stem_out"), 4 * StemFeatures, options.Width, bias: true);
    }

    public override bool IsContinuous => true;

    public override bool AsksWhatWasGiven => _hardness > 1;

    /// <summary>Noise is learnt at levels that fine detail drowns in, at each size of level alike.</summary>
    public override float Snapped(float level) => MostNoise * MathF.Pow(LeastNoise / MostNoise, 1 - level);

    public override Tensor Loss(Tensor z, Tensor target, in ChannelMemory memory, Tensor isSeen, Tensor noise, in LevelTensors levels)
    {
        using var scope = target.Engine.Scope();
        var known = _readOut.Begin(z, Padded(memory.Value), memory.Scales, isSeen, default);
        var loss = LossOf(_readOut.End(known, default, default), target);
        if (Steps == 1)
        {
            return scope.Keep(loss);
        }

        // The less noise, the less there is to win, so it counts more.
        var weight = levels.Level.Square().Reciprocal().Affine(NoiseWeight * Detail * Detail, NoiseWeight).Reshape(target.Shape[0]);
        var noised = Padded(Noised(target, noise, levels.Level));
        return scope.Keep(LossOf(_readOut.End(known, noised, levels.Waves), target).MultiplyAdd(weight, loss));
    }

    // First what is likeliest on average, which is blurred where much is likely; then noise is added and taken away in steps, and what
    // it leaves is as sharp as what was seen.
    public override Tensor Sample(Tensor z, in ChannelMemory memory, Tensor isSeen, Chance chance)
    {
        var n = z.Shape[0];
        using var scope = z.Engine.Scope();
        var known = _readOut.Begin(z, Padded(memory.Value), memory.Scales, isSeen, AsksWhatWasGiven ? new PictureSharpness(_hardness, chance.Turns(), memory.IsGiven) : default);
        var clean = Unpadded(_readOut.End(known, default, default)).Clamp(-1, 1);
        if (Steps == 1)
        {
            return scope.Keep(clean);
        }

        Span<float> levels = n <= 256 ? stackalloc float[n] : new float[n];
        var level = FirstNoise;
        var noise = chance.Normal(Channel.ElementCount).Reshape(n, _layout.Height, _layout.Width, _layout.Colours);
        var picture = (clean * (1 - level)) + (noise * level);
        for (var step = 1; step < Steps; step++)
        {
            levels.Fill(level);
            clean = Unpadded(_readOut.End(known, Padded(picture), chance.Levels.Of(levels).Waves)).Clamp(-1, 1);
            picture = (picture * NoiseLeft) + (clean * (1 - NoiseLeft));
            level *= NoiseLeft;
        }

        return scope.Keep(clean);
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

    private Tensor LossOf(Tensor made, Tensor target)
    {
        using var scope = made.Engine.Scope();
        return scope.Keep((Unpadded(made) - target).Square().Reshape(target.Shape[0], Channel.ElementCount).Mean(1));
    }

    private Tensor Unpadded(Tensor picture) =>
        _layout.IsPadded ? picture.Slice(1, 0, _layout.Height).Slice(2, 0, _layout.Width).Contiguous() : picture;

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
