// Leaves out episodes that nearly repeat an earlier one's: compares sets of moments, or of short runs of them, each moment as a coarse
// picture of what its channels hold, so that noise and re-encoding do not hide a copy.
using System.Text.Json.Serialization;

namespace Umwelt.Moments.Curation;

/// <summary>Leaves out episodes that are nearly an earlier one.</summary>
/// <param name="Threshold">The share of common runs of moments from which two episodes count as one.</param>
/// <param name="Moments">Moments in a run.</param>
public sealed record DuplicateEpisodesStep(double Threshold = 0.5, int Moments = 1) : CurationStep
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override string Kind => "duplicate-episodes";

    internal override void Validate(Schema schema)
    {
        RequireShare(Threshold, "threshold");
        RequirePositive(Moments, "moments");
    }

    internal override void Run(Verdicts verdicts, CancellationToken cancellation)
    {
        var block = new MomentBatch(verdicts.Recording.Schema, Block);
        var similar = new SimilarSets(Threshold);
        var set = new MinHash();
        var coarse = new CoarseMoment(verdicts.Recording.Schema);
        var recent = new Queue<ulong>();
        for (var episode = 0; episode < verdicts.EpisodeCount; episode++)
        {
            cancellation.ThrowIfCancellationRequested();
            set.Clear();
            recent.Clear();
            verdicts.ForEach(episode, block, (_, row) =>
            {
                recent.Enqueue(coarse.Hash(block, row));
                if (recent.Count > Moments)
                {
                    recent.Dequeue();
                }

                if (recent.Count == Moments)
                {
                    set.Add(recent.Aggregate(0UL, (run, moment) => MinHash.Mix(run + moment + 0x9e3779b97f4a7c15)));
                }
            });
            if (!set.IsEmpty)
            {
                similar.Add(episode, set.Signature());
            }
        }

        foreach (var (episode, (original, similarity)) in similar.Copies())
        {
            verdicts.RemoveEpisode(episode, FormattableString.Invariant($"{similarity:P0} of it is in episode {original}"));
        }
    }
}
