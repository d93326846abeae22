// Living in a world through the server is living in the world: the same commands give the same moments, bit for bit.
using System.Net.WebSockets;

namespace Umwelt.Server.Tests;

public sealed class PlayTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AMomentHoldsTheCommandItReportsAndEqualsTheWorldsOwn()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.PlayPausedAsync(seed: 7);
        using var direct = new HouseLife(7);
        for (var step = 1u; step <= 40; step++)
        {
            var command = HouseLife.Walk(step);
            direct.Step(command);
            var frame = await client.StepAsync(step * 3, command.Forward, command.Right, command.Turn, command.Use);
            Assert.Equal((step, step * 3), (frame.Number, frame.Sequence));
            Assert.Equal([command.Forward, command.Right, command.Turn], frame.Floats(4));
            direct.AssertSame(frame);
        }
    }

    [Fact]
    public async Task ACommandHoldsUntilTheNextOneAndTheFirstMomentHasNone()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.PlayAsync("?world=house&seed=3");
        await client.HelloAsync();
        var first = await client.FrameAsync();
        Assert.True(first.IsFirst);
        Assert.Null(first.Channels[4]);
        await client.SendAsync("""{"type":"speed","value":8}""");
        await client.SendAsync("""{"type":"command","sequence":9,"motor":{"motor":[1,0,0]}}""");
        Frame frame;
        do
        {
            frame = await client.FrameAsync();
            Assert.Equal(frame.Sequence == 9 ? 1 : 0, frame.Floats(4)[0]);
        }
        while (frame.Sequence != 9);

        // What is not named stays as it was.
        await client.SendAsync("""{"type":"command","sequence":10,"motor":{"use":1}}""");
        for (var i = 0; i < 20; i++)
        {
            frame = await client.FrameAsync();
            Assert.Equal(1, frame.Floats(4)[0]);
        }

        Assert.Equal(10u, frame.Sequence);
    }

    [Fact]
    public async Task SessionsOfOneHostDoNotKnowOfEachOther()
    {
        await using var server = await TestServer.StartAsync();
        using var one = await server.PlayPausedAsync(seed: 7);
        using var other = await server.PlayPausedAsync(seed: 9);
        using var runner = await server.PlayAsync("?seed=5");
        await runner.SendAsync("""{"type":"act","occupant":"explorer"}""");
        using var directOne = new HouseLife(7);
        using var directOther = new HouseLife(9);
        for (var step = 1u; step <= 15; step++)
        {
            var (command, another) = (HouseLife.Walk(step), HouseLife.Walk(step + 100));
            directOne.Step(command);
            directOther.Step(another);
            directOne.AssertSame(await one.StepAsync(step, command.Forward, command.Right, command.Turn, command.Use));
            directOther.AssertSame(await other.StepAsync(step, another.Forward, another.Right, another.Turn, another.Use));
        }
    }

    [Fact]
    public async Task ReturningToAMomentGivesEqualBits()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.PlayPausedAsync();
        for (var step = 1u; step <= 10; step++)
        {
            await Walk(client, step);
        }

        await client.SendAsync("""{"type":"keep"}""");
        var id = (await client.UntilAsync("kept")).GetProperty("id").GetString();
        var future = new List<Frame>();
        for (var step = 11u; step <= 25; step++)
        {
            future.Add(await Walk(client, step));
        }

        await Walk(client, 99);
        await client.SendAsync($$"""{"type":"return","id":"{{id}}"}""");
        Assert.Equal(10u, (await client.FrameAsync()).Number);
        for (var step = 11u; step <= 25; step++)
        {
            (await Walk(client, step)).AssertSame(future[(int)step - 11]);
        }

        await client.SendAsync("""{"type":"return","id":"../../etc"}""");
        Assert.Equal("return", (await client.UntilAsync("error")).GetProperty("code").GetString());
    }

    [Fact]
    public async Task AWorldThatTheCatalogueDoesNotKnowIsOpenedByWhoeverDoes()
    {
        await using var server = await TestServer.StartAsync(options => options with
        {
            Worlds = ["dream:of-a-house", "pendulum"],
            OpenWorld = (name, rows) => name == "dream:of-a-house" ? new Worlds.HouseWorld(rows) : null,
        });
        using var client = await server.PlayPausedAsync(seed: 7);
        using var direct = new HouseLife(7);
        direct.Step(HouseLife.Walk(1));
        direct.AssertSame(await Walk(client, 1));
        using var other = await server.PlayAsync("?world=pendulum");
        Assert.Equal("pendulum", (await other.HelloAsync()).GetProperty("world").GetString());
    }

    [Fact]
    public async Task AnEpisodeThatWasCutOffIsFollowedByTheNextSeeds()
    {
        await using var server = await TestServer.StartAsync(
            options => options with { Worlds = ["house"] },
            (_, rows) => new Internal.Sessions.HouseStage(new Worlds.HouseWorld(rows, new Worlds.HouseOptions { EpisodeLength = 3 })));
        using var client = await server.PlayPausedAsync(seed: 7);
        for (var step = 1u; step <= 3; step++)
        {
            Assert.Equal(step == 3 ? 2 : 0, (await Walk(client, step)).Ending);
        }

        await client.SendAsync("""{"type":"step"}""");
        Assert.Equal(8, (await client.UntilAsync("state", state => state.GetProperty("moment").GetInt64() == 0)).GetProperty("seed").GetInt64());
        Assert.True((await client.FrameAsync()).IsFirst);
    }

    [Fact]
    public async Task AConnectionThatBreaksIsResumedWhereItWas()
    {
        await using var server = await TestServer.StartAsync();
        Frame last;
        string resume;
        using (var client = await server.PlayPausedAsync())
        {
            await Walk(client, 1);
            last = await Walk(client, 2);
            resume = client.Resume;
            client.Socket.Abort();
        }

        using var again = await server.PlayAsync($"?world=house&resume={resume}");
        Assert.True((await again.HelloAsync()).GetProperty("resumed").GetBoolean());
        (await again.FrameAsync()).AssertSame(last);
        using var direct = new HouseLife(7);
        for (var step = 1u; step <= 3; step++)
        {
            direct.Step(HouseLife.Walk(step));
        }

        direct.AssertSame(await Walk(again, 3));

        // Whoever comes later takes over.
        using var third = await server.PlayAsync($"?resume={resume}");
        Assert.True((await third.HelloAsync()).GetProperty("resumed").GetBoolean());
        Assert.Equal("taken-over", (await again.UntilAsync("bye")).GetProperty("reason").GetString());
        using var stranger = await server.PlayAsync("?world=pendulum:pixels&resume=nobody");
        Assert.False((await stranger.HelloAsync()).GetProperty("resumed").GetBoolean());
    }

    [Fact]
    public async Task ASessionThatNobodyResumesEnds()
    {
        await using var server = await TestServer.StartAsync(options => options with { Limits = options.Limits with { IdleTime = TimeSpan.FromSeconds(0.5), ResumeTime = TimeSpan.FromSeconds(0.2) } });
        using var client = await server.PlayAsync();
        await client.HelloAsync();
        Assert.Equal("idle", (await client.UntilAsync("bye")).GetProperty("reason").GetString());
        while ((await server.Http.GetStringAsync("/sessions", Cancellation)).Contains("house", StringComparison.Ordinal))
        {
            await Task.Delay(50, Cancellation);
        }

        using var late = await server.PlayAsync($"?resume={client.Resume}");
        Assert.False((await late.HelloAsync()).GetProperty("resumed").GetBoolean());
    }

    [Fact]
    public async Task AServerThatStopsSaysSo()
    {
        var server = await TestServer.StartAsync();
        using var client = await server.PlayAsync();
        await client.HelloAsync();
        var stopping = server.DisposeAsync();
        Assert.Equal("shutdown", (await client.UntilAsync("bye")).GetProperty("reason").GetString());
        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, await client.UntilClosedAsync());
        await client.Socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, Cancellation);
        await stopping;
    }

    [Fact]
    public async Task AsFastAsItGoesDropsNothing()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.PlayPausedAsync("?world=pendulum:pixels");
        await client.SendAsync("""{"type":"speed","value":0}""");
        await client.SendAsync("""{"type":"resume"}""");
        for (var number = 1u; number <= 150; number++)
        {
            Assert.Equal(number, (await client.FrameAsync()).Number);
        }
    }

    private static Task<Frame> Walk(PlayClient client, uint step)
    {
        var (forward, right, turn, use) = HouseLife.Walk(step);
        return client.StepAsync(step, forward, right, turn, use);
    }
}
