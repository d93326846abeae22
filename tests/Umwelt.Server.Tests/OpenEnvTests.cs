// An agent over OpenEnv lives in the same world: one answer for each message, the same seed and actions the same observations.
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace Umwelt.Server.Tests;

public sealed class OpenEnvTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ObservationsAreTheWorldsOwn()
    {
        await using var server = await TestServer.StartAsync();
        using var agent = await server.ConnectAsync("/ws?world=house");
        using var page = await server.PlayPausedAsync(seed: 7);
        var first = await AskAsync(agent, """{"type":"reset","data":{"seed":7}}""");
        Assert.Equal("observation", first.GetProperty("type").GetString());
        for (var step = 1u; step <= 10; step++)
        {
            var (forward, right, turn, use) = HouseLife.Walk(step);
            var frame = await page.StepAsync(step, forward, right, turn, use);
            var answer = await AskAsync(agent, FormattableString.Invariant($$$"""{"type":"step","data":{"motor":[{{{forward}}},{{{right}}},{{{turn}}}],"use":{{{use}}}}}"""));
            var data = answer.GetProperty("data");
            Assert.Equal(frame.Channels[0], data.GetProperty("observation").GetProperty("sight").GetProperty("base64").GetBytesFromBase64());
            Assert.Equal(frame.Channels[1], data.GetProperty("observation").GetProperty("hearing").GetProperty("base64").GetBytesFromBase64());
            Assert.Equal(Encoding.UTF8.GetString(frame.Channels[2]!), data.GetProperty("observation").GetProperty("speech").GetString());
            Assert.Equal(frame.Floats(3)[0], data.GetProperty("reward").GetSingle());
            Assert.False(data.GetProperty("done").GetBoolean());
        }

        var state = (await AskAsync(agent, """{"type":"state"}""")).GetProperty("data");
        Assert.Equal((7L, 10L), (state.GetProperty("seed").GetInt64(), state.GetProperty("step_count").GetInt64()));
    }

    [Fact]
    public async Task AnEpisodeThatIsOverIsDoneAndTakesNoStepBeforeAReset()
    {
        await using var server = await TestServer.StartAsync(
            options => options with { Worlds = ["house"] },
            (_, rows) => new Internal.Sessions.HouseStage(new Worlds.HouseWorld(rows, new Worlds.HouseOptions { EpisodeLength = 2 })));
        using var agent = await server.ConnectAsync("/ws");
        await AskAsync(agent, """{"type":"reset"}""");
        Assert.False((await AskAsync(agent, """{"type":"step","data":{"action":{"use":0}}}""")).GetProperty("data").GetProperty("done").GetBoolean());
        var last = (await AskAsync(agent, """{"type":"step","data":{}}""")).GetProperty("data");
        Assert.True(last.GetProperty("done").GetBoolean());
        Assert.True(last.GetProperty("observation").GetProperty("truncated").GetBoolean());
        Assert.False(last.GetProperty("observation").GetProperty("terminated").GetBoolean());
        Assert.Equal("EXECUTION_ERROR", Code(await AskAsync(agent, """{"type":"step","data":{}}""")));
        Assert.Equal("observation", (await AskAsync(agent, """{"type":"reset"}""")).GetProperty("type").GetString());
    }

    [Theory]
    [InlineData("""{"type":"step","data":{}}""", "VALIDATION_ERROR")]
    [InlineData("""{"type":"state"}""", "VALIDATION_ERROR")]
    [InlineData("""{"type":"dance"}""", "UNKNOWN_TYPE")]
    [InlineData("[]", "UNKNOWN_TYPE")]
    [InlineData("{", "INVALID_JSON")]
    [InlineData("""{"type":"\ud800"}""", "INVALID_JSON")]
    [InlineData("""{"type":"reset","data":{"seed":"x"}}""", "VALIDATION_ERROR")]
    public async Task WhatIsWrongIsSaidAndTheConnectionStays(string message, string code)
    {
        await using var server = await TestServer.StartAsync();
        using var agent = await server.ConnectAsync("/ws?world=pendulum:pixels");
        Assert.Equal(code, Code(await AskAsync(agent, message)));
        Assert.Equal("observation", (await AskAsync(agent, """{"type":"reset"}""")).GetProperty("type").GetString());
        Assert.Equal("VALIDATION_ERROR", Code(await AskAsync(agent, """{"type":"step","data":{"legs":1}}""")));
    }

    [Fact]
    public async Task AnUnknownWorldIsRefusedAndACloseEndsTheSession()
    {
        await using var server = await TestServer.StartAsync();
        using var lost = await server.ConnectAsync("/ws?world=gym:os");
        Assert.Equal("SESSION_ERROR", Code(await AskAsync(lost, """{"type":"reset"}""")));
        using var agent = await server.ConnectAsync("/ws?world=balls");
        await AskAsync(agent, """{"type":"reset"}""");
        await agent.SendAsync("""{"type":"close"}"""u8.ToArray(), WebSocketMessageType.Text, true, Cancellation);
        Assert.Equal(WebSocketMessageType.Close, (await agent.ReceiveAsync(new byte[100], Cancellation)).MessageType);
        while ((await server.Http.GetStringAsync("/sessions", Cancellation)).Contains("balls", StringComparison.Ordinal))
        {
            await Task.Delay(20, Cancellation);
        }
    }

    [Fact]
    public async Task TheSchemaNamesWhatIsSentAndWhatComes()
    {
        await using var server = await TestServer.StartAsync();
        using var schema = JsonDocument.Parse(await server.Http.GetStringAsync("/schema?world=house", Cancellation));
        Assert.Equal(20, schema.RootElement.GetProperty("rate").GetDouble());
        Assert.Equal(["motor", "use"], schema.RootElement.GetProperty("action").GetProperty("properties").EnumerateObject().Select(property => property.Name));
        Assert.Contains("sight", schema.RootElement.GetProperty("observation").GetProperty("properties").EnumerateObject().Select(property => property.Name));
        using var metadata = JsonDocument.Parse(await server.Http.GetStringAsync("/metadata", Cancellation));
        Assert.Equal("house", metadata.RootElement.GetProperty("name").GetString());
    }

    private static string? Code(JsonElement answer) => answer.GetProperty("data").GetProperty("code").GetString();

    private static async Task<JsonElement> AskAsync(ClientWebSocket agent, string message)
    {
        await agent.SendAsync(Encoding.UTF8.GetBytes(message), WebSocketMessageType.Text, true, Cancellation);
        var buffer = new byte[1 << 20];
        var count = 0;
        ValueWebSocketReceiveResult received;
        do
        {
            received = await agent.ReceiveAsync(buffer.AsMemory(count), Cancellation);
            count += received.Count;
        }
        while (!received.EndOfMessage);
        return JsonDocument.Parse(buffer.AsMemory(0, count).ToArray()).RootElement;
    }
}
