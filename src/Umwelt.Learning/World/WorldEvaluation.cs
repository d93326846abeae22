// How far a dream with true motors stays with what really followed, on episodes that were held out: for pictures the pooled
// signal-to-noise ratio at a few horizons beside that of copying the last real picture, for numbers the error in deviations.
using System.Collections.Immutable;
using Umwelt.Models;
using Umwelt.Moments;

namespace Umwelt.Learning;

/// <summary>Measures world models by dreaming.</summary>
public static class WorldEvaluation
{
    private static readonly int[] Horizons = [1, 4, 10, 20, 40, 100];

    /// <summary>Whether an episode of the model's channels that was held out is long enough.</summary>
    public static bool CanMeasure(WorldModel model, IReadOnlyList<Recording> recordings, EpisodeSplit split, WorldMeasure options) => Starts(model, recordings, split, options, 1).Count > 0;

    /// <summary>The figures; the first is the mean error over all channels and horizons, less is better.</summary>
    /// <param name="model">What dreams.</param>
    /// <param name="recordings">Of the model's schema.</param>
    /// <param name="split">Which episodes were held out.</param>
    /// <param name="options">How many dreams and how long.</param>
    public static IReadOnlyList<KeyValuePair<string, double>> Measure(WorldModel model, IReadOnlyList<Recording> recordings, EpisodeSplit split, WorldMeasure options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        var starts = Starts(model, recordings, split, options, options.Rows);
        var rows = starts.Count;
        var schema = model.Schema;
        var truth = new MomentBatch(schema, rows * (options.Prime + options.Horizon));
        var history = new MomentBatch(schema, rows * options.Prime);
        var last = new MomentBatch(schema, rows);
        for (var row = 0; row < rows; row++)
        {
            var from = row * (options.Prime + options.Horizon);
            starts[row].Recording.Read(starts[row].Moment, options.Prime + options.Horizon, truth, from);
            for (var t = 0; t < options.Prime; t++)
            {
                history.Copy(truth, from + t, (row * options.Prime) + t);
            }

            last.Copy(truth, from + options.Prime - 1, row);
        }

        using var dream = model.Dream(0, rows);
        dream.Prime(history, options.Prime);
        var moments = new MomentBatch(schema, rows);
        var errors = new List<KeyValuePair<string, double>>();
        var (sum, count) = (0.0, 0);
        for (var t = 0; t < options.Horizon; t++)
        {
            int At(int row) => (row * (options.Prime + options.Horizon)) + options.Prime + t;
            moments.Clear();
            for (var row = 0; row < rows; row++)
            {
                foreach (var motor in schema.Motors)
                {
                    moments.Copy(truth, motor, At(row), motor, row);
                }
            }

            // What really followed went on, so the dream does too, even where it thinks that the episode ended.
            dream.Continue(moments);
            for (var c = 0; c < schema.Channels.Length; c++)
            {
                if (schema.Channels[c] is not (ImageChannel or VectorChannel) || schema.Channels[c].Role == ChannelRole.Motor)
                {
                    continue;
                }

                var error = Error(model, truth, At, moments, c);
                (sum, count) = (sum + error, count + 1);
                if (Array.IndexOf(Horizons, t + 1) >= 0)
                {
                    var isPicture = schema.Channels[c] is ImageChannel;
                    errors.Add(new($"{schema.Channels[c].Name}_{t + 1}", isPicture ? Decibels(error) : error));
                    if (isPicture)
                    {
                        errors.Add(new($"{schema.Channels[c].Name}_copied_{t + 1}", Decibels(Error(model, truth, At, last, c))));
                    }
                }
            }
        }

        errors.Insert(0, new("error", sum / Math.Max(1, count)));
        return errors;
    }

    /// <summary>Which surprise is usual for a model on held-out episodes, a channel each; empty where none is long enough.</summary>
    /// <param name="model">What is surprised.</param>
    /// <param name="recordings">Of the model's schema.</param>
    /// <param name="split">Which episodes were held out.</param>
    /// <param name="options">How many stretches, how long, and how much comes before.</param>
    public static ImmutableArray<SurpriseScale?> Surprises(WorldModel model, IReadOnlyList<Recording> recordings, EpisodeSplit split, WorldMeasure options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        var starts = Starts(model, recordings, split, options, options.Rows);
        if (starts.Count == 0)
        {
            return [];
        }

        var channels = model.Schema.Channels.Length;
        var length = options.Prime + options.Horizon;
        var history = new MomentBatch(model.Schema, starts.Count * options.Prime);
        var next = new MomentBatch(model.Schema, starts.Count);
        for (var row = 0; row < starts.Count; row++)
        {
            starts[row].Recording.Read(starts[row].Moment, options.Prime, history, row * options.Prime);
        }

        var found = new List<double>?[channels];
        var scores = new double[starts.Count * channels];
        using var dream = model.Dream(0, starts.Count);
        dream.Prime(history, options.Prime);
        for (var t = options.Prime; t < length; t++)
        {
            for (var row = 0; row < starts.Count; row++)
            {
                starts[row].Recording.Read(starts[row].Moment + t, 1, next, row);
            }

            dream.Surprise(next, scores);
            dream.Prime(next, 1);
            for (var i = 0; i < scores.Length; i++)
            {
                if (double.IsFinite(scores[i]))
                {
                    (found[i % channels] ??= []).Add(scores[i]);
                }
            }
        }

        return [.. found.Select(surprises => SurpriseScale.Of(surprises ?? []))];
    }

    private static double Decibels(double error) => -10 * Math.Log10(Math.Max(1e-12, error));

    // Pooled over rows: pictures with 1 for the brightest, vectors in deviations.
    private static double Error(WorldModel model, MomentBatch truth, Func<int, int> at, MomentBatch guess, int channel)
    {
        var (sum, count) = (0.0, 0L);
        for (var row = 0; row < guess.Count; row++)
        {
            if (model.Schema.Channels[channel] is ImageChannel)
            {
                var real = truth.Image(channel, at(row));
                var made = guess.Image(channel, row);
                for (var i = 0; i < real.Length; i++)
                {
                    var difference = (real[i] - made[i]) / 255.0;
                    sum += difference * difference;
                }

                count += real.Length;
                continue;
            }

            var right = truth.Vector(channel, at(row));
            var guessed = guess.Vector(channel, row);
            for (var i = 0; i < right.Length; i++)
            {
                var difference = (right[i] - guessed[i]) / model.Scales[channel].Deviation[i];
                sum += difference * difference;
            }

            count += right.Length;
        }

        return sum / Math.Max(1, count);
    }

    // Spread over the held-out episodes and over each of them.
    private static List<(Recording Recording, long Moment)> Starts(WorldModel model, IReadOnlyList<Recording> recordings, EpisodeSplit split, WorldMeasure options, int most)
    {
        var length = options.Prime + options.Horizon;
        var episodes = recordings.Where(recording => recording.Schema.Equals(model.Schema)).SelectMany(recording => recording.Episodes
            .Where(episode => split.IsHeldOut(episode) && episode.Length >= length)
            .Select(episode => (Recording: recording, Episode: episode))).ToList();
        var starts = new List<(Recording, long)>();
        for (var i = 0; i < most && episodes.Count > 0; i++)
        {
            var (recording, episode) = episodes[(int)((long)i * episodes.Count / most)];
            var room = episode.Length - length;
            starts.Add((recording, episode.Start + (room * ((i * 7) % most) / Math.Max(1, most))));
        }

        return starts;
    }
}
