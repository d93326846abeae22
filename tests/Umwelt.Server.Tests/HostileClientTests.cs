// What clients do wrong, on purpose or not, stays with them: they are told, then cut off, and nobody else notices.
using System.Net.WebSockets;
using System.Text;
using Umwelt.Server.Internal;
using Umwelt.Server.Internal.Play;
using Umwelt.Storage;

namespace Umwelt.Server.Tests;

public sealed class HostileClientTests
{
    private static readonly string[] s_seeds =
    [
        """{"type":"command","sequence":1,"motor":{"motor":[1,0,0.5],"use":0}}""", """{"type":"step"}""", """{"type":"reset","seed":5}""",
        """{"type":"speed","value":2}""", """{"type":"act","occupant":"explorer"}""", """{"type":"return","id":"abc"}""", """{"type":"keep"}""",
        """{"type":"command","sequence":1e99,"motor":{"motor":[1e39,null,"x"]}}""", "[]", "null", "{}", "\"\"", """{"type":{}}""", """{"type":"\ud800"}""",
        """{"type":"command","sequence":-1,"motor":[]}""", """{"type":"speed","value":NaN}""", """{"type":"record","on":"yes"}""",
    ];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task TenThousandMalformedMessagesBreakNothingAndOthersDoNotNotice()
    {
        await using var server = await TestServer.StartAsync(options => options with
        {
            DataFolder = null,
            Limits = options.Limits with { FaultsPerSecond = 1_000_000, MessagesPerSecond = 1_000_000, MessageBytes = 1024 },
        });
        using var other = await server.PlayPausedAsync(seed: 7);
        using var direct = new HouseLife(7);
        using var hostile = await server.PlayAsync("?world=pendulum:pixels");
        await hostile.SendAsync("""{"type":"pause"}""");
        var stream = RandomStream.Of(3, 1);
        for (var i = 0; i < 10_000; i++)
        {
            var message = Mutated(ref stream);
            var type = stream.NextUInt64() % 16 == 0 ? WebSocketMessageType.Binary : WebSocketMessageType.Text;
            await hostile.Socket.SendAsync(message, type, endOfMessage: true, Cancellation);
            if (i % 500 == 0)
            {
                var step = (uint)(i / 500) + 1;
                var command = HouseLife.Walk(step);
                direct.Step(command);
                direct.AssertSame(await other.StepAsync(step, command.Forward, command.Right, command.Turn, command.Use));
            }

            if (i % 25 == 24)
            {
                // Whoever reads no answers is cut off, so this one listens now and then. That it is answered shows that it is
                // still understood.
                await hostile.SendAsync($$"""{"type":"reset","seed":{{1_000_000 + i}}}""");
                await hostile.UntilAsync("state", state => state.GetProperty("seed").GetInt64() == 1_000_000 + i);
            }
        }
    }

    [Fact]
    public void NoTextIsReadAsAnythingButAMessageOrAFault()
    {
        var motor = new Worlds.HouseWorld().Schema.Motor;
        var stream = RandomStream.Of(5, 1);
        var (understood, wrong) = (0, 0);
        for (var i = 0; i < 20_000; i++)
        {
            try
            {
                Assert.NotNull(ClientMessage.Parse(Mutated(ref stream), motor));
                understood++;
            }
            catch (ClientMessageException error)
            {
                Assert.DoesNotContain('\n', error.Message);
                wrong++;
            }
        }

        Assert.True(understood > 100 && wrong > 100, $"{understood} understood, {wrong} wrong");
    }

    [Fact]
    public async Task ThreeFaultsInASecondCloseTheConnectionButNotTheSession()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.PlayPausedAsync();
        for (var i = 0; i < 3; i++)
        {
            await client.SendAsync("""{"type":"dance"}""");
        }

        Assert.Contains("dance", (await client.UntilAsync("error")).GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal("too-many-faults", (await client.UntilAsync("bye")).GetProperty("reason").GetString());
        Assert.Equal(WebSocketCloseStatus.PolicyViolation, await client.UntilClosedAsync());
        using var again = await server.PlayAsync($"?resume={client.Resume}");
        Assert.True((await again.HelloAsync()).GetProperty("resumed").GetBoolean());
    }

    [Fact]
    public async Task AFloodIsCutOffAndOthersDoNotNotice()
    {
        await using var server = await TestServer.StartAsync(options => options with { Limits = options.Limits with { MessagesPerSecond = 50 } });
        using var other = await server.PlayPausedAsync(seed: 7);
        using var direct = new HouseLife(7);
        using var flood = await server.PlayAsync();
        var flooding = Task.Run(
            async () =>
            {
                try
                {
                    for (var i = 0; i < 20_000; i++)
                    {
                        await flood.SendAsync("""{"type":"command","sequence":1,"motor":{"use":0}}""");
                    }
                }
                catch (Exception error) when (error is WebSocketException or IOException)
                {
                    // Cut off, as it should be.
                }
            },
            Cancellation);
        for (var step = 1u; step <= 10; step++)
        {
            var command = HouseLife.Walk(step);
            direct.Step(command);
            direct.AssertSame(await other.StepAsync(step, command.Forward, command.Right, command.Turn, command.Use));
        }

        Assert.Equal("too-fast", (await flood.UntilAsync("bye")).GetProperty("reason").GetString());
        Assert.Equal(WebSocketCloseStatus.PolicyViolation, await flood.UntilClosedAsync());
        await flooding;
    }

