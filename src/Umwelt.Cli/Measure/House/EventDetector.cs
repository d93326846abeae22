// Hears what happens in the house: a network that is given the sound of three moments and says what happened in the middle one. It
// learns from real sound alone; how loud is loud enough is settled on episodes that it did not learn from.
using Umwelt.Learning.Measures;
using Umwelt.Moments;
using Umwelt.Worlds;

namespace Umwelt.Cli.Measure.House;

/// <summary>What the detector tells apart.</summary>
internal enum HeardEvent
{
    Bump,
    Step,
    Ball,
    Door,
    Bell,
}

/// <summary>What happened at a moment: what can be heard, and what may be.</summary>
internal readonly record struct HeardTruth(bool[] Certain, bool[] Possible);

internal sealed class EventDetector : IDisposable
{
    public const int Events = 5;

    /// <summary>How far from the truth an event may be heard.</summary>
    public const int Late = 1;

    private const int MostEpisodes = 24;
    private const int Seen = 3;
    private const int Repeats = 4;
    private readonly SoundFeatures _features;
    private readonly Judge _judge;
    private readonly int _hearing;
    private readonly float[] _thresholds = new float[Events];

    private EventDetector(Examination exam)
    {
        _hearing = exam.Schema.IndexOf("hearing");
        var sound = (SoundChannel)exam.Schema.Channels[_hearing];
        _features = new SoundFeatures(sound);
        _judge = new Judge(Seen * _features.Frames, SoundFeatures.Bands, sound.Ears, Events, JudgeKind.Events, exam.Options.Seed);
    }

    public static EventDetector Train(Examination exam, HouseReplay replay)
    {
        var detector = new EventDetector(exam);
        var episodes = exam.ForJudges.Take(MostEpisodes).ToArray();
        var heard = new List<(float[] Features, HeardTruth[] Truth)>();
        foreach (var episode in episodes)
        {
            exam.Cancellation.ThrowIfCancellationRequested();
            exam.Progress($"listening to real episodes: {heard.Count} of {episodes.Length}");
            var truth = new HeardTruth[episode.Length];
            var sounds = new MomentBatch(new Schema(exam.Schema.Rate, exam.Schema.Channels[detector._hearing]), (int)episode.Length);
            var state = new HouseTruth();
            replay.Walk(episode, episode.Length, (t, world, moment) =>
            {
                world.Read(0, state);
                truth[t] = Of(state);
                sounds.Copy(moment, detector._hearing, 0, 0, t);
            });
            heard.Add((detector.FeaturesOf((int)episode.Length, t => sounds.Sound(0, t)), truth));
        }

        var taught = Math.Max(1, heard.Count - Math.Max(1, heard.Count / 4));
        var items = new List<(int Episode, int Moment)>();
        for (var e = 0; e < taught; e++)
        {
            for (var t = 0; t < heard[e].Truth.Length; t++)
            {
                // Most moments hold nothing, and steps are many: what is rare comes more often.
                var rare = Enumerable.Range(0, Events).Any(i => heard[e].Truth[t].Certain[i] && i != (int)HeardEvent.Step);
                items.AddRange(Enumerable.Repeat((e, t), rare ? Repeats : 1));
            }
        }

        var steps = exam.Options.JudgeSteps;
        detector._judge.Train(
            items.Count,
            steps,
            (item, input, targets) =>
            {
                var (e, t) = items[item];
                detector.Fill(heard[e].Features, heard[e].Truth.Length, t, input);
                for (var i = 0; i < targets.Length; i++)
                {
                    targets[i] = heard[e].Truth[t].Certain[i] ? 1 : 0;
                }
            },
            step => exam.Progress($"the detector learns from real sound: step {step} of {steps}"),
            exam.Cancellation);
        detector.Settle(heard.Skip(Math.Min(taught, heard.Count - 1)).ToList());
        return detector;
    }

    /// <summary>What can be heard of a moment. A ball in another room may be heard or not.</summary>
    public static HeardTruth Of(HouseTruth truth)
    {
        var events = truth.Events;
        var isBall = (events & HouseEvents.Ball) != HouseEvents.None;
        bool[] certain =
        [
            (events & HouseEvents.Bump) != HouseEvents.None,
            (events & HouseEvents.Step) != HouseEvents.None,
            isBall && truth.Map.RoomAt(truth.Ball.X, truth.Ball.Y) == truth.Room,
            (events & (HouseEvents.DoorOpens | HouseEvents.DoorCloses)) != HouseEvents.None,
            (events & HouseEvents.Bell) != HouseEvents.None,
        ];
        return new HeardTruth(certain, [certain[0], certain[1], isBall, certain[3], certain[4]]);
    }

