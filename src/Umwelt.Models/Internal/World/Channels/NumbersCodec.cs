// Vectors and sound: numbers in a row, whose slots are a small map of all of them and whose values are read out by flow
// matching. They differ only in how many numbers and slots there are.
using Umwelt.Moments;
using Umwelt.Networks;
using Umwelt.Tensors;

namespace Umwelt.Models.Internal.World.Channels;

internal sealed class NumbersCodec : ChannelCodec
{
    private readonly SlotMap _past;
    private readonly SlotMap _next;
    private readonly FlowHead _head;

    public NumbersCodec(ParameterTree tree, Channel channel, int slots, int hidden, int steps, WorldModelOptions options)
        : base(tree, channel, slots, steps, options)
    {
        var size = channel.ElementCount;
        _past = new SlotMap(tree.Under("past"), size, hidden, slots, options.Width);
        _next = new SlotMap(tree.Under("next"), size, hidden, slots, options.Width);
        TakesShortcuts = options.Shortcuts;
        _head = new FlowHead(tree.Under("head"), slots * options.Width, size, hidden, steps, TakesShortcuts);
    }

    public override bool IsContinuous => true;

    public override bool TakesNoise => Steps > 1 || TakesShortcuts;

    public override bool TakesShortcuts { get; }

    public override Tensor Loss(Tensor z, Tensor target, in ChannelMemory memory, Tensor isSeen, Tensor noise, in LevelTensors levels)
    {
        using var scope = target.Engine.Scope();
        return scope.Keep(_head.Loss(Flat(z), Shown(memory.Value, isSeen), target, noise, levels));
    }

    public override Tensor Sample(Tensor z, in ChannelMemory memory, Tensor isSeen, Chance chance)
    {
        using var scope = z.Engine.Scope();
        return scope.Keep(_head.Sample(Flat(z), Shown(memory.Value, isSeen), chance));
    }

    protected override Tensor PastSlots(Tensor value, in LevelTensors levels, ref ChannelMemory memory)
    {
        memory.Value = value;
        return _past.Apply(value);
    }

    protected override Tensor NextSlots(Tensor value, in LevelTensors levels) => _next.Apply(value);

    private static Tensor Flat(Tensor z) => z.Reshape(z.Shape[0], z.Shape[1] * z.Shape[2]);

    // [n, size] to [n, slots, width].
    private sealed class SlotMap(ParameterTree tree, int size, int hidden, int slots, int width)
    {
        private readonly Linear _in = new(tree.Under("in"), size, hidden, bias: true);
        private readonly Linear _out = new(tree.Under("out"), hidden, slots * width, bias: true);

        public Tensor Apply(Tensor value)
        {
            using var scope = value.Engine.Scope();
            return scope.Keep(_out.Apply(_in.Apply(value, Activation.Silu)).Reshape(value.Shape[0], slots, width));
        }
    }
}
