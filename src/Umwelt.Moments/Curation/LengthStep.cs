// Leaves out what is too short to learn from, or longer than can be true.
using System.Text.Json.Serialization;

namespace Umwelt.Moments.Curation;

/// <summary>Leaves out stretches shorter than the least and episodes longer than the most.</summary>
/// <param name="Least">Moments that a stretch needs.</param>
/// <param name="Most">Moments that what is left of an episode may have.</param>
public sealed record LengthStep(long Least = 1, long Most = long.MaxValue) : CurationStep
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override string Kind => "length";

    internal override void Validate(Schema schema)
    {
        if (Least < 0 || Most < Least)
        {
            throw new ArgumentException($"no length lies between {Least} and {Most}");
        }
    }

    internal override void Run(Verdicts verdicts, CancellationToken cancellation)
    {
        for (var episode = 0; episode < verdicts.EpisodeCount; episode++)
        {
            foreach (var stretch in verdicts.Kept(episode).Where(stretch => stretch.Length < Least).ToList())
            {
                verdicts.Remove(episode, stretch, $"{stretch.Length} moments are fewer than {Least}");
            }

            var left = verdicts.Kept(episode).Sum(stretch => stretch.Length);
            if (left > Most)
            {
                verdicts.RemoveEpisode(episode, $"{left} moments are more than {Most}");
            }
        }
    }
}
