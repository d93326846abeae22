// One layer of a stack: x + mixer(norm(x)), then x + feed(norm(x)). Built from a word of the stack's line.
// Source: Xiong et al., arXiv 2002.04745, section 3 (norms before).
using Umwelt.Tensors;

namespace Umwelt.Networks;

internal sealed class StackLayer
{
    private static readonly string[] Known = ["space", "attention", "retention", "mamba", "mlstm", "slstm"];
    private readonly Engine _engine;
    private readonly RmsNorm _mixerNorm;
    private readonly RmsNorm? _feedNorm;
    private readonly SpaceMixer? _space;
    private readonly SlotRange _range;
    private readonly Dropout _mixerDropout;
    private readonly Dropout _feedDropout;

    private StackLayer(ParameterTree tree, StackOptions options, SlotRange range, SpaceMixer? space, TimeMixer? time, IFeedForward? feed)
    {
        _engine = tree.Engine;
        _range = range;
        _space = space;
        Time = time;
        Feed = feed;
        _mixerNorm = new RmsNorm(tree.Under("mixer_norm"), options.Width, options.NormEpsilon);
        _mixerDropout = new Dropout(tree.Under("mixer"), options.Dropout);
        _feedDropout = new Dropout(tree.Under("feed"), options.Dropout);
        _feedNorm = feed is null ? null : new RmsNorm(tree.Under("feed_norm"), options.Width, options.NormEpsilon);
    }

    /// <summary>Null where the layer mixes over space.</summary>
    public TimeMixer? Time { get; }

    /// <summary>Null where the mixer stands alone.</summary>
    public IFeedForward? Feed { get; }

    public static StackLayer Build(ParameterTree tree, LayerPattern pattern, PatternLayer layer, StackOptions options)
    {
        var arguments = pattern.Arguments(layer);
        var mixer = tree.Under("mixer");
        var scale = 1 / MathF.Sqrt(2 * pattern.Layers.Length);
        SpaceMixer? space = null;
        TimeMixer? time = null;
        try
        {
            switch (layer.Name)
            {
                case "space":
                    space = new SpaceMixer(mixer, options.Width, HeadsOf(arguments, options), arguments.Flag("qknorm", options.NormalisesQueriesAndKeys), arguments.Number("base", 0, 0, 1e9f), scale);
                    break;
                case "attention":
                    time = new AttentionMixer(mixer, options.Width, AttentionOf(arguments, options, scale));
                    break;
                case "retention":
                    time = new RetentionMixer(mixer, options.Width, HeadsOf(arguments, options), arguments.Integer("expand", 2, 1, 8), options.RotaryBase, scale);
                    break;
                case "mamba":
                    time = new MambaMixer(mixer, options.Width, arguments.Integer("states", 16, 1, 256), arguments.Integer("expand", 2, 1, 8), arguments.Integer("kernel", 4, 1, 64), arguments.Flag("selective", true), scale);
                    break;
                case "mlstm":
                    time = new MatrixLstmMixer(mixer, options.Width, HeadsOf(arguments, options), arguments.Integer("expand", 2, 1, 8), arguments.Integer("kernel", 4, 1, 64), scale);
                    break;
                case "slstm":
                    time = new ScalarLstmMixer(mixer, options.Width, HeadsOf(arguments, options), arguments.Integer("kernel", 4, 1, 64), scale);
                    break;
                default:
                    throw pattern.Unknown(layer, Known);
            }
        }
        catch (ArgumentException error)
        {
            throw arguments.Error(error.Message);
        }

        var feed = FeedOf(tree.Under("feed"), arguments, options, scale);
        var range = SlotRange.Of(arguments, options.Registers);
        arguments.End();
        return new StackLayer(tree, options, range, space, time, feed);
    }

    /// <summary>A state of its time mixer for the slots it acts on; null where it mixes over space.</summary>
    public MixerState? CreateState(int rows, int slots, int moments) => Time?.CreateState(rows, _range.Within(slots).Count, moments);

    /// <summary>x [rows, time, slots, width] to the same shape; slots it does not act on stay as they are.</summary>
    public Tensor Apply(Tensor x, MixerState? state, bool isStep)
    {
        var slots = x.Shape[2];
        var (first, count) = _range.Within(slots);
        if (count == slots)
        {
            return ApplyToAll(x, state, isStep);
        }

        using var scope = _engine.Scope();
        var changed = ApplyToAll(x.Slice(2, first, count).Contiguous(), state, isStep);
        return scope.Keep(first == 0
            ? Tensor.Concatenate(2, changed, x.Slice(2, count, slots - count))
            : Tensor.Concatenate(2, x.Slice(2, 0, first), changed));
    }

