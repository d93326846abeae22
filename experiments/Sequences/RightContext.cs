// Tokens that follow from one that stands to their right, and from nothing to their left: half of a block is drawn, the other
// half, before it, is what a fixed permutation makes of it. Hidden tokens are learnt as in any text; a row that is measured hides
// only what can be known.
using Umwelt.Learning;
using Umwelt.Storage;

namespace Umwelt.Sequences;

internal sealed class RightContext : SequenceTask
{
    private const int Half = 4;
    private const int Kinds = 16;
    private const double ShareMeasured = 0.25;
    private readonly int[] _permutation = [.. Enumerable.Range(0, Kinds)];
    private readonly TokenMask _mask = new(Kinds, Kinds);

    public RightContext(long seed)
        : base(seed)
    {
        RandomStream.Of(seed, 0x7065726d).Shuffle<int>(_permutation);
    }

    public override int Vocabulary => Kinds;

    public override double Chance => 1.0 / Kinds;

    protected override void Write(Span<int> tokens, Span<int> targets, RandomStream random, double? progress)
    {
        for (var i = tokens.Length - 1; i >= 0; i--)
        {
            tokens[i] = i / Half % 2 == 1 ? random.NextInt32(Kinds) : _permutation[tokens[i + Half]];
        }

        if (progress is not null)
        {
            _mask.Hide(tokens, targets, random);
            return;
        }

        for (var i = 0; i < tokens.Length; i++)
        {
            if (i / Half % 2 == 0 && random.NextDouble() < ShareMeasured)
            {
                (targets[i], tokens[i]) = (tokens[i], Kinds);
            }
        }
    }
}
