// How one channel becomes slots and slots become the channel again. Everything kind-specific of the world model stands in a
// codec; the model itself knows only slots. A codec encodes moments of the past, stems the next moment at its level, and
// reads values out of inferred slots.
using Umwelt.Moments;
using Umwelt.Networks;
using Umwelt.Tensors;

namespace Umwelt.Models.Internal.World.Channels;

internal abstract class ChannelCodec
{
    private const float Deviation = 0.02f;
    private readonly Tensor _absent;
    private readonly Tensor _unknown;
    private readonly Linear _pastLevel;
    private readonly Linear _nextLevel;
    private readonly Linear _reentry;

    protected ChannelCodec(ParameterTree tree, Channel channel, int slots, int steps, WorldModelOptions options)
    {
        (Channel, SlotCount, Steps, Width) = (channel, slots, steps, options.Width);
        _absent = tree.Normal("absent", [slots, Width], Deviation, ParameterKind.Scale);
        _unknown = tree.Normal("unknown", [slots, Width], Deviation, ParameterKind.Scale);
        _pastLevel = new Linear(tree.Under("past_level"), LevelTensors.WaveCount, Width);
        _nextLevel = new Linear(tree.Under("next_level"), LevelTensors.WaveCount, Width);
        _reentry = new Linear(tree.Under("reentry"), Width, Width, bias: true);
    }

    public Channel Channel { get; }

    /// <summary>How many slots the channel has.</summary>
    public int SlotCount { get; }

    /// <summary>Steps from noise to a value.</summary>
    public int Steps { get; }

    /// <summary>Whether values are numbers that noise can be added to; otherwise they are given or missing.</summary>
    public abstract bool IsContinuous { get; }

    /// <summary>Whether values are read out of noise.</summary>
    public virtual bool TakesNoise => IsContinuous && Steps > 1;

    /// <summary>Whether the read-out learns steps of every length.</summary>
    public virtual bool TakesShortcuts => false;

    /// <summary>Whether the read-out tells a last value that was given from one that was inferred.</summary>
    public virtual bool AsksWhatWasGiven => false;

    /// <summary>The level nearest to one of (0, 1] that the read-out learns at.</summary>
    public virtual float Snapped(float level) => level;

    protected int Width { get; }

    /// <summary>The slots [n, slots, width] of past moments, and what read-outs see of them.</summary>
    /// <param name="value">As noisy as the levels say.</param>
    /// <param name="levels">1 where the channel is absent.</param>
    /// <param name="memory">What the read-out of the next moment sees.</param>
    public Tensor Encode(Tensor value, in LevelTensors levels, out ChannelMemory memory)
    {
        memory = default;
        return Marked(PastSlots(value, levels, ref memory), levels, _absent, _pastLevel.Apply(levels.Waves));
    }

    /// <summary>The slots [n, slots, width] of the next moment as far as it is known.</summary>
    public Tensor Stem(Tensor value, in LevelTensors levels) =>
        Marked(NextSlots(value, levels), levels, _unknown, _nextLevel.Apply(levels.Waves));

    /// <summary>The same where nothing is known in any of n moments.</summary>
    public Tensor Unknown(in LevelTensors levels) =>
        _nextLevel.Apply(levels.Waves).Unsqueeze(1) + _unknown;

    /// <summary>What the encoder would make of the value that inferred slots stand for, without the value.</summary>
    public Tensor Reenter(Tensor z) => _reentry.Apply(z);

    /// <summary>The loss of each moment [n], a mean over the value's numbers.</summary>
    /// <param name="z">Inferred slots [n, slots, width].</param>
    /// <param name="target">The true value.</param>
    /// <param name="memory">What is known of the moment before.</param>
    /// <param name="isSeen">[n, 1]: 1 where the moment before may be looked at, else 0; default for ones.</param>
    /// <param name="noise">Normal numbers like the target; default where the read-out takes none.</param>
    /// <param name="levels">The level at which the value is read out; likewise.</param>
    public abstract Tensor Loss(Tensor z, Tensor target, in ChannelMemory memory, Tensor isSeen, Tensor noise, in LevelTensors levels);

    /// <summary>A value for each moment.</summary>
    /// <param name="z">Inferred slots [n, slots, width].</param>
    /// <param name="memory">What is known of the moment before.</param>
    /// <param name="isSeen">[n, 1]; default where all may be looked at.</param>
    /// <param name="chance">Where randomness comes from.</param>
    public abstract Tensor Sample(Tensor z, in ChannelMemory memory, Tensor isSeen, Chance chance);

    protected abstract Tensor PastSlots(Tensor value, in LevelTensors levels, ref ChannelMemory memory);

    protected abstract Tensor NextSlots(Tensor value, in LevelTensors levels);

    /// <summary>value + level · (noise − value), for a level [n, 1].</summary>
    public static Tensor Noised(Tensor value, Tensor noise, Tensor level)
    {
        using var scope = value.Engine.Scope();
        Span<int> lengths = stackalloc int[value.Rank];
        lengths.Fill(1);
        lengths[0] = value.Shape[0];
        return scope.Keep((noise - value).MultiplyAdd(level.Reshape(lengths), value));
    }

    /// <summary>Values multiplied with 0 where they must not be looked at: isSeen is [n, 1], or default for ones.</summary>
    public static Tensor Shown(Tensor value, Tensor isSeen)
    {
        if (isSeen.IsDefault)
        {
            return value;
        }

        using var scope = value.Engine.Scope();
        Span<int> lengths = stackalloc int[value.Rank];
        lengths.Fill(1);
        lengths[0] = value.Shape[0];
        return scope.Keep(value * isSeen.Reshape(lengths));
    }

    // Slots where there is a value, what was learnt instead where there is none, and the level in both.
    private static Tensor Marked(Tensor slots, in LevelTensors levels, Tensor instead, Tensor level)
    {
        using var scope = slots.Engine.Scope();
        var isWhole = levels.Missing == 0 && !slots.Engine.RecordsGradients;
        return scope.Keep((isWhole ? slots : levels.IsMissing.Where(instead, slots)) + level.Unsqueeze(1));
    }
}
