// From counts and weights to the chance of each group of items, and to what the loss of its items is to be multiplied with:
// the share they would have without priorities over the share they have with them.
namespace Umwelt.Moments.Internal.Batches;

internal static class GroupChances
{
    /// <summary>Names a group: the part of a weighted mix (or 0), and the level of its items.</summary>
    public readonly record struct Key(int Part, int Level);

    public static (double[] Chances, float[] Corrections) Of(DataMix data, IReadOnlyList<Key> keys, ReadOnlySpan<long> counts, double[] weights)
    {
        var chances = new double[keys.Count];
        var corrections = new float[keys.Count];
        for (var i = 0; i < chances.Length; i++)
        {
            double weighted = 0, plain = 0;
            for (var j = 0; j < chances.Length; j++)
            {
                if (keys[j].Part == keys[i].Part)
                {
                    weighted += counts[j] * weights[keys[j].Level];
                    plain += counts[j];
                }
            }

            var weight = weights[keys[i].Level];
            var share = data.IsWeighted ? data.Parts[keys[i].Part].Weight!.Value : 1;
            chances[i] = share * counts[i] * weight / weighted;
            corrections[i] = (float)(weighted / plain / weight);
        }

        return (chances, corrections);
    }
}