    [Fact]
    public async Task AClientThatNeverReadsSlowsNobody()
    {
        await using var server = await TestServer.StartAsync();
        using var silent = await server.ConnectAsync("/play?world=house");
        await silent.SendAsync("""{"type":"speed","value":8}"""u8.ToArray(), WebSocketMessageType.Text, true, Cancellation);
        using var other = await server.PlayPausedAsync(seed: 7);
        await other.SendAsync("""{"type":"resume"}""");
        for (var number = 1u; number <= 20; number++)
        {
            Assert.Equal(number, (await other.FrameAsync()).Number);
        }
    }

    [Fact]
    public void AnOutboxKeepsAllWordsInOrderAndOnlyTheLatestMoments()
    {
        var metrics = new ServerMetrics();
        var outbox = new Outbox(metrics, TimeSpan.FromSeconds(1));
        for (var i = 0; i < 60; i++)
        {
            outbox.Post([(byte)i]);
            for (var j = 0; j < 10; j++)
            {
                outbox.Post(outbox.Rent());
            }
        }

        Assert.Equal(597, metrics.Dropped);
        Assert.False(outbox.HasRoom);
    }

    [Fact]
    public async Task AMessageThatIsTooLargeClosesTheConnection()
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.PlayAsync();
        await client.HelloAsync();
        await client.SendAsync(new string(' ', 17 << 10));
        Assert.Equal("too-large", (await client.UntilAsync("bye")).GetProperty("reason").GetString());
        Assert.Equal(WebSocketCloseStatus.MessageTooBig, await client.UntilClosedAsync());
    }

    [Fact]
    public async Task NobodyGetsMoreSessionsThanTheirShareAndWhoLeftMakesRoom()
    {
        await using var server = await TestServer.StartAsync(options => options with { Limits = options.Limits with { SessionsPerClient = 2 } });
        using var one = await server.PlayAsync("?world=balls");
        await one.HelloAsync();
        using var two = await server.PlayAsync("?world=balls");
        await two.HelloAsync();
        using (var three = await server.PlayAsync("?world=balls"))
        {
            Assert.Equal("too-many", (await three.UntilAsync("error")).GetProperty("code").GetString());
            Assert.Equal(WebSocketCloseStatus.PolicyViolation, await three.UntilClosedAsync());
        }

        two.Socket.Abort();
        while ((await server.Http.GetStringAsync("/sessions", Cancellation)).Split("\"attached\":true").Length > 2)
        {
            await Task.Delay(20, Cancellation);
        }

        using var four = await server.PlayAsync("?world=balls");
        Assert.False((await four.HelloAsync()).GetProperty("resumed").GetBoolean());
    }

    [Theory]
    [InlineData("?world=text:/etc/passwd")]
    [InlineData("?world=gym:os:system")]
    [InlineData("?world=house%3Fsize=256")]
    [InlineData("?seed=many")]
    public async Task WhatTheServerDoesNotShowIsNotOpened(string query)
    {
        await using var server = await TestServer.StartAsync();
        using var client = await server.PlayAsync(query);
        Assert.Equal(query.StartsWith("?seed", StringComparison.Ordinal) ? "seed" : "unknown-world", (await client.UntilAsync("error")).GetProperty("code").GetString());
        Assert.Equal(WebSocketCloseStatus.PolicyViolation, await client.UntilClosedAsync());
    }

    private static byte[] Mutated(ref RandomStream stream)
    {
        var message = Encoding.UTF8.GetBytes(s_seeds[(int)(stream.NextUInt64() % (ulong)s_seeds.Length)]).ToList();
        for (var changes = (int)(stream.NextUInt64() % 4); changes > 0 && message.Count > 1; changes--)
        {
            var at = (int)(stream.NextUInt64() % (ulong)message.Count);
            switch (stream.NextUInt64() % 4)
            {
                case 0:
                    message[at] = (byte)(32 + (stream.NextUInt64() % 95));
                    break;
                case 1:
                    message.RemoveAt(at);
                    break;
                case 2:
                    message.InsertRange(at, message.GetRange(0, Math.Min(message.Count, 40)));
                    break;
                default:
                    message.Insert(at, (byte)"{}[]\",:0e-\\"[(int)(stream.NextUInt64() % 11)]);
                    break;
            }
        }

        return [.. message];
    }
}
