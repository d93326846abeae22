// A world behind an address keeps the laws of worlds; what its server says in JSON Schema becomes channels; what it does wrong is one line.
using Umwelt.Moments;
using Umwelt.Worlds.Probe;
using Xunit;

namespace Umwelt.Worlds.Tests.OpenEnv;

public sealed class OpenEnvWorldTests
{
    [Fact]
    public void Spaces_become_channels_by_what_is_said_and_what_is_seen_first()
    {
        using var server = new FakeServer();
        using var world = Open(server, settings: "?rate=5");
        Channel[] wanted =
        [
            new VectorChannel("place", 2),
            new ImageChannel("picture", 1, 2),
            new CategoryChannel("body.gear", 3),
            new TextChannel("body.words"),
            new CategoryChannel("gear", 3, ChannelRole.Motor) { Labels = ["back", "stand", "on"] },
            new VectorChannel("push", 2, ChannelRole.Motor) { Minimum = [-1, -1], Maximum = [1, 1] },
            new CategoryChannel("light", 2, ChannelRole.Motor) { Labels = ["false", "true"] },
            new CategoryChannel("level", 5, ChannelRole.Motor),
            new VectorChannel("reward", 1, ChannelRole.Reward),
            new CategoryChannel("end", 2, ChannelRole.End),
        ];
        Assert.Equal(new Schema(5, wanted), world.Schema);
    }

    [Fact]
    public void A_command_after_moment_k_shows_in_moment_k_plus_one()
    {
        using var server = new FakeServer();
        var report = WorldProbe.Run(count => Open(server, count), 40, 3, null, TestContext.Current.CancellationToken);
        Assert.Null(report.Difference);
        Assert.Equal(1, report.Ends);
        foreach (var motor in report.Delays.GroupBy(delay => delay.Motor, StringComparer.Ordinal))
        {
            Assert.Equal(1, motor.Min(delay => delay.Moments));
        }
    }

    [Fact]
    public void Values_are_the_servers_own_and_a_row_alone_is_the_row_in_a_batch()
    {
        using var server = new FakeServer();
        using var world = Open(server);
        var (moments, commands) = Begin(world, 7);
        Assert.Equal([7f, 0f], moments[0].Vector("place").ToArray());
        Assert.False(moments[0].Has("reward"));
        commands[0].Category("gear") = 2;
        commands[0].Vector("push")[0] = 0.5f;
        commands[0].Category("light") = 1;
        commands[0].Category("level") = 3;
        world.Step(commands, moments);
        Assert.Equal([8.5f, 310f], moments[0].Vector("place").ToArray());
        Assert.Equal([1, 2, 3, 4, 5, 6], moments[0].Image("picture").ToArray());
        Assert.Equal((2, "höre", 1f), (moments[0].Category("body.gear"), moments[0].Text("body.words"), moments[0].Vector("reward")[0]));

        using var many = Open(server, 3);
        var rows = WorldLives.Signs(many, 40, 33);
        using var one = Open(server);
        Assert.Equal(WorldLives.Signs(one, 1040, 33)[0], rows[1]);
    }

    [Theory]
    [InlineData("""{"type":"error","data":{"message":"the motor\nis hot","code":"X"}}""", "the server refused: the motor is hot")]
    [InlineData("""{"type":"applause","data":{}}""", "answered with 'applause'")]
    [InlineData("""[]""", "no message of OpenEnv")]
    [InlineData("""nonsense""", "no message of OpenEnv")]
    [InlineData("""{"type":"observation","data":{"observation":{"Place":[1]},"done":false}}""", "channel 'place' of the server: it has 1 numbers, not 2")]
    [InlineData("""{"type":"observation","data":{"observation":{"Place":[1,"x"]},"done":false}}""", "channel 'place' of the server: it holds what is no number")]
    [InlineData("""{"type":"observation","data":{"observation":{"body":{"gear":3}},"done":false}}""", "channel 'body.gear' of the server: it is none of its 3")]
    public void What_a_server_does_wrong_is_one_line(string answer, string said)
    {
        using var server = new FakeServer { Instead = answer };
        using var world = Open(server);
        var (moments, commands) = Begin(world, 1);
        var error = Assert.Throws<WorldException>(() => world.Step(commands, moments));
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
        Assert.Throws<WorldException>(() => world.Reset(0, 1, moments));
    }

    [Fact]
    public void A_server_that_goes_or_is_not_there_is_said()
    {
        using var server = new FakeServer { Leaves = true };
        using var world = Open(server);
        var (moments, commands) = Begin(world, 1);
        Assert.Contains("the server has closed the connection: it is late", Assert.Throws<WorldException>(() => world.Step(commands, moments)).Message, StringComparison.Ordinal);
        server.Dispose();
        Assert.Contains("there is no OpenEnv server at http://127.0.0.1", Assert.Throws<WorldException>(() => Open(server)).Message, StringComparison.Ordinal);
        Assert.Contains("no address", Assert.Throws<ArgumentException>(static () => WorldCatalogue.Open("openenv:file:///etc/passwd")).Message, StringComparison.Ordinal);
    }

    private static (MomentBatch Moments, MomentBatch Commands) Begin(World world, long seed)
    {
        var moments = new MomentBatch(world.Schema, 1);
        var commands = new MomentBatch(world.Schema.Motor, 1);
        world.Reset(0, seed, moments);
        new StillOccupant(world.Schema.Motor).Act(moments, commands, [true]);
        return (moments, commands);
    }

    private static World Open(FakeServer server, int count = 1, string settings = "") =>
        WorldCatalogue.Open(FormattableString.Invariant($"openenv:127.0.0.1:{server.Port}{settings}"), new WorldOptions { Count = count });
}
