// The ball hops through the house by itself: each hop takes sixteen moments and ends with a thud. After a while it rests,
// then leaves in another direction. Walls turn it back, a body that walks into it pushes it away.
using Umwelt.Worlds.House.Hearing;
using Umwelt.Worlds.House.Plan;

namespace Umwelt.Worlds.House;

internal static class HouseBall
{
    /// <summary>Moments of one hop.</summary>
    public const int HopLength = 16;

    private const double HopHeight = 0.75;
    private const double Speed = 0.045;
    private const double Friction = 0.9;

    /// <summary>Begins to hop or to rest for a chosen time.</summary>
    public static void Launch(ref HouseState state, bool isHopping)
    {
        ref var ball = ref state.Ball;
        ball.IsHopping = isHopping;
        ball.Hop = 0;
        ball.Left = isHopping ? HopLength * (8 + state.Random.NextInt32(16)) : 30 + state.Random.NextInt32(90);
        if (isHopping)
        {
            var (sine, cosine) = Trigonometry.SinCos(state.Random.NextDouble() * 2 * Math.PI);
            (ball.SpeedX, ball.SpeedY) = (Speed * cosine, Speed * sine);
        }
    }

    public static void Advance(HousePlan plan, ref HouseState state)
    {
        ref var ball = ref state.Ball;
        if (ball.IsHopping)
        {
            ball.Hop++;
            var part = (double)ball.Hop / HopLength;
            ball.Height = HousePhysics.BallRadius + (4 * HopHeight * part * (1 - part));
            if (ball.Hop == HopLength)
            {
                ball.Hop = 0;
                state.Events |= HouseEvents.Ball;
                HouseSounds.PlayAtBall(ref state);
            }
        }
        else
        {
            ball.SpeedX *= Friction;
            ball.SpeedY *= Friction;
        }

        if (--ball.Left <= 0)
        {
            Launch(ref state, !ball.IsHopping);
        }

        GiveWay(ref state);
        Roll(plan, ref state);
    }

    private static void GiveWay(ref HouseState state)
    {
        ref var ball = ref state.Ball;
        var dx = ball.X - state.X;
        var dy = ball.Y - state.Y;
        var distance = Math.Sqrt((dx * dx) + (dy * dy));
        const double reach = HousePhysics.BodyRadius + HousePhysics.BallRadius + 0.05;
        if (distance < reach && distance > 0)
        {
            var push = Math.Max(Speed, Math.Min(0.1, reach - distance));
            (ball.SpeedX, ball.SpeedY) = (dx / distance * push, dy / distance * push);
        }
    }

    private static void Roll(HousePlan plan, ref HouseState state)
    {
        ref var ball = ref state.Ball;
        if (Math.Abs(ball.SpeedX) + Math.Abs(ball.SpeedY) < 1e-4)
        {
            return;
        }

        // One direction at a time: what stops the ball in one turns it back in that one.
        var (x, y) = (ball.X, ball.Y);
        HousePhysics.Move(plan, ref state, ref ball.X, ref ball.Y, ball.SpeedX, 0, HousePhysics.BallRadius);
        var isStoppedX = Math.Abs(ball.X - x - ball.SpeedX) > 0.5 * Math.Abs(ball.SpeedX);
        var middle = ball.Y;
        HousePhysics.Move(plan, ref state, ref ball.X, ref ball.Y, 0, ball.SpeedY, HousePhysics.BallRadius);
        var isStoppedY = Math.Abs(ball.Y - middle - ball.SpeedY) > 0.5 * Math.Abs(ball.SpeedY);
        ball.SpeedX = isStoppedX ? -ball.SpeedX : ball.SpeedX;
        ball.SpeedY = isStoppedY ? -ball.SpeedY : ball.SpeedY;
    }
}
