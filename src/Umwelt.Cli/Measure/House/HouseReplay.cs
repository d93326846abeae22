// The hidden truth of a recording of the house, which holds none: the same seed and the same commands lead through the same
// house again. Before anything is believed, some episodes are compared with what was recorded, bit for bit.
using Umwelt.Learning.Measures;
using Umwelt.Moments;
using Umwelt.Storage;
using Umwelt.Worlds;
using Umwelt.Worlds.House;

namespace Umwelt.Cli.Measure.House;

internal sealed class HouseReplay : IHiddenTruth, IDisposable
{
    private const int ReadAtOnce = 128;
    private const int Checked = 3;
    private const int CheckedMoments = 400;
    private const int Poses = 4;
    private readonly Recording _recording;
    private readonly HouseWorld _world;
    private readonly HouseWorld _scratch;
    private readonly MomentBatch _moment;
    private readonly MomentBatch _command;
    private readonly MomentBatch _read;
    private readonly int[] _motors;
    private readonly HouseTruth _truth = new();

    private HouseReplay(Recording recording, HouseOptions options)
    {
        Options = options with { EpisodeLength = int.MaxValue };
        _recording = recording;
        _world = new HouseWorld(1, Options);
        _scratch = new HouseWorld(1, Options);
        _moment = new MomentBatch(_world.Schema, 1);
        _command = new MomentBatch(_world.Schema.Motor, 1);
        _read = new MomentBatch(_world.Schema.Motor, ReadAtOnce);
        _motors = [.. recording.Schema.Motors];
        _scratch.Reset(0, 0, _moment);
    }

    /// <summary>The house, without a limit to its episodes.</summary>
    public HouseOptions Options { get; }

    public Recording Recording => _recording;

    /// <summary>The replay of a recording, or null with the reason why there is none.</summary>
    public static HouseReplay? Open(Recording recording, out string problem)
    {
        var origin = recording.Provenance.Origin;
        if (origin is null || !(origin == "house" || origin.StartsWith("house:", StringComparison.Ordinal) || origin.StartsWith("house?", StringComparison.Ordinal)))
        {
            problem = $"the recording is from '{origin ?? "nowhere known"}', not from the house";
            return null;
        }

        HouseOptions options;
        try
        {
            using var world = WorldCatalogue.Open(origin);
            options = ((HouseWorld)world).Options;
        }
        catch (ArgumentException error)
        {
            problem = $"its origin '{origin}' can't be opened again ({error.Message})";
            return null;
        }

        var replay = new HouseReplay(recording, options);
        problem = replay.Problem() ?? "";
        if (problem.Length == 0)
        {
            return replay;
        }

        replay.Dispose();
        return null;
    }

    /// <summary>Whether an episode can be lived again: its beginning is there.</summary>
    public static bool CanReplay(RecordedEpisode episode) => episode.Offset == 0;

    /// <summary>Lives through an episode up to a moment and shows the house at each, the first included.</summary>
    public void Walk(RecordedEpisode episode, long count, Action<int, HouseWorld, MomentBatch> visit)
    {
        _world.Reset(0, episode.Seed, _moment);
        visit(0, _world, _moment);
        for (var t = 1; t < count; t++)
        {
            var slot = (t - 1) % ReadAtOnce;
            if (slot == 0)
            {
                _recording.Read(episode.Start + t, (int)Math.Min(ReadAtOnce, episode.Length - t), _read, 0, _motors);
            }

            for (var m = 0; m < _motors.Length; m++)
            {
                _command.Copy(_read, m, slot, m, 0);
            }

            _world.Step(_command, _moment);
            visit(t, _world, _moment);
        }
    }

    public void Attach(Excerpts real, int moment)
    {
        foreach (var rows in Enumerable.Range(0, real.Rows).GroupBy(row => real.Groups[row]))
        {
            var episode = real.Places[rows.First()].Episode;
            var wanted = rows.ToLookup(row => (int)(real.Places[row].First - episode.Start) + moment);
            Walk(episode, wanted.Max(entry => entry.Key) + 1, (t, world, _) =>
            {
                if (wanted.Contains(t))
                {
                    var truth = world.Truth(0);
                    foreach (var row in wanted[t])
                    {
                        real.States[row] = truth;
                    }
                }
            });
        }
    }

