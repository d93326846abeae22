// Which episodes are held out from training. An episode's side follows from its stream and its number alone, so it keeps its
// side when a recording grows: what was once held out is never trained on.
using Umwelt.Storage;

namespace Umwelt.Moments;

/// <summary>Divides episodes into those to train on and those held out.</summary>
/// <param name="HeldOutShare">The share that is held out, from 0 to 1. Each episode is drawn by itself, so that of few episodes
/// the share is rough.</param>
/// <param name="Seed">Names the draw.</param>
public sealed record EpisodeSplit(double HeldOutShare, long Seed = 0)
{
    private const long Purpose = 0x73706c6974;

    /// <summary>Whether an episode is held out.</summary>
    public bool IsHeldOut(RecordedEpisode episode) =>
        RandomStream.Of(Purpose, Seed, episode.Stream, episode.Number).NextDouble() < HeldOutShare;
}
