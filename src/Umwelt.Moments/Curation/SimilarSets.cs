// Finds groups of similar sets among many without comparing all pairs: signatures that agree in a whole band of places fall
// into one bucket, and only those are compared. Source: Leskovec et al., Mining of Massive Datasets, 3.4.
using System.Runtime.InteropServices;

namespace Umwelt.Moments.Curation;

internal sealed class SimilarSets(double threshold)
{
    private readonly List<(int Number, uint[] Signature)> _sets = [];

    public void Add(int number, uint[] signature) => _sets.Add((number, signature));

    /// <summary>For each set that is like an earlier one: the earliest such, and how alike they are.</summary>
    public IReadOnlyDictionary<int, (int Original, double Similarity)> Copies()
    {
        var rows = RowsOfBand(threshold);
        var copies = new Dictionary<int, (int Original, double Similarity)>();
        var buckets = new Dictionary<(int Band, ulong Hash), List<int>>();
        for (var i = 0; i < _sets.Count; i++)
        {
            var best = (Original: -1, Similarity: 0.0);
            for (var band = 0; band < MinHash.Places / rows; band++)
            {
                var places = _sets[i].Signature.AsSpan(band * rows, rows);
                ref var bucket = ref CollectionsMarshal.GetValueRefOrAddDefault(buckets, (band, MinHash.Hash(MemoryMarshal.AsBytes(places))), out _);
                bucket ??= [];
                foreach (var earlier in bucket)
                {
                    var similarity = MinHash.Similarity(_sets[i].Signature, _sets[earlier].Signature);
                    if (similarity >= threshold && (best.Original < 0 || earlier < best.Original))
                    {
                        best = (earlier, similarity);
                    }
                }

                // Copies of copies are compared with the original alone, so a bucket never grows with what it finds.
                if (best.Original < 0)
                {
                    bucket.Add(i);
                }
            }

            if (best.Original >= 0)
            {
                copies[_sets[i].Number] = (_sets[best.Original].Number, best.Similarity);
            }
        }

        return copies;
    }

    // As many rows as still find nearly every pair at the threshold: its share of misses is (1 - s^rows)^bands.
    private static int RowsOfBand(double similarity)
    {
        const double MostMisses = 0.001;
        var best = 1;
        for (var rows = 1; rows <= 32; rows *= 2)
        {
            if (Math.Pow(1 - Math.Pow(similarity, rows), MinHash.Places / (double)rows) <= MostMisses)
            {
                best = rows;
            }
        }

        return best;
    }
}
