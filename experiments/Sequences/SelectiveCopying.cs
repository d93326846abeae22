// Eight tokens stand at random places among noise and are to be said in their order at the end. Where they stand differs from
// row to row, so a filter that is the same for every input can't gather them. Source: Gu and Dao, arXiv 2312.00752, section 4.1.1
// (16 tokens, one of them the noise and one the marker).
using Umwelt.Storage;

namespace Umwelt.Sequences;

internal sealed class SelectiveCopying(long seed) : SequenceTask(seed)
{
    /// <summary>How many are to be copied; as many markers end a row.</summary>
    public const int Copied = 8;

    private const int Kinds = 14;
    private const int Noise = 14;
    private const int Marker = 15;

    public override int Vocabulary => 16;

    public override double Chance => 1.0 / Kinds;

    protected override void Write(Span<int> tokens, Span<int> targets, RandomStream random, double? progress)
    {
        var left = tokens.Length - Copied;
        var found = 0;
        for (var i = 0; i < tokens.Length - Copied; i++, left--)
        {
            tokens[i] = Noise;
            if (random.NextInt32(left) < Copied - found)
            {
                tokens[i] = random.NextInt32(Kinds);
                targets[tokens.Length - Copied + found++] = tokens[i];
            }
        }

        tokens[^Copied..].Fill(Marker);
    }
}
