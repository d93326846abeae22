// The pendulum of the control literature: a rod on a motor too weak to lift it at once. Its angle is 0 upright; the motor's
// torque and gravity turn it, its speed is bounded, and what is lost by not standing still upright is the reward.
// The equations are those of the classic "Pendulum" task, in double; equal seeds and commands give equal bits.
using Umwelt.Moments;
using Umwelt.Storage;
using Umwelt.Worlds.Catalogue;

namespace Umwelt.Worlds.Small;

internal sealed class PendulumWorld : World, IForkable
{
    public const double Gravity = 10;
    public const double Mass = 1;
    public const double Length = 1;
    public const double Tick = 0.05;
    public const double LargestTorque = 2;
    public const double LargestSpeed = 8;
    public const int MomentsOfEpisode = 200;
    private const long StreamName = 0x70656e64;
    private const int UsualSize = 64;

    private readonly double[] _angles;
    private readonly double[] _speeds;
    private readonly int[] _moments;
    private readonly int _arm;
    private readonly int _torque;
    private readonly int _reward;
    private readonly RodPicture? _picture;

    /// <summary>Without a picture where the size is 0.</summary>
    public PendulumWorld(int count, int pictureSize = 0)
        : base(SchemaOf(pictureSize), count)
    {
        _angles = new double[count];
        _speeds = new double[count];
        _moments = new int[count];
        _arm = Schema.IndexOf("arm");
        _torque = Schema.IndexOf("torque");
        _reward = Schema.IndexOf("reward");
        _picture = pictureSize > 0 ? new RodPicture(pictureSize) : null;
    }

    public static World Open(WorldName name, WorldOptions options)
    {
        var size = name.Argument switch
        {
            null => 0,
            "pixels" => name.Integer("size", UsualSize, 16, 256),
            var other => throw name.Wrong($"a pendulum is 'pendulum' or 'pendulum:pixels', not '{other}'"),
        };
        name.Finish();
        return new PendulumWorld(options.Count, size);
    }

    /// <summary>The hidden truth: angle from upright and its speed.</summary>
    public (double Angle, double Speed) State(int row) => (_angles[row], _speeds[row]);

    /// <summary>Puts a row into a state, for laws about it.</summary>
    public void Set(int row, double angle, double speed) => (_angles[row], _speeds[row]) = (angle, speed);

    public World CreateRows(int count) => new PendulumWorld(count, _picture is null ? 0 : Schema.Channels[0].Shape[0]);

    public void CopyRows(World source, ReadOnlySpan<int> sourceRows, ReadOnlySpan<int> rows)
    {
        var from = GoOnAs<PendulumWorld>(source, sourceRows, rows);
        for (var i = 0; i < rows.Length; i++)
        {
            var (here, there) = (rows[i], sourceRows[i]);
            (_angles[here], _speeds[here], _moments[here]) = (from._angles[there], from._speeds[there], from._moments[there]);
        }
    }

    protected override void Begin(int row, long seed, MomentBatch moments)
    {
        var random = RandomStream.Of(seed, StreamName);
        _angles[row] = ((2 * random.NextDouble()) - 1) * Math.PI;
        _speeds[row] = (2 * random.NextDouble()) - 1;
        _moments[row] = 0;
        Show(row, moments);
    }

    protected override void Advance(MomentBatch moments, ReadOnlySpan<bool> rows)
    {
        for (var row = 0; row < Count; row++)
        {
            if (!rows[row])
            {
                continue;
            }

            double torque = moments.Vector(_torque, row)[0];
            var (angle, speed) = (_angles[row], _speeds[row]);
            var fromUpright = angle - (2 * Math.PI * Math.Floor((angle + Math.PI) / (2 * Math.PI)));
            var cost = (fromUpright * fromUpright) + (0.1 * speed * speed) + (0.001 * torque * torque);
            speed += ((3 * Gravity / (2 * Length) * Math.Sin(angle)) + (3 / (Mass * Length * Length) * torque)) * Tick;
            speed = Math.Clamp(speed, -LargestSpeed, LargestSpeed);
            _speeds[row] = speed;
            _angles[row] = angle + (speed * Tick);
            moments.Vector(_reward, row)[0] = (float)-cost;
            moments.SetPresent(_reward, row);
            moments.Endings[row] = ++_moments[row] >= MomentsOfEpisode ? Ending.Truncation : Ending.None;
            Show(row, moments);
        }
    }

    private static Schema SchemaOf(int pictureSize)
    {
        Channel[] picture = pictureSize > 0 ? [new ImageChannel("sight", pictureSize, pictureSize)] : [];
        return new Schema(
            1 / Tick,
            [
                .. picture,
                new VectorChannel("arm", 3)
                {
                    Names = ["cos", "sin", "speed"],
                    Minimum = [-1, -1, -(float)LargestSpeed],
                    Maximum = [1, 1, (float)LargestSpeed],
                    Description = "the angle from upright and its speed in radians a second",
                },
                new VectorChannel("torque", 1, ChannelRole.Motor) { Minimum = [-(float)LargestTorque], Maximum = [(float)LargestTorque] },
                new VectorChannel("reward", 1, ChannelRole.Reward),
            ]);
    }

    private void Show(int row, MomentBatch moments)
    {
        var arm = moments.Vector(_arm, row);
        arm[0] = (float)Math.Cos(_angles[row]);
        arm[1] = (float)Math.Sin(_angles[row]);
        arm[2] = (float)_speeds[row];
        moments.SetPresent(_arm, row);
        if (_picture is not null)
        {
            _picture.Draw(moments.Image(0, row), _angles[row]);
            moments.SetPresent(0, row);
        }
    }
}
