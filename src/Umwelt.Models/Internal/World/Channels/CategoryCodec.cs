// Categories: a row of a table for each, a softmax over all of them.
using Umwelt.Moments;
using Umwelt.Networks;
using Umwelt.Tensors;

namespace Umwelt.Models.Internal.World.Channels;

internal sealed class CategoryCodec : ChannelCodec
{
    private const float Deviation = 0.5f;
    private readonly Embedding _past;
    private readonly Embedding _next;
    private readonly Linear _scores;

    public CategoryCodec(ParameterTree tree, CategoryChannel channel, WorldModelOptions options)
        : base(tree, channel, slots: 1, steps: 1, options)
    {
        _past = new Embedding(tree.Under("past"), channel.Count, Width, Deviation);
        _next = new Embedding(tree.Under("next"), channel.Count, Width, Deviation);
        _scores = new Linear(tree.Under("scores"), Width, channel.Count, bias: true, kind: ParameterKind.Table);
    }

    public override bool IsContinuous => false;

    /// <summary>Scores of each category [n, count].</summary>
    public Tensor Scores(Tensor z) => _scores.Apply(z.Reshape(z.Shape[0], Width));

    public override Tensor Loss(Tensor z, Tensor target, in ChannelMemory memory, Tensor isSeen, Tensor noise, in LevelTensors levels)
    {
        using var scope = z.Engine.Scope();
        return scope.Keep(Scores(z).CrossEntropyOfRows(target));
    }

    public override Tensor Sample(Tensor z, in ChannelMemory memory, Tensor isSeen, Chance chance)
    {
        using var scope = z.Engine.Scope();
        return scope.Keep(Scores(z).Sample(chance.Uniform(), new Sampling()));
    }

    protected override Tensor PastSlots(Tensor value, in LevelTensors levels, ref ChannelMemory memory) => Slots(_past, value);

    protected override Tensor NextSlots(Tensor value, in LevelTensors levels) => Slots(_next, value);

    private static Tensor Slots(Embedding table, Tensor value)
    {
        using var scope = value.Engine.Scope();
        return scope.Keep(table.Apply(value).Unsqueeze(1));
    }
}