    /// <summary>The moments at which each event is heard in moments that follow each other.</summary>
    public List<int>[] Hear(int count, SoundAt sound) => Peaks(Say(FeaturesOf(count, sound), count), count, _thresholds);

    /// <summary>Adds what was heard against what happened: [rightly, to be heard, heard] for each event.</summary>
    public static void Count(HeardTruth[] truth, List<int>[] heard, int from, double[] sums)
    {
        for (var i = 0; i < Events; i++)
        {
            var used = new bool[heard[i].Count];
            for (var t = from; t < truth.Length; t++)
            {
                if (!truth[t].Certain[i])
                {
                    continue;
                }

                sums[(i * 3) + 1]++;
                var found = Enumerable.Range(0, used.Length).Where(k => !used[k] && Math.Abs(heard[i][k] - t) <= Late).OrderBy(k => Math.Abs(heard[i][k] - t)).DefaultIfEmpty(-1).First();
                if (found >= 0)
                {
                    used[found] = true;
                    sums[i * 3]++;
                    sums[(i * 3) + 2]++;
                }
            }

            for (var k = 0; k < used.Length; k++)
            {
                // What may or may not be heard counts neither way.
                var at = heard[i][k];
                if (!used[k] && at >= from && !Enumerable.Range(at - Late, (2 * Late) + 1).Any(t => t >= 0 && t < truth.Length && truth[t].Possible[i] && !truth[t].Certain[i]))
                {
                    sums[(i * 3) + 2]++;
                }
            }
        }
    }

    public static double F1(double[] sums, int i) => sums[(i * 3) + 1] + sums[(i * 3) + 2] > 0 ? 2 * sums[i * 3] / (sums[(i * 3) + 1] + sums[(i * 3) + 2]) : double.NaN;

    public void Dispose() => _judge.Dispose();

    private static List<int>[] Peaks(float[] said, int count, float[] thresholds)
    {
        var peaks = new List<int>[Events];
        for (var i = 0; i < Events; i++)
        {
            peaks[i] = [];
            for (var t = 0; t < count; t++)
            {
                var here = said[(t * Events) + i];
                if (here >= thresholds[i] && (t == 0 || here > said[((t - 1) * Events) + i]) && (t + 1 == count || here >= said[((t + 1) * Events) + i]))
                {
                    peaks[i].Add(t);
                }
            }
        }

        return peaks;
    }

    // The thresholds that hear best on episodes that were not learnt from.
    private void Settle(List<(float[] Features, HeardTruth[] Truth)> heard)
    {
        var said = heard.Select(episode => Say(episode.Features, episode.Truth.Length)).ToArray();
        var best = new double[Events];
        Array.Fill(best, -1);
        for (var threshold = -4f; threshold <= 4; threshold += 0.5f)
        {
            var all = new float[Events];
            Array.Fill(all, threshold);
            var sums = new double[Events * 3];
            for (var e = 0; e < heard.Count; e++)
            {
                Count(heard[e].Truth, Peaks(said[e], heard[e].Truth.Length, all), 0, sums);
            }

            for (var i = 0; i < Events; i++)
            {
                if (F1(sums, i) is var score && score > best[i])
                {
                    (best[i], _thresholds[i]) = (score, threshold);
                }
            }
        }
    }

    private float[] Say(float[] features, int count) => _judge.Say(count, (t, input, _) => Fill(features, count, t, input));

    private float[] FeaturesOf(int count, SoundAt sound)
    {
        var features = new float[count * _features.Count];
        for (var t = 0; t < count; t++)
        {
            _features.Write(sound(t), t + 1 < count ? sound(t + 1) : ReadOnlySpan<short>.Empty, features.AsSpan(t * _features.Count, _features.Count));
        }

        return features;
    }

    // [frames of three moments, bands, ears]; what is before the first and after the last moment is silent.
    private void Fill(float[] features, int count, int t, Span<float> input)
    {
        for (var k = 0; k < Seen; k++)
        {
            var part = input.Slice(k * _features.Count, _features.Count);
            var at = t + k - 1;
            if (at >= 0 && at < count)
            {
                features.AsSpan(at * _features.Count, _features.Count).CopyTo(part);
            }
            else
            {
                part.Fill(-2);
            }
        }
    }
}

/// <summary>The samples of a moment.</summary>
internal delegate ReadOnlySpan<short> SoundAt(int moment);