    /// <summary>Some neighbouring slots of the result for moments without a past; what the others would become is not computed.</summary>
    public Tensor ApplyTo(Tensor x, int first, int count)
    {
        using var scope = _engine.Scope();
        var shape = x.Shape;
        if (_space is null || _range.Within(shape[2]).Count != shape[2])
        {
            return scope.Keep(Apply(x, null, isStep: false).Slice(2, first, count).Contiguous());
        }

        var all = _mixerNorm.Apply(x).Reshape(shape[0] * shape[1], shape[2], shape[3]);
        var mixed = _space.Apply(all, first, count).Reshape(shape[0], shape[1], count, shape[3]);
        return scope.Keep(Fed(x.Slice(2, first, count) + _mixerDropout.Apply(mixed)));
    }

    private Tensor ApplyToAll(Tensor x, MixerState? state, bool isStep)
    {
        using var scope = _engine.Scope();
        var mixed = _space is null ? OverTime(_mixerNorm.Apply(x), state, isStep) : OverSpace(_mixerNorm.Apply(x));
        return scope.Keep(Fed(x + _mixerDropout.Apply(mixed)));
    }

    private Tensor Fed(Tensor x) => Feed is null ? x : x + _feedDropout.Apply(Feed.Apply(_feedNorm!.Apply(x)));

    private static int HeadsOf(PatternArguments arguments, StackOptions options) => arguments.Integer("heads", options.HeadsOf, 1, 4096);

    private static AttentionMixerOptions AttentionOf(PatternArguments arguments, StackOptions options, float scale) => new()
    {
        Heads = HeadsOf(arguments, options),
        Groups = arguments.Integer("groups", options.Groups, 0, 4096),
        HeadSize = arguments.Integer("size", options.HeadSize, 0, 4096),
        Window = arguments.Integer("window", 0, 0, 1 << 24),
        Context = options.Context,
        NormalisesQueriesAndKeys = arguments.Flag("qknorm", options.NormalisesQueriesAndKeys),
        NormEpsilon = options.NormEpsilon,
        RotaryBase = arguments.Number("base", options.RotaryBase, 0, 1e9f),
        RotaryScaling = options.RotaryScaling,
        HasBias = arguments.Flag("bias", options.HasAttentionBias),
        OutputScale = scale,
    };

    private static IFeedForward? FeedOf(ParameterTree tree, PatternArguments arguments, StackOptions options, float scale) =>
        arguments.Choice("feed", options.Feed, "swiglu", "gelu", "experts", "none") switch
        {
            "none" => null,
            "gelu" => new FeedForward(tree, options.Width, options.HiddenOf(isGated: false), scale: scale),
            "experts" => new MixtureOfExperts(tree, options.Width, options.HiddenOf(isGated: true), options.Experts, scale),
            "swiglu" => new SwiGlu(tree, options.Width, options.HiddenOf(isGated: true), scale),
            _ => throw arguments.Error($"there is no feed-forward '{options.Feed}'; there are swiglu, gelu, experts, none"),
        };

    private Tensor OverSpace(Tensor x)
    {
        var shape = x.Shape;
        return _space!.Apply(x.Reshape(shape[0] * shape[1], shape[2], shape[3])).Reshape(shape);
    }

    private Tensor OverTime(Tensor x, MixerState? state, bool isStep)
    {
        var shape = x.Shape;
        var (rows, time, slots, width) = (shape[0], shape[1], shape[2], shape[3]);
        if (isStep)
        {
            return Time!.Step(x.Reshape(rows * slots, time, width), state!).Reshape(shape);
        }

        // With one slot or one moment the order in memory is that of [rows · slots, time] already.
        var isOrdered = slots == 1 || time == 1;
        var folded = (isOrdered ? x : x.Permute(0, 2, 1, 3)).Reshape(rows * slots, time, width);
        var mixed = Time!.Apply(folded, state);
        return isOrdered ? mixed.Reshape(shape) : mixed.Reshape(rows, slots, time, width).Permute(0, 2, 1, 3);
    }
}
