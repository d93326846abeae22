// Playing in a terminal: pictures keep their colours, keys become commands of the channels they are named after, and every
// way out leads out.
using Umwelt.Cli.Play;
using Umwelt.Moments;
using Umwelt.Worlds;
using Xunit;

namespace Umwelt.Cli.Tests.Play;

public sealed class PlayTests
{
    private static readonly Schema Body = new(
        50,
        new ImageChannel("sight", 4, 4),
        new VectorChannel("motor", 3, ChannelRole.Motor) { Names = ["forward", "strafe", "turn"], Minimum = [-1, -1, -1], Maximum = [1, 1, 1] },
        new CategoryChannel("use", 2, ChannelRole.Motor) { Labels = ["nothing", "use"] },
        new CategoryChannel("gear", 4, ChannelRole.Motor),
        new VectorChannel("arm", 2, ChannelRole.Motor) { Minimum = [1, -5], Maximum = [3, 5] },
        new TextChannel("speech"));

    [Fact]
    public void Each_cell_shows_two_pixels_in_their_own_colours()
    {
        byte[] pixels = [1, 2, 3, 10, 20, 30, 200, 100, 50, 0, 0, 255];
        var line = Assert.Single(new HalfBlocks().Draw(pixels, 2, 2, 3, 2, 1));
        Assert.Equal("\e[38;2;1;2;3m\e[48;2;200;100;50m▀\e[38;2;10;20;30m\e[48;2;0;0;255m▀\e[0m", line);
    }

    [Theory]
    [InlineData(64, 64, 80, 80, 64, 64)]
    [InlineData(64, 64, 200, 130, 128, 128)]
    [InlineData(64, 64, 32, 80, 32, 32)]
    [InlineData(160, 120, 80, 80, 80, 60)]
    [InlineData(1000, 1, 10, 10, 10, 1)]
    public void A_picture_keeps_its_proportions_and_fits(int width, int height, int columns, int rows, int outWidth, int outHeight) =>
        Assert.Equal((outWidth, outHeight), HalfBlocks.Fit(width, height, columns, rows));

    [Theory]
    [InlineData(ConsoleKey.W, 0, 1)]
    [InlineData(ConsoleKey.DownArrow, 0, -1)]
    [InlineData(ConsoleKey.A, 1, -1)]
    [InlineData(ConsoleKey.RightArrow, 2, 1)]
    public void Keys_of_games_move_what_is_named_after_them(ConsoleKey key, int number, float value)
    {
        var keys = new PlayKeys(Body.Motor);
        var commands = new MomentBatch(Body.Motor, 1);
        keys.Press(key, TimeSpan.FromSeconds(1));
        keys.Write(commands, 0, TimeSpan.FromSeconds(1));
        Assert.Equal(value, commands[0].Vector("motor")[number]);
        Assert.Equal(2, commands[0].Vector("motor").ToArray().Count(x => x == 0));
        Assert.Equal([1f, 0f], commands[0].Vector("arm").ToArray());
        keys.Write(commands, 0, TimeSpan.FromSeconds(1) + PlayKeys.Hold + TimeSpan.FromMilliseconds(1));
        Assert.Equal([0f, 0f, 0f], commands[0].Vector("motor").ToArray());
    }

    [Fact]
    public void A_button_is_pressed_once_and_a_number_key_chooses_a_category()
    {
        var keys = new PlayKeys(Body.Motor);
        var commands = new MomentBatch(Body.Motor, 1);
        keys.Press(ConsoleKey.E, TimeSpan.Zero);
        keys.Press(ConsoleKey.D3, TimeSpan.Zero);
        keys.Write(commands, 0, TimeSpan.Zero);
        Assert.Equal(1, commands[0].Category("use"));
        Assert.Equal(2, commands[0].Category("gear"));
        keys.Write(commands, 0, TimeSpan.Zero);
        Assert.Equal(0, commands[0].Category("use"));
        Assert.Contains("e or space: use", keys.Help, StringComparison.Ordinal);
    }

    [Fact]
    public void The_world_answers_the_keys_moment_by_moment_until_escape()
    {
        using var world = new Echo();
        var script = new Queue<ConsoleKey?>([ConsoleKey.W, null, ConsoleKey.P, null, ConsoleKey.N, null, ConsoleKey.R, null, ConsoleKey.Escape]);
        var screen = new StringWriter();
        var seen = new List<(float Forward, bool First)>();
        var play = new TerminalPlay(world, null, new PlayTerminal(() => script.TryDequeue(out var key) ? key : null, screen, () => (60, 30)), speed: 100);
        var count = play.Run(7, 1000, (moments, first) => seen.Add((moments[0].Vector("motor")[0], first)), TestContext.Current.CancellationToken);
        Assert.Equal([(0f, true), (1f, false), (1f, false), (0f, true)], seen);
        Assert.Equal(seen.Count, count);
        Assert.Contains("hello \\ from 7", screen.ToString().Replace("\e[31m", "!", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.DoesNotContain("\e[31m", screen.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Interrupted_it_says_how_many_moments_there_were()
    {
        using var world = new Echo();
        using var interruption = new CancellationTokenSource();
        var seen = 0;
        var play = new TerminalPlay(world, null, new PlayTerminal(() => null, TextWriter.Null, () => (60, 30)), speed: 100);
        var count = play.Run(
            7,
            long.MaxValue,
            (_, _) =>
            {
                if (++seen == 3)
                {
                    interruption.Cancel();
                }
            },
            interruption.Token);
        Assert.Equal(seen, count);
    }

    [Fact]
    public void The_house_is_walked_by_the_keys_of_games()
    {
        using var house = WorldCatalogue.Open("house");
        var help = new PlayKeys(house.Schema.Motor).Help;
        Assert.Contains("w/s or up/down: forward", help, StringComparison.Ordinal);
        Assert.Contains("a/d: strafe", help, StringComparison.Ordinal);
        Assert.Contains("left/right: turn", help, StringComparison.Ordinal);
        Assert.Contains("e or space: use", help, StringComparison.Ordinal);
    }

    private sealed class Echo() : World(Body, 1)
    {
        private long _seed;

        protected override void Begin(int row, long seed, MomentBatch moments)
        {
            _seed = seed;
            Write(moments, $"hello \\ from {seed}\e[31m");
        }

        protected override void Advance(MomentBatch moments, ReadOnlySpan<bool> rows) => Write(moments, "");

        private void Write(MomentBatch moments, string text)
        {
            moments[0].Image("sight").Fill((byte)_seed);
            moments.SetPresent(Schema.IndexOf("sight"), 0);
            moments.SetText(Schema.IndexOf("speech"), 0, text);
        }
    }
}
