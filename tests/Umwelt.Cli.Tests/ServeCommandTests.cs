// A server started from the command line says where it is, ends well when it is told to, and says in one line why it can't begin.
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Umwelt.Cli.Commands;
using Xunit;

namespace Umwelt.Cli.Tests;

[Collection(ConsoleOutput.Name)]
public sealed class ServeCommandTests
{
    [Theory]
    [InlineData("serve")]
    [InlineData("play")]
    public async Task AServerIsThereUntilItIsStopped(string name)
    {
        var port = Loopback.FreePort();
        var folder = Directory.CreateTempSubdirectory("umwelt-serve-");
        try
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            var running = ConsoleOutput.OfAsync(name == "serve" ? ServeCommand.Create() : PlayCommand.Create(), stop.Token, name, "balls", "--port", Text(port), "--data", folder.FullName, "--json");
            using var http = new HttpClient();
            string worlds;
            do
            {
                await Task.Delay(20, TestContext.Current.CancellationToken);
                Assert.False(running.IsCompleted, running.IsCompleted ? (await running).Error : "");
                worlds = await Loopback.AskAsync(http, $"http://127.0.0.1:{Text(port)}/worlds");
            }
            while (worlds.Length == 0);

            Assert.Contains("balls", worlds, StringComparison.Ordinal);
            await stop.CancelAsync();
            var (code, output, _) = await running;
            Assert.Equal(CommandLine.Done, code);
            Assert.Contains($"http://127.0.0.1:{Text(port)}/", output, StringComparison.Ordinal);
            Assert.Contains("\"address\":", output, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task CtrlCEndsAServerCleanlyAndWhatItMeasuredIsCollected()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "other machine: needs signals");
        using var collector = new HttpListener();
        var port = Text(Loopback.FreePort());
        collector.Prefixes.Add($"http://127.0.0.1:{port}/");
        collector.Start();
        var start = BuiltCommand.Start("serve", "balls", "--port", "0");
        start.Environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = $"http://127.0.0.1:{port}";
        start.Environment["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf";
        using var process = Process.Start(start)!;
        try
        {
            var line = await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
            var address = Assert.Single(line!.Split(' '), word => word.StartsWith("http", StringComparison.Ordinal));
            using var http = new HttpClient();
            Assert.Contains("healthy", await Loopback.AskAsync(http, address + "health"), StringComparison.Ordinal);
            Process.Start("kill", ["-INT", Text(process.Id)]).Dispose();
            var collected = new Dictionary<string, string>(StringComparer.Ordinal);
            while (collected.Count < 2)
            {
                var request = await collector.GetContextAsync().WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
                using var body = new StreamReader(request.Request.InputStream, System.Text.Encoding.Latin1);
                var path = request.Request.RawUrl!;
                collected[path] = collected.GetValueOrDefault(path, "") + await body.ReadToEndAsync(TestContext.Current.CancellationToken);
                request.Response.Close();
            }

            Assert.Contains("umwelt.sessions", collected["/v1/metrics"], StringComparison.Ordinal);
            Assert.Contains("/health", collected["/v1/traces"], StringComparison.Ordinal);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(CommandLine.Done, process.ExitCode);
            Assert.Contains("Stopping", await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }

    [Fact]
    public async Task ATakenPortIsSaidInOneLine()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = Text(((IPEndPoint)other.LocalEndpoint).Port);
        var (code, _, error) = await Run(ServeCommand.Create(), "serve", "balls", "--port", port);
        Assert.Equal(CommandLine.Failed, code);
        Assert.Contains($"port {port} is taken", Assert.Single(error.TrimEnd().Split('\n'), line => line.StartsWith("umwelt:", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--host 0.0.0.0", "token")]
    [InlineData("--host nowhere", "--host")]
    [InlineData("--port 99999", "99999")]
    public async Task AServerThatCanNotBeRunLikeThisIsMisused(string options, string problem)
    {
        var (code, _, error) = await Run(ServeCommand.Create(), ["serve", "balls", .. options.Split(' ')]);
        Assert.Equal(CommandLine.Misused, code);
        Assert.Contains(problem, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AWorldThatDoesNotExistIsSaidBeforeAnybodyComes()
    {
        var (code, _, error) = await Run(ServeCommand.Create(), "serve", "house", "bals");
        Assert.Equal(CommandLine.Misused, code);
        Assert.Contains("'balls'", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--terminal --port 7071", "--port")]
    [InlineData("--watch explorer", "--watch")]
    public async Task WhatIsForThePageIsNotForTheTerminal(string options, string named)
    {
        var (code, _, error) = await Run(PlayCommand.Create(), ["play", "balls", .. options.Split(' ')]);
        Assert.Equal(CommandLine.Misused, code);
        Assert.Contains(named, error, StringComparison.Ordinal);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static Task<(int Code, string Output, string Error)> Run(System.CommandLine.Command command, params string[] arguments) =>
        ConsoleOutput.OfAsync(command, TestContext.Current.CancellationToken, arguments);
}
