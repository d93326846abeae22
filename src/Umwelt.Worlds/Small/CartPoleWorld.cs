// A pole on a cart that is pushed left or right, and is to stay up. An episode ends when the pole leans more than 12 degrees or the
// cart has left its track; every moment before counts one.
// Source: Barto, Sutton and Anderson, Neuronlike adaptive elements that can solve difficult learning control problems, 1983; the
// constants, Euler's steps of 20 ms and the end after 500 moments are those of the "CartPole-v1" that results are compared on.
using Umwelt.Moments;
using Umwelt.Storage;
using Umwelt.Worlds.Catalogue;

namespace Umwelt.Worlds.Small;

internal sealed class CartPoleWorld : World, IForkable
{
    public const double Gravity = 9.8;
    public const double CartMass = 1;
    public const double PoleMass = 0.1;
    public const double HalfLength = 0.5;
    public const double Force = 10;
    public const double Tick = 0.02;
    public const double LongestWay = 2.4;
    public const double LargestAngle = 12 * Math.PI / 180;
    public const int MomentsOfEpisode = 500;
    private const long StreamName = 0x63617274;
    private const double LargestStart = 0.05;
    private const int Pole = 0;
    private const int Push = 1;
    private const int Reward = 2;

    private static readonly Schema Outline = new(
        1 / Tick,
        new VectorChannel("pole", 4)
        {
            Names = ["place", "speed", "angle", "turn"],
            Description = "where the cart is and how fast, in metres; how the pole leans and how fast, in radians",
        },
        new CategoryChannel("push", 2, ChannelRole.Motor) { Labels = ["left", "right"] },
        new VectorChannel("reward", 1, ChannelRole.Reward),
        new CategoryChannel("end", 2, ChannelRole.End));

    private readonly CartPoleState[] _states;
    private readonly int[] _moments;

    public CartPoleWorld(int count)
        : base(Outline, count)
    {
        _states = new CartPoleState[count];
        _moments = new int[count];
    }

    public static World Open(WorldName name, WorldOptions options)
    {
        if (name.Argument is not null)
        {
            throw name.Wrong($"there is 'cartpole', no 'cartpole:{name.Argument}'");
        }

        name.Finish();
        return new CartPoleWorld(options.Count);
    }

    /// <summary>What follows from a state after a tick.</summary>
    public static CartPoleState After(CartPoleState state, bool isRight)
    {
        var (sine, cosine) = Math.SinCos(state.Angle);
        const double Mass = CartMass + PoleMass;
        var push = ((isRight ? Force : -Force) + (PoleMass * HalfLength * state.Turn * state.Turn * sine)) / Mass;
        var turning = ((Gravity * sine) - (cosine * push)) / (HalfLength * ((4.0 / 3) - (PoleMass * cosine * cosine / Mass)));
        var moving = push - (PoleMass * HalfLength * turning * cosine / Mass);
        return new CartPoleState(state.Place + (Tick * state.Speed), state.Speed + (Tick * moving), state.Angle + (Tick * state.Turn), state.Turn + (Tick * turning));
    }

    public World CreateRows(int count) => new CartPoleWorld(count);

    public void CopyRows(World source, ReadOnlySpan<int> sourceRows, ReadOnlySpan<int> rows)
    {
        var from = GoOnAs<CartPoleWorld>(source, sourceRows, rows);
        for (var i = 0; i < rows.Length; i++)
        {
            (_states[rows[i]], _moments[rows[i]]) = (from._states[sourceRows[i]], from._moments[sourceRows[i]]);
        }
    }

    protected override void Begin(int row, long seed, MomentBatch moments)
    {
        var random = RandomStream.Of(seed, StreamName);
        _states[row] = new CartPoleState(Start(), Start(), Start(), Start());
        _moments[row] = 0;
        Show(row, moments);

        double Start() => ((2 * random.NextDouble()) - 1) * LargestStart;
    }

    protected override void Advance(MomentBatch moments, ReadOnlySpan<bool> rows)
    {
        for (var row = 0; row < Count; row++)
        {
            if (!rows[row])
            {
                continue;
            }

            var state = _states[row] = After(_states[row], moments.Category(Push, row) == 1);
            moments.Vector(Reward, row)[0] = 1;
            moments.SetPresent(Reward, row);
            moments.Endings[row] = Math.Abs(state.Place) > LongestWay || Math.Abs(state.Angle) > LargestAngle ? Ending.End
                : ++_moments[row] >= MomentsOfEpisode ? Ending.Truncation
                : Ending.None;
            Show(row, moments);
        }
    }

    private void Show(int row, MomentBatch moments)
    {
        var pole = moments.Vector(Pole, row);
        (pole[0], pole[1], pole[2], pole[3]) = ((float)_states[row].Place, (float)_states[row].Speed, (float)_states[row].Angle, (float)_states[row].Turn);
        moments.SetPresent(Pole, row);
    }
}

/// <summary>Where a cart is and how fast, how its pole leans and how fast.</summary>
internal readonly record struct CartPoleState(double Place, double Speed, double Angle, double Turn);
