// One token is special: what followed it the first time follows it ever after. It stands twice in a row, at a random place and
// at the end; early in a training more often, since a single answer a row, mostly far away, does not get learning under way.
// Source: Gu and Dao, arXiv 2312.00752, section 4.1.2 (16 tokens and the special one).
using Umwelt.Storage;

namespace Umwelt.Sequences;

internal sealed class InductionHeads(long seed) : SequenceTask(seed)
{
    private const int Kinds = 16;
    private const int Special = 16;
    private const int Repeats = 6;
    private const double Easy = 0.2;

    public override int Vocabulary => 17;

    public override double Chance => 1.0 / Kinds;

    protected override void Write(Span<int> tokens, Span<int> targets, RandomStream random, double? progress)
    {
        foreach (ref var token in tokens)
        {
            token = random.NextInt32(Kinds);
        }

        var first = random.NextInt32(tokens.Length - 2);
        var answer = tokens[first + 1];
        tokens[first] = Special;
        var count = progress < Easy ? random.NextInt32(Repeats + 1) : 0;
        for (var i = 0; i < count; i++)
        {
            var place = first + 2 + random.NextInt32(tokens.Length - first - 2);
            if (tokens[place] != Special && tokens[place - 1] != Special && (place + 1 == tokens.Length || tokens[place + 1] != Special))
            {
                Ask(tokens, targets, place, answer);
            }
        }

        if (tokens[^2] != Special)
        {
            Ask(tokens, targets, tokens.Length - 1, answer);
        }
    }

    private static void Ask(Span<int> tokens, Span<int> targets, int place, int answer)
    {
        tokens[place] = Special;
        targets[place] = answer;
        if (place + 1 < tokens.Length)
        {
            tokens[place + 1] = answer;
        }
    }
}
