// Pairs of keys and values, then the keys again among fillers: each is to be answered with its value. Most are asked for soon,
// some late. What is carried must hold all pairs at once, so a small state fails where attention looks back.
// Source: Arora et al., arXiv 2312.04927, section 4 and appendix (gaps by a power law, fillers that say nothing).
using Umwelt.Storage;

namespace Umwelt.Sequences;

internal sealed class AssociativeRecall(long seed, int kinds) : SequenceTask(seed)
{
    private const int MomentsOfPair = 16;
    private const double Power = 0.01;

    public override int Vocabulary => 1 + (2 * kinds);

    public override double Chance => 1.0 / kinds;

    protected override void Write(Span<int> tokens, Span<int> targets, RandomStream random, double? progress)
    {
        var pairs = tokens.Length / MomentsOfPair;
        var places = (tokens.Length / 2) - pairs;
        Span<int> keys = stackalloc int[kinds];
        for (var i = 0; i < kinds; i++)
        {
            keys[i] = 1 + i;
        }

        tokens.Clear();
        for (var pair = 0; pair < pairs; pair++)
        {
            var other = pair + random.NextInt32(kinds - pair);
            (keys[pair], keys[other]) = (keys[other], keys[pair]);
            (tokens[2 * pair], tokens[(2 * pair) + 1]) = (keys[pair], 1 + kinds + random.NextInt32(kinds));
        }

        // A gap of g has a chance in proportion to g^(power - 1); one that is taken is drawn again.
        for (var pair = 0; pair < pairs;)
        {
            var gap = random.NextInt32(places);
            var place = (2 * pairs) + (2 * gap);
            if (tokens[place] == 0 && random.NextDouble() < Math.Pow(1 + gap, Power - 1))
            {
                tokens[place] = keys[pair];
                targets[place] = tokens[(2 * pair) + 1];
                pair++;
            }
        }
    }
}
