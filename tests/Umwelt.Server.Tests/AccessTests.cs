// Who comes in: nobody without the token, no page of another site, nobody by a name that is not the server's.
using System.Net;
using System.Net.Http.Headers;
using System.Net.WebSockets;

namespace Umwelt.Server.Tests;

public sealed class AccessTests
{
    private const string Token = "a-token-of-24-characters";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/")]
    [InlineData("/worlds")]
    [InlineData("/metrics")]
    [InlineData("/recordings")]
    [InlineData("/sessions")]
    [InlineData("/nothing")]
    public async Task NothingIsShownWithoutTheToken(string path)
    {
        await using var server = await TestServer.StartAsync(options => options with { Token = Token });
        Assert.Equal(HttpStatusCode.Unauthorized, await Status(server, path));
        Assert.Equal(HttpStatusCode.Unauthorized, await Status(server, path + "?token=another"));
        Assert.Equal(HttpStatusCode.Unauthorized, await Status(server, path, request => request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Token[..^1])));
        Assert.NotEqual(HttpStatusCode.Unauthorized, await Status(server, path, request => request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Token)));
        Assert.NotEqual(HttpStatusCode.Unauthorized, await Status(server, path, request => request.Headers.Add("Cookie", $"umwelt-token={Token}")));
        Assert.NotEqual(HttpStatusCode.Unauthorized, await Status(server, $"{path}?token={Token}"));
        Assert.Equal(HttpStatusCode.OK, await Status(server, "/health"));
    }

    [Fact]
    public async Task ATokenInTheAddressOfThePageBecomesACookieThatScriptsCanNotRead()
    {
        await using var server = await TestServer.StartAsync(options => options with { Token = Token });
        using var answer = await server.Http.GetAsync($"/?token={Token}", Cancellation);
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.Equal("/", answer.Headers.Location?.ToString());
        var cookie = Assert.Single(answer.Headers.GetValues("Set-Cookie"));
        Assert.Contains("httponly", cookie, StringComparison.Ordinal);
        Assert.Contains("samesite=strict", cookie, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/play")]
    [InlineData("/ws")]
    public async Task ASocketNeedsTheTokenAndNoForeignOrigin(string path)
    {
        await using var server = await TestServer.StartAsync(options => options with { Token = Token });
        await Assert.ThrowsAsync<WebSocketException>(() => server.ConnectAsync(path));
        await Assert.ThrowsAsync<WebSocketException>(() => server.ConnectAsync($"{path}?token={Token}", options => options.SetRequestHeader("Origin", "http://elsewhere.example")));
        await Assert.ThrowsAsync<WebSocketException>(() => server.ConnectAsync($"{path}?token={Token}", options => options.SetRequestHeader("Origin", "null")));
        using var own = await server.ConnectAsync($"{path}?token={Token}", options => options.SetRequestHeader("Origin", $"http://{server.Server.Address.Authority}"));
        using var program = await server.ConnectAsync(path, options => options.SetRequestHeader("Authorization", $"Bearer {Token}"));
        Assert.Equal(WebSocketState.Open, own.State);
        Assert.Equal(WebSocketState.Open, program.State);
    }

    [Theory]
    [InlineData("elsewhere.example", HttpStatusCode.MisdirectedRequest)]
    [InlineData("localhost.elsewhere.example", HttpStatusCode.MisdirectedRequest)]
    [InlineData("127.0.0.1.elsewhere.example", HttpStatusCode.MisdirectedRequest)]
    [InlineData("localhost", HttpStatusCode.OK)]
    [InlineData("localhost:7070", HttpStatusCode.OK)]
    [InlineData("worlds.example", HttpStatusCode.OK)]
    public async Task ANameThatIsNotTheServersIsRefused(string host, HttpStatusCode expected)
    {
        await using var server = await TestServer.StartAsync(options => options with { HostNames = ["worlds.example"] });
        Assert.Equal(expected, await Status(server, "/worlds", request => request.Headers.Host = host));
    }

    [Fact]
    public async Task OtherMachinesNeedATokenThatIsLongEnough()
    {
        foreach (var token in new[] { null, "short" })
        {
            var error = await Assert.ThrowsAsync<ArgumentException>(() => UmweltServer.StartAsync(new ServerOptions { Address = IPAddress.Any, Port = 0, Token = token }, cancellation: Cancellation));
            Assert.Contains("token", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task EveryAnswerForbidsWhatThePageDoesNotNeed()
    {
        await using var server = await TestServer.StartAsync();
        foreach (var path in new[] { "/", "/worlds", "/nothing" })
        {
            using var answer = await server.Http.GetAsync(path, Cancellation);
            var policy = Assert.Single(answer.Headers.GetValues("Content-Security-Policy"));
            Assert.StartsWith("default-src 'none'", policy, StringComparison.Ordinal);
            Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
            Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
            Assert.False(answer.Headers.Contains("Server"));
        }
    }

    [Fact]
    public async Task OnlyReadingIsAnswered()
    {
        await using var server = await TestServer.StartAsync();
        using var answer = await server.Http.PostAsync("/recordings", new StringContent("x"), Cancellation);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
    }

    private static async Task<HttpStatusCode> Status(TestServer server, string path, Action<HttpRequestMessage>? change = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        change?.Invoke(request);
        using var answer = await server.Http.SendAsync(request, Cancellation);
        return answer.StatusCode;
    }
}
