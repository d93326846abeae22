// Watches moments come in and says of each how surprising it is: how many deviations above what is usual, in the channel where that is most.
// Every moment is taken in after it was judged, so that nothing it holds is known before.
using Umwelt.Models;
using Umwelt.Moments;

namespace Umwelt.Cli.Watch;

/// <summary>How surprising a moment is.</summary>
/// <param name="Height">Deviations above the mean; NaN where nothing in it can be judged.</param>
/// <param name="Channel">The channel that surprises most.</param>
internal readonly record struct Surprise(double Height, string? Channel);

internal sealed class Watcher : IDisposable
{
    private readonly Dream _dream;
    private readonly double[] _scores;
    private readonly int _prime;
    private int _seen;

    /// <param name="model">Whose surprise it is.</param>
    /// <param name="prime">How many moments of an episode are taken in before one is judged.</param>
    public Watcher(WorldModel model, int prime)
    {
        if (model.Surprises.IsEmpty)
        {
            throw new CommandFailedException("nobody measured which surprise is usual for this model; a training that holds episodes out does it at its end.");
        }

        _dream = model.Dream();
        _scores = new double[model.Schema.Channels.Length];
        _prime = Math.Max(1, prime);
    }

    /// <summary>How many channels can be judged at all.</summary>
    public static int Judged(WorldModel model) => Math.Max(1, model.Surprises.Count(static scale => scale is not null));

    /// <summary>Judges a moment of one row, then takes it in.</summary>
    public Surprise Take(MomentBatch moment, bool isNew)
    {
        if (isNew)
        {
            _dream.Forget(0);
            _seen = 0;
        }

        var found = new Surprise(double.NaN, null);
        if (_seen >= _prime)
        {
            _dream.Surprise(moment, _scores, isStandardised: true);
            for (var channel = 0; channel < _scores.Length; channel++)
            {
                if (double.IsFinite(_scores[channel]) && !(_scores[channel] <= found.Height))
                {
                    found = new Surprise(_scores[channel], moment.Schema.Channels[channel].Name);
                }
            }
        }

        _dream.Prime(moment, 1);
        _seen++;
        return found;
    }

    /// <summary>The heights of the moments of some recording.</summary>
    public List<double> Usual(Recording recording, IReadOnlyList<RecordedEpisode> episodes, long most, IProgress<string>? progress, CancellationToken cancellation)
    {
        var heights = new List<double>();
        var moment = new MomentBatch(recording.Schema, 1);
        foreach (var episode in episodes)
        {
            for (var t = 0L; t < episode.Length && heights.Count < most; t++)
            {
                cancellation.ThrowIfCancellationRequested();
                recording.Read(episode.Start + t, 1, moment, 0);
                if (Take(moment, isNew: t == 0) is { Height: not double.NaN } surprise)
                {
                    heights.Add(surprise.Height);
                }

                if (t % 64 == 0)
                {
                    progress?.Report($"usual moments: {heights.Count}");
                }
            }
        }

        return heights;
    }

    public void Dispose() => _dream.Dispose();
}
