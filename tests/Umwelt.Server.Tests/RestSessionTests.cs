// Living in a world over plain HTTP is living in it too; and what the OpenAPI document says is what the server answers.
using System.Net;
using System.Text;
using System.Text.Json;

namespace Umwelt.Server.Tests;

public sealed class RestSessionTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task StepsOverHttpEqualTheWorldsOwn()
    {
        await using var server = await TestServer.StartAsync();
        using var direct = new HouseLife(7);
        var (status, begun) = await AskAsync(server, HttpMethod.Post, "/sessions", """{"world":"house","seed":7}""");
        Assert.Equal(HttpStatusCode.Created, status);
        var key = begun.GetProperty("key").GetString();
        direct.AssertSees(begun.GetProperty("observation"));
        for (var step = 1u; step <= 8; step++)
        {
            var (forward, right, turn, use) = HouseLife.Walk(step);
            direct.Step((forward, right, turn, use));
            (_, var moment) = await AskAsync(server, HttpMethod.Post, $"/sessions/{key}/step", FormattableString.Invariant($$$"""{"motor":{"motor":[{{{forward}}},{{{right}}},{{{turn}}}],"use":{{{use}}}}}"""));
            direct.AssertSees(moment.GetProperty("observation"));
        }

        var (_, again) = await AskAsync(server, HttpMethod.Get, $"/sessions/{key}/moment");
        direct.AssertSees(again.GetProperty("observation"));
        await AskAsync(server, HttpMethod.Post, $"/sessions/{key}/step", """{"motor":{},"count":5}""");
        var (_, state) = await AskAsync(server, HttpMethod.Get, $"/sessions/{key}");
        Assert.Equal(13, state.GetProperty("step_count").GetInt64());
        (_, var reset) = await AskAsync(server, HttpMethod.Post, $"/sessions/{key}/reset", """{"seed":9}""");
        using var other = new HouseLife(9);
        other.AssertSees(reset.GetProperty("observation"));
        Assert.Equal(HttpStatusCode.NoContent, (await AskAsync(server, HttpMethod.Delete, $"/sessions/{key}")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await AskAsync(server, HttpMethod.Get, $"/sessions/{key}")).Status);
        Assert.DoesNotContain("house", await server.Http.GetStringAsync("/sessions", Cancellation), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/sessions", """{"world":"text:/etc/passwd"}""", HttpStatusCode.NotFound)]
    [InlineData("/sessions", """{"seed":"many"}""", HttpStatusCode.BadRequest)]
    [InlineData("/sessions", "[]", HttpStatusCode.BadRequest)]
    [InlineData("/sessions", "{", HttpStatusCode.BadRequest)]
    [InlineData("/sessions/nobody/step", """{"motor":{}}""", HttpStatusCode.NotFound)]
    [InlineData("/sessions/KEY/step", "{}", HttpStatusCode.BadRequest)]
    [InlineData("/sessions/KEY/step", """{"motor":{"wings":1}}""", HttpStatusCode.BadRequest)]
    [InlineData("/sessions/KEY/step", """{"motor":{},"count":1e9}""", HttpStatusCode.BadRequest)]
    [InlineData("/sessions/KEY/dance", "{}", HttpStatusCode.NotFound)]
    public async Task WhatIsWrongIsSaidAndDoesNothing(string path, string body, HttpStatusCode expected)
    {
        await using var server = await TestServer.StartAsync();
        var key = (await AskAsync(server, HttpMethod.Post, "/sessions", "{}")).Body.GetProperty("key").GetString()!;
        var (status, answer) = await AskAsync(server, HttpMethod.Post, path.Replace("KEY", key, StringComparison.Ordinal), body);
        Assert.Equal(expected, status);
        Assert.NotEmpty(answer.GetProperty("error").GetProperty("message").GetString()!);
        Assert.Equal(0, (await AskAsync(server, HttpMethod.Get, $"/sessions/{key}")).Body.GetProperty("step_count").GetInt64());
    }

    [Fact]
    public async Task AFormOfAnotherSiteCanNotBeginASession()
    {
        await using var server = await TestServer.StartAsync();
        using var plain = new StringContent("""{"world":"house"}""", Encoding.UTF8, "text/plain");
        using var asText = await server.Http.PostAsync("/sessions", plain, Cancellation);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, asText.StatusCode);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/sessions") { Content = new StringContent("{}", Encoding.UTF8, "application/json") };
        request.Headers.Add("Origin", "http://elsewhere.example");
        using var foreign = await server.Http.SendAsync(request, Cancellation);
        Assert.Equal(HttpStatusCode.Forbidden, foreign.StatusCode);
    }

    [Fact]
    public async Task TwoWhoAskAtOnceAreBothAnswered()
    {
        await using var server = await TestServer.StartAsync();
        var key = (await AskAsync(server, HttpMethod.Post, "/sessions", "{}")).Body.GetProperty("key").GetString();
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => AskAsync(server, HttpMethod.Post, $"/sessions/{key}/step", """{"motor":{}}""")));
        Assert.Equal(20, (await AskAsync(server, HttpMethod.Get, $"/sessions/{key}")).Body.GetProperty("step_count").GetInt64());
    }

    [Fact]
    public async Task EveryAddressOfTheDocumentIsAnsweredAsItSays()
    {
        await using var server = await TestServer.StartAsync();
        using var document = JsonDocument.Parse(await server.Http.GetStringAsync("/openapi.json", Cancellation));
        var answered = 0;
        foreach (var path in document.RootElement.GetProperty("paths").EnumerateObject())
        {
            foreach (var operation in path.Value.EnumerateObject().Where(part => part.Name != "parameters"))
            {
                var key = (await AskAsync(server, HttpMethod.Post, "/sessions", "{}")).Body.GetProperty("key").GetString()!;
                var address = path.Name.Replace("{key}", key, StringComparison.Ordinal).Replace("{id}", "none", StringComparison.Ordinal).Replace("{number}", "0", StringComparison.Ordinal);
                var (status, _) = await AskAsync(server, HttpMethod.Parse(operation.Name), address, operation.Name == "post" ? """{"motor":{}}""" : null);
                Assert.Contains(((int)status).ToString(System.Globalization.CultureInfo.InvariantCulture), operation.Value.GetProperty("responses").EnumerateObject().Select(response => response.Name));

                // Nothing has been recorded here, nothing is learnt, and no world begins with what was.
                Assert.Equal(path.Name.StartsWith("/recordings/", StringComparison.Ordinal) || path.Name is "/training" or "/starts/{number}", status == HttpStatusCode.NotFound);
                await AskAsync(server, HttpMethod.Delete, $"/sessions/{key}");
                answered++;
            }
        }

        Assert.True(answered >= 15, $"only {answered} addresses");
    }

    private static async Task<(HttpStatusCode Status, JsonElement Body)> AskAsync(TestServer server, HttpMethod method, string path, string? body = null)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await server.Http.SendAsync(request, Cancellation);
        var text = await answer.Content.ReadAsStringAsync(Cancellation);
        return (answer.StatusCode, text.StartsWith('{') ? JsonDocument.Parse(text).RootElement : default);
    }
}
