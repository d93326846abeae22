// Balls of equal mass that bounce off the walls of a box and off each other, seen from above and heard: each bounce thuds,
// louder when harder, from the side on which it happens. Nothing rubs and nothing pulls, so the energy of motion stays what
// it was, unless the motor pushes the first ball. Equal seeds and commands give equal bits.
using Umwelt.Moments;
using Umwelt.Storage;
using Umwelt.Worlds.Catalogue;

namespace Umwelt.Worlds.Small;

internal sealed class BallsWorld : World
{
    public const double Radius = 0.08;
    public const double Rate = 20;
    public const int MostBalls = 8;
    private const int Substeps = 5;
    private const int Samples = 400;
    private const double Slowest = 0.4;
    private const double Fastest = 0.9;
    private const double PushAcceleration = 6;
    private const double LargestSpeed = 2;
    private const double WallPitch = 160;
    private const double BallPitch = 420;
    private const long StreamName = 0x62616c6c;
    private const int UsualSize = 32;
    private const int UsualLength = 600;

    private readonly int _balls;
    private readonly int _length;
    private readonly int _motor;
    private readonly Ball[] _all;
    private readonly Thuds[] _thuds;
    private readonly int[] _moments;
    private readonly DiscPicture _picture;

    public BallsWorld(int count, int balls = 2, int size = UsualSize, bool motor = false, int length = UsualLength)
        : base(SchemaOf(size, motor), count)
    {
        _balls = balls;
        _length = length;
        _motor = motor ? Schema.IndexOf("push") : -1;
        _all = new Ball[count * balls];
        _thuds = [.. Enumerable.Range(0, count).Select(_ => new Thuds(Rate * Samples))];
        _moments = new int[count];
        _picture = new DiscPicture(size);
    }

    public static World Open(WorldName name, WorldOptions options)
    {
        var balls = name.Argument is { } argument ? name.Integer(argument, "the number of balls", 1, MostBalls) : 2;
        var size = name.Integer("size", UsualSize, 16, 256);
        var motor = name.Flag("motor");
        var length = name.Integer("length", UsualLength, 1, 1_000_000);
        name.Finish();
        return new BallsWorld(options.Count, balls, size, motor, length);
    }

    /// <summary>The hidden truth of a row.</summary>
    public Span<Ball> Balls(int row) => _all.AsSpan(row * _balls, _balls);

