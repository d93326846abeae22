// A run of moments of one recording that follow on each other: what windows lie in and lanes walk along.
namespace Umwelt.Moments.Internal.Batches;

internal readonly record struct Stretch(int Part, long Start, long Length)
{
    public long Stop => Start + Length;

    /// <summary>The chosen episodes, each by itself or joined where one follows on another of its stream.</summary>
    public static IEnumerable<Stretch> Of(DataMix data, bool joined)
    {
        for (var part = 0; part < data.Parts.Count; part++)
        {
            Stretch? open = null;
            var stream = -1;
            foreach (var episode in data.Episodes[part])
            {
                if (joined && open is { } running && running.Stop == episode.Start && stream == episode.Stream)
                {
                    open = running with { Length = running.Length + episode.Length };
                    continue;
                }

                if (open is { } done)
                {
                    yield return done;
                }

                open = new Stretch(part, episode.Start, episode.Length);
                stream = episode.Stream;
            }

            if (open is { } last)
            {
                yield return last;
            }
        }
    }
}