    public double? ErrorOff(Excerpts real, int row, int prime, int horizon)
    {
        if (real.States[row] is not HouseTruth state || OffBy(horizon) is not { } off)
        {
            return null;
        }

        Follow(state, real, row, prime, horizon);
        _scratch.Read(0, _truth);
        var truth = _moment.Image(real.Moments.Schema.IndexOf("sight"), 0);
        var picture = new byte[truth.Length];
        var random = RandomStream.Of(0x706f7365, real.Places[row].First, horizon);
        var sum = 0.0;
        for (var i = 0; i < Poses; i++)
        {
            _scratch.Render(0, Off(_truth, off, ref random), picture);
            sum += PictureScores.SquaredError(picture, truth) / truth.Length;
        }

        return sum / Poses;
    }

    public double? Light(Excerpts real, int row, int later)
    {
        if (real.States[row] is not HouseTruth truth)
        {
            return null;
        }

        var state = truth.State;
        state.Clock += later;
        return HouseSimulation.Daylight(state);
    }

    public void Dispose()
    {
        _world.Dispose();
        _scratch.Dispose();
    }

    private static (double Angle, double Distance)? OffBy(int horizon) => horizon switch
    {
        1 => (0.5, 0.02),
        20 => (2, 0.05),
        100 => (5, 0.15),
        _ => null,
    };

    // Turned to either side and moved to any, as far as a body could stand there; what no chance finds is turned alone.
    private static HousePose Off(HouseTruth truth, (double Angle, double Distance) off, ref RandomStream random)
    {
        var heading = truth.Pose.Heading + ((random.NextInt32(2) == 0 ? 1 : -1) * off.Angle * Math.PI / 180);
        for (var trial = 0; trial < 50; trial++)
        {
            var direction = random.NextDouble() * 2 * Math.PI;
            var pose = new HousePose(truth.Pose.X + (off.Distance * Math.Cos(direction)), truth.Pose.Y + (off.Distance * Math.Sin(direction)), heading);
            if (truth.Map.IsFree(pose.X, pose.Y))
            {
                return pose;
            }
        }

        return truth.Pose with { Heading = heading };
    }

    // The state at a horizon: from the last primed moment with the recorded commands.
    private void Follow(HouseTruth state, Excerpts real, int row, int prime, int horizon)
    {
        _scratch.Restore(0, state);
        for (var t = 0; t < horizon; t++)
        {
            for (var m = 0; m < _motors.Length; m++)
            {
                _command.Copy(real.Moments, _motors[m], real.At(row, prime + t), m, 0);
            }

            _scratch.Step(_command, _moment);
        }
    }

    private string? Problem()
    {
        if (!_recording.Schema.Equals(_world.Schema))
        {
            return $"its channels are not those of '{_recording.Provenance.Origin}'";
        }

        var episodes = _recording.Episodes.Where(CanReplay).ToArray();
        if (episodes.Length == 0)
        {
            return "no episode has its beginning";
        }

        var recorded = new MomentBatch(_recording.Schema, 1);
        for (var i = 0; i < Math.Min(Checked, episodes.Length); i++)
        {
            var episode = episodes[(int)((long)i * (episodes.Length - 1) / Math.Max(1, Checked - 1))];
            var different = -1;
            Walk(episode, Math.Min(CheckedMoments, episode.Length), (t, _, moment) =>
            {
                _recording.Read(episode.Start + t, 1, recorded);
                for (var c = 0; different < 0 && c < recorded.Schema.Channels.Length; c++)
                {
                    different = moment.Bytes(c, 0).SequenceEqual(recorded.Bytes(c, 0)) ? different : t;
                }
            });
            if (different >= 0)
            {
                return $"living through stream {episode.Stream}, episode {episode.Number} again gives other bytes from moment {different} on: it was recorded by another version, or changed since";
            }
        }

        return null;
    }
}
