// A real browser before a real server with the real house: one of each for all tests of the page. Without a Chromium on this
// machine the tests are skipped and say so.
namespace Umwelt.Server.Tests.Browser;

/// <summary>The server and the browser that all tests of the page share.</summary>
public sealed class BrowserHouse : IAsyncLifetime
{
    private Chromium? _browser;
    private DevTools? _tools;
    private UmweltServer? _server;

    /// <summary>Where the page is.</summary>
    public Uri Address => _server!.Address;

    /// <summary>A folder for what tests download and the server records.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("umwelt-page-").FullName;

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        if (Chromium.Program is { } program)
        {
            _server = await StartServerAsync(0, Folder, WriteDream());
            (_browser, var address) = await Chromium.StartAsync(program);
            _tools = await DevTools.ConnectAsync(address);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_tools is not null)
        {
            await _tools.DisposeAsync();
        }

        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        Directory.Delete(Folder, recursive: true);
    }

    /// <summary>Opens the page in a window of its own.</summary>
    internal async Task<OpenPage> OpenAsync(string query = "?world=house&seed=1", Screen? screen = null, Uri? address = null)
    {
        OrSkip();
        return await OpenPage.GoAsync(_tools!, screen ?? new Screen(), new Uri(address ?? Address, query));
    }

    /// <summary>Skips the test where there is no browser.</summary>
    internal static void OrSkip() => Assert.SkipWhen(Chromium.Program is null, "needs Chromium on Linux");

    internal static Task<UmweltServer> StartServerAsync(int port, string? folder = null, DreamSource? dream = null) => UmweltServer.StartAsync(
        new ServerOptions
        {
            Port = port,
            Worlds = [.. (string[])["house", "balls", "pendulum"], .. dream is null ? Enumerable.Empty<string>() : [dream.Name]],
            Dreams = dream is null ? [] : [dream],
            DataFolder = folder,
        },
        cancellation: TestContext.Current.CancellationToken);

    /// <summary>A dream that is made in an instant, with moments of a recording to begin at.</summary>
    internal DreamSource WriteDream()
    {
        var history = Path.Combine(Folder, "history");
        TinyDream.Record(history, 80, seed: 5);
        return TinyDream.Write(Path.Combine(Folder, "model")) with { History = history };
    }
}

/// <summary>Tests of the page share one browser and run one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class BrowserTests : ICollectionFixture<BrowserHouse>
{
    /// <summary>The collection's name.</summary>
    public const string Name = "Browser";
}