    protected override void Begin(int row, long seed, MomentBatch moments)
    {
        var random = RandomStream.Of(seed, StreamName);
        var balls = Balls(row);
        Place(balls, ref random);
        foreach (ref var ball in balls)
        {
            var (direction, speed) = (2 * Math.PI * random.NextDouble(), Slowest + ((Fastest - Slowest) * random.NextDouble()));
            (ball.SpeedX, ball.SpeedY) = (speed * Math.Cos(direction), speed * Math.Sin(direction));
        }

        _moments[row] = 0;
        _thuds[row].Silence();
        moments.SetPresent(1, row);
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

            var balls = Balls(row);
            if (_motor >= 0)
            {
                Push(ref balls[0], moments.Vector(_motor, row));
            }

            for (var substep = 0; substep < Substeps; substep++)
            {
                Move(balls, _thuds[row], substep * Samples / Substeps);
            }

            _thuds[row].Play(moments.Sound(1, row));
            moments.SetPresent(1, row);
            moments.Endings[row] = ++_moments[row] >= _length ? Ending.Truncation : Ending.None;
            Show(row, moments);
        }
    }

    private static Schema SchemaOf(int size, bool motor)
    {
        Channel[] push = motor ? [new VectorChannel("push", 2, ChannelRole.Motor) { Names = ["right", "down"], Minimum = [-1, -1], Maximum = [1, 1] }] : [];
        return new Schema(Rate, [new ImageChannel("sight", size, size), new SoundChannel("hearing", Samples, 2), .. push]);
    }

    // Where chance finds no free place for a ball, all stand on a grid, where eight have room.
    private static void Place(Span<Ball> balls, ref RandomStream random)
    {
        const int Tries = 100;
        for (var i = 0; i < balls.Length; i++)
        {
            var isFree = false;
            for (var attempt = 0; attempt < Tries && !isFree; attempt++)
            {
                balls[i].X = Radius + ((1 - (2 * Radius)) * random.NextDouble());
                balls[i].Y = Radius + ((1 - (2 * Radius)) * random.NextDouble());
                isFree = true;
                for (var j = 0; j < i; j++)
                {
                    isFree &= Distance(balls[i], balls[j]) > 2 * Radius;
                }
            }

            if (!isFree)
            {
                for (var j = 0; j < balls.Length; j++)
                {
                    (balls[j].X, balls[j].Y) = ((j % 3 * 0.3) + 0.2, (j / 3 * 0.3) + 0.2);
                }

                return;
            }
        }
    }

    private static void Push(ref Ball ball, ReadOnlySpan<float> push)
    {
        ball.SpeedX += push[0] * PushAcceleration / Rate;
        ball.SpeedY += push[1] * PushAcceleration / Rate;
        var speed = Math.Sqrt((ball.SpeedX * ball.SpeedX) + (ball.SpeedY * ball.SpeedY));
        if (speed > LargestSpeed)
        {
            ball.SpeedX *= LargestSpeed / speed;
            ball.SpeedY *= LargestSpeed / speed;
        }
    }

    private static void Move(Span<Ball> balls, Thuds thuds, int sample)
    {
        const double Time = 1 / Rate / Substeps;
        foreach (ref var ball in balls)
        {
            ball.X = Reflected(ball.X + (ball.SpeedX * Time), ref ball.SpeedX, ball.X, thuds, sample);
            ball.Y = Reflected(ball.Y + (ball.SpeedY * Time), ref ball.SpeedY, ball.X, thuds, sample);
        }

        for (var i = 0; i < balls.Length; i++)
        {
            for (var j = i + 1; j < balls.Length; j++)
            {
                Collide(ref balls[i], ref balls[j], thuds, sample);
            }
        }
    }

    // A wall turns the way around: what would lie behind it lies as far before it.
    private static double Reflected(double place, ref double speed, double x, Thuds thuds, int sample)
    {
        const double Least = Radius;
        const double Most = 1 - Radius;
        if (place is >= Least and <= Most)
        {
            return place;
        }

        speed = -speed;
        thuds.Add(sample, Math.Abs(speed), x, WallPitch);
        return place < Least ? (2 * Least) - place : (2 * Most) - place;
    }

    // Equal masses exchange their speeds along the line between them and keep those across it.
    private static void Collide(ref Ball one, ref Ball other, Thuds thuds, int sample)
    {
        var distance = Distance(one, other);
        if (distance is >= 2 * Radius or 0)
        {
            return;
        }

        var (x, y) = ((other.X - one.X) / distance, (other.Y - one.Y) / distance);
        var approach = ((one.SpeedX - other.SpeedX) * x) + ((one.SpeedY - other.SpeedY) * y);
        if (approach <= 0)
        {
            return;
        }

        one.SpeedX -= approach * x;
        one.SpeedY -= approach * y;
        other.SpeedX += approach * x;
        other.SpeedY += approach * y;
        thuds.Add(sample, approach, (one.X + other.X) / 2, BallPitch);
    }

    private static double Distance(in Ball one, in Ball other) =>
        Math.Sqrt(((one.X - other.X) * (one.X - other.X)) + ((one.Y - other.Y) * (one.Y - other.Y)));

    private void Show(int row, MomentBatch moments)
    {
        var pixels = moments.Image(0, row);
        _picture.Clear(pixels);
        var balls = Balls(row);
        for (var i = 0; i < balls.Length; i++)
        {
            _picture.Draw(pixels, balls[i].X, balls[i].Y, Radius, i);
        }

        moments.SetPresent(0, row);
    }

    /// <summary>A place in the unit square, from the left and the top, and a speed in squares a second.</summary>
    public struct Ball
    {
        public double X;
        public double Y;
        public double SpeedX;
        public double SpeedY;
    }
}
