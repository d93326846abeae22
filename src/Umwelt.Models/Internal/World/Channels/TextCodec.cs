// Text: the tokens of one moment in one slot, said again token by token with an explicit end. Most moments say nothing, which is
// an end at once and costs one token. In tensors a moment is [most tokens]: tokens, the end unless there is no room, padding.
using Umwelt.Moments;
using Umwelt.Networks;
using Umwelt.Tensors;

namespace Umwelt.Models.Internal.World.Channels;

internal sealed class TextCodec : ChannelCodec
{
    private const int LetterWidth = 32;
    private const float Deviation = 0.02f;
    private readonly Letters _past;
    private readonly Letters _next;
    private readonly Embedding _said;
    private readonly Linear _meaning;
    private readonly LayerStack _stack;
    private readonly Linear _scores;

    public TextCodec(ParameterTree tree, TextChannel channel, int vocabulary, WorldModelOptions options)
        : base(tree, channel, slots: 1, steps: 1, options)
    {
        (Vocabulary, MostTokens) = (vocabulary, options.MostTokens);
        _past = new Letters(tree.Under("past"), vocabulary + 2, MostTokens, Width);
        _next = new Letters(tree.Under("next"), vocabulary + 2, MostTokens, Width);
        _said = new Embedding(tree.Under("said"), vocabulary + 2, Width, Deviation * 10);
        _meaning = new Linear(tree.Under("meaning"), Width, Width, bias: true);
        _stack = new LayerStack(tree.Under("stack"), options.StackOf(options.Words, context: MostTokens));
        _scores = new Linear(tree.Under("scores"), Width, vocabulary + 1, bias: true, kind: ParameterKind.Table);
    }

    /// <summary>How many tokens there are.</summary>
    public int Vocabulary { get; }

    /// <summary>The most tokens of a moment.</summary>
    public int MostTokens { get; }

    /// <summary>The token that ends a text, and before its first.</summary>
    public int End => Vocabulary;

    /// <summary>What stands behind the end.</summary>
    public int Padding => Vocabulary + 1;

    public override bool IsContinuous => false;

    public override Tensor Loss(Tensor z, Tensor target, in ChannelMemory memory, Tensor isSeen, Tensor noise, in LevelTensors levels)
    {
        var n = target.Shape[0];
        using var scope = z.Engine.Scope();
        var start = z.Engine.Full([n, 1], End, DataType.Int32);
        var read = MostTokens == 1 ? start : Tensor.Concatenate(1, start, target.Slice(1, 0, MostTokens - 1));
        return scope.Keep(_scores.Apply(Features(z, read)).CrossEntropyOfRows(target, Padding).Sum(1));
    }

    public override Tensor Sample(Tensor z, in ChannelMemory memory, Tensor isSeen, Chance chance)
    {
        var engine = z.Engine;
        var n = z.Shape[0];
        using var scope = engine.Scope();
        var tokens = engine.Full([n, MostTokens], Padding, DataType.Int32);
        var read = engine.Full([n, 1], End, DataType.Int32);
        Span<int> said = n <= 256 ? stackalloc int[n] : new int[n];
        Span<bool> isDone = n <= 256 ? stackalloc bool[n] : new bool[n];
        isDone.Clear();
        for (var t = 0; t < MostTokens && isDone.Contains(false); t++)
        {
            // A prefix is read again for each token: that is rare, short, and needs no state.
            var scores = _scores.Apply(Features(z, read).Select(1, t));
            scores.Sample(chance.Uniform(t), new Sampling()).Read(said);
            for (var row = 0; row < n; row++)
            {
                said[row] = isDone[row] ? Padding : said[row];
                isDone[row] |= said[row] == End;
            }

            var column = engine.From<int>(said, [n, 1]);
            tokens.Slice(1, t, 1).CopyFrom(column);
            read = Tensor.Concatenate(1, read, column);
        }

        return scope.Keep(tokens);
    }

    protected override Tensor PastSlots(Tensor value, in LevelTensors levels, ref ChannelMemory memory) => _past.Apply(value);

    protected override Tensor NextSlots(Tensor value, in LevelTensors levels) => _next.Apply(value);

    // [n, t, width]: what is said so far, with what is meant at every place.
    private Tensor Features(Tensor z, Tensor read)
    {
        using var scope = z.Engine.Scope();
        return scope.Keep(_stack.Apply(_said.Apply(read) + _meaning.Apply(z)));
    }

    // Tokens [n, most] to one slot [n, 1, width]: each place has weights of its own.
    private sealed class Letters(ParameterTree tree, int count, int most, int width)
    {
        private readonly Embedding _table = new(tree.Under("table"), count, LetterWidth, 0.5f);
        private readonly Linear _map = new(tree.Under("map"), most * LetterWidth, width, bias: true);

        public Tensor Apply(Tensor tokens)
        {
            using var scope = tokens.Engine.Scope();
            return scope.Keep(_map.Apply(_table.Apply(tokens).Reshape(tokens.Shape[0], most * LetterWidth)).Unsqueeze(1));
        }
    }
}
