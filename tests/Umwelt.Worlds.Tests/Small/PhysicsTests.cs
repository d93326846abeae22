// The laws of motion of the small worlds: energy, reflections, the pendulum's equations, and sound that follows bounces.
using Umwelt.Moments;
using Umwelt.Worlds.Small;
using Xunit;

namespace Umwelt.Worlds.Tests.Small;

public sealed class PhysicsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(8)]
    public void Bounces_keep_the_energy_and_the_balls_inside(int balls)
    {
        using var world = new BallsWorld(1, balls);
        var moments = new MomentBatch(world.Schema, 1);
        var commands = new MomentBatch(world.Schema.Motor, 1);
        for (var seed = 0; seed < 5; seed++)
        {
            world.Reset(0, seed, moments);
            var energy = Energy(world);
            for (var step = 0; step < 500; step++)
            {
                world.Step(commands, moments);
                Assert.Equal(energy, Energy(world), energy * 1e-9);
                foreach (var ball in world.Balls(0))
                {
                    Assert.InRange(ball.X, BallsWorld.Radius, 1 - BallsWorld.Radius);
                    Assert.InRange(ball.Y, BallsWorld.Radius, 1 - BallsWorld.Radius);
                }
            }
        }
    }

    [Fact]
    public void A_wall_turns_one_direction_of_a_speed_and_keeps_the_other()
    {
        using var world = new BallsWorld(1, 1);
        var moments = new MomentBatch(world.Schema, 1);
        world.Reset(0, 1, moments);
        world.Balls(0)[0] = new BallsWorld.Ball { X = 0.9, Y = 0.5, SpeedX = 1, SpeedY = 0.25 };
        world.Step(new MomentBatch(world.Schema.Motor, 1), moments);

        var ball = world.Balls(0)[0];
        Assert.Equal((-1, 0.25), (ball.SpeedX, ball.SpeedY));
        Assert.Equal((2 * (1 - BallsWorld.Radius)) - 0.95, ball.X, 1e-12);
    }

    [Fact]
    public void Balls_that_meet_head_on_exchange_their_speeds()
    {
        using var world = new BallsWorld(1, 2);
        var moments = new MomentBatch(world.Schema, 1);
        world.Reset(0, 1, moments);
        world.Balls(0)[0] = new BallsWorld.Ball { X = 0.4, Y = 0.5, SpeedX = 0.8 };
        world.Balls(0)[1] = new BallsWorld.Ball { X = 0.57, Y = 0.5, SpeedX = -0.2 };
        world.Step(new MomentBatch(world.Schema.Motor, 1), moments);

        Assert.Equal(-0.2, world.Balls(0)[0].SpeedX, 1e-12);
        Assert.Equal(0.8, world.Balls(0)[1].SpeedX, 1e-12);
    }

    [Theory]
    [InlineData(0.1, 0)]
    [InlineData(0.9, 1)]
    public void A_bounce_is_heard_louder_in_the_nearer_ear_and_silence_without_one(double place, int nearer)
    {
        using var world = new BallsWorld(1, 1);
        var moments = new MomentBatch(world.Schema, 1);
        world.Reset(0, 1, moments);
        world.Balls(0)[0] = new BallsWorld.Ball { X = 0.5, Y = 0.5 };
        world.Step(new MomentBatch(world.Schema.Motor, 1), moments);
        Assert.False(moments[0].Sound("hearing").ContainsAnyExcept((short)0));

        world.Balls(0)[0] = new BallsWorld.Ball { X = place, Y = 0.5, SpeedX = place < 0.5 ? -1 : 1 };
        world.Step(new MomentBatch(world.Schema.Motor, 1), moments);
        var loudness = new double[2];
        var sound = moments[0].Sound("hearing");
        for (var i = 0; i < sound.Length; i++)
        {
            loudness[i % 2] += Math.Abs((double)sound[i]);
        }

        Assert.True(loudness[nearer] > 2 * loudness[1 - nearer], $"{loudness[0]} left, {loudness[1]} right");
        Assert.True(loudness[1 - nearer] > 0);
    }

    [Fact]
    public void A_ball_shows_where_it_is()
    {
        using var world = new BallsWorld(1, 1, size: 64);
        var moments = new MomentBatch(world.Schema, 1);
        world.Reset(0, 1, moments);
        world.Balls(0)[0] = new BallsWorld.Ball { X = 0.25, Y = 0.75 };
        world.Step(new MomentBatch(world.Schema.Motor, 1), moments);

        var (x, y, weight) = (0.0, 0.0, 0.0);
        var pixels = moments[0].Image("sight");
        for (var i = 0; i < 64 * 64; i++)
        {
            var light = pixels[i * 3] - 24.0;
            (x, y, weight) = (x + (light * ((i % 64) + 0.5)), y + (light * ((i / 64) + 0.5)), weight + light);
        }

        Assert.Equal(16, x / weight, 0.1);
        Assert.Equal(48, y / weight, 0.1);
    }

    [Fact]
    public void The_pendulum_follows_its_equations()
    {
        using var world = new PendulumWorld(1);
        var moments = new MomentBatch(world.Schema, 1);
        var commands = new MomentBatch(world.Schema.Motor, 1);
        world.Reset(0, 1, moments);
        commands.SetPresent(0, 0);
        world.Set(0, 0.3, -0.5);
        commands.Vector(0, 0)[0] = 1.5f;
        world.Step(commands, moments);

        // Angular acceleration 3 g / (2 l) sin(angle) + 3 u / (m l^2), speed before angle, the reward of the state before.
        var speed = -0.5 + (((15 * Math.Sin(0.3)) + 4.5) * 0.05);
        Assert.Equal(speed, world.State(0).Speed, 1e-12);
        Assert.Equal(0.3 + (speed * 0.05), world.State(0).Angle, 1e-12);
        Assert.Equal(-(0.09 + (0.1 * 0.25) + (0.001 * 2.25)), moments[0].Vector("reward")[0], 1e-6);
        Assert.Equal(Math.Cos(world.State(0).Angle), moments[0].Vector("arm")[0], 1e-6);
    }

    [Fact]
    public void A_pendulum_left_alone_keeps_its_energy_on_the_whole()
    {
        using var world = new PendulumWorld(1);
        var moments = new MomentBatch(world.Schema, 1);
        var commands = new MomentBatch(world.Schema.Motor, 1);
        world.Reset(0, 1, moments);
        commands.SetPresent(0, 0);
        world.Set(0, Math.PI - 0.1, 0);
        var energy = Energy(world.State(0));
        for (var step = 0; step < PendulumWorld.MomentsOfEpisode; step++)
        {
            world.Step(commands, moments);

            // Small swings about the rest below: the symplectic step keeps their energy to a part of its swing.
            Assert.InRange(Energy(world.State(0)), 0.7 * energy, 1.4 * energy);
        }

        Assert.Equal(Ending.Truncation, moments[0].Ending);
    }

    private static double Energy(BallsWorld world)
    {
        var energy = 0.0;
        foreach (var ball in world.Balls(0))
        {
            energy += 0.5 * ((ball.SpeedX * ball.SpeedX) + (ball.SpeedY * ball.SpeedY));
        }

        return energy;
    }

    // Of the rest below: half the square of the speed, and 3 g / (2 l) times the height.
    private static double Energy((double Angle, double Speed) state) => (0.5 * state.Speed * state.Speed) + (15 * (1 + Math.Cos(state.Angle)));

    [Fact]
    public void Where_forces_balance_a_cart_and_its_pole_move_as_the_published_equations_say()
    {
        // By hand for a pole that is upright: -20 N / 1.1 kg on the pole's end through 4/3 - 1/11 of half a metre.
        var after = CartPoleWorld.After(default, isRight: true);
        var turning = -(10 / 1.1) / (0.5 * ((4.0 / 3) - (0.1 / 1.1)));
        Assert.Equal(0, after.Place);
        Assert.Equal(0, after.Angle);
        Assert.Equal(0.02 * turning, after.Turn, 1e-15);
        Assert.Equal(0.02 * ((10 / 1.1) - (0.05 * turning / 1.1)), after.Speed, 1e-15);

        var left = CartPoleWorld.After(new CartPoleState(0.1, 0.2, -0.05, 0.3), isRight: false);
        var right = CartPoleWorld.After(new CartPoleState(-0.1, -0.2, 0.05, -0.3), isRight: true);
        Assert.Equal(left, new CartPoleState(-right.Place, -right.Speed, -right.Angle, -right.Turn));
    }

    [Fact]
    public void A_pole_pushed_one_way_alone_falls_and_one_pushed_under_its_top_stands_to_the_last_moment()
    {
        using var world = new CartPoleWorld(2);
        var (moments, commands) = (new MomentBatch(world.Schema, 2), new MomentBatch(world.Schema.Motor, 2));
        commands.SetPresent(0, 0);
        commands.SetPresent(0, 1);
        world.Reset(0, 3, moments);
        world.Reset(1, 3, moments);
        var (fell, stood) = (0, 0);
        for (var running = (bool[])[true, true]; running.Contains(true); running = [running[0] && moments.Endings[0] == Ending.None, running[1] && moments.Endings[1] == Ending.None])
        {
            var pole = moments[1].Vector("pole");
            commands.Category(0, 1) = pole[2] + (0.5f * pole[3]) + (0.02f * pole[0]) + (0.1f * pole[1]) > 0 ? 1 : 0;
            (fell, stood) = (fell + (running[0] ? 1 : 0), stood + (running[1] ? 1 : 0));
            world.Step(commands, moments, running);
        }

        Assert.InRange(fell, 8, 12);
        Assert.Equal((CartPoleWorld.MomentsOfEpisode, Ending.Truncation, Ending.End), (stood, moments.Endings[1], moments.Endings[0]));
    }
}
