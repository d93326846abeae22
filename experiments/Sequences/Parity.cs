// Whether the ones so far are odd: what a memory that is only added to can't hold for long, and one that reads its own last
// answer can. Every beginning of a row is a row of its own, so all lengths are asked for at once; a row that is measured asks
// only from the longest length that is learnt on. Source: Beck et al., arXiv 2405.04517, section 4.1; Delétang et al.,
// arXiv 2207.02098.
using Umwelt.Storage;

namespace Umwelt.Sequences;

internal sealed class Parity(long seed) : SequenceTask(seed)
{
    /// <summary>The shortest beginning that is learnt.</summary>
    public const int Shortest = 3;

    /// <summary>The longest beginning that is learnt, and the shortest that is measured.</summary>
    public const int Longest = 40;

    /// <summary>The longest beginning that is measured.</summary>
    public const int LongestMeasured = 256;

    public override int Vocabulary => 2;

    public override double Chance => 0.5;

    protected override void Write(Span<int> tokens, Span<int> targets, RandomStream random, double? progress)
    {
        var odd = 0;
        for (var i = 0; i < tokens.Length; i++)
        {
            tokens[i] = random.NextInt32(2);
            odd ^= tokens[i];
            if (i + 1 >= (progress is null ? Longest : Shortest))
            {
                targets[i] = odd;
            }
        }
    }
}
