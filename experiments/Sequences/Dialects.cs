// Each row speaks one of many dialects: a permutation that says which token follows which, with slips. Feed-forwards that divide
// the dialects among themselves have less to learn each.
using Umwelt.Storage;

namespace Umwelt.Sequences;

internal sealed class Dialects : SequenceTask
{
    private const int Count = 16;
    private const int Kinds = 32;
    private const double Slips = 0.05;
    private readonly int[][] _next = new int[Count][];

    public Dialects(long seed)
        : base(seed)
    {
        for (var i = 0; i < Count; i++)
        {
            _next[i] = [.. Enumerable.Range(0, Kinds)];
            RandomStream.Of(seed, 0x6469616c, i).Shuffle<int>(_next[i]);
        }
    }

    public override int Vocabulary => Kinds;

    public override double Chance => 1.0 / Kinds;

    protected override void Write(Span<int> tokens, Span<int> targets, RandomStream random, double? progress)
    {
        var dialect = _next[random.NextInt32(Count)];
        var token = random.NextInt32(Kinds);
        for (var i = 0; i < tokens.Length; i++)
        {
            tokens[i] = token;
            token = random.NextDouble() < Slips ? random.NextInt32(Kinds) : dialect[token];
            targets[i] = token;
        }
    }
}
