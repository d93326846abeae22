// The page in a window, as tests see it: what it shows, where one is, and how one acts on it.
namespace Umwelt.Server.Tests.Browser;

internal sealed class OpenPage : IAsyncDisposable
{
    // Where screenshots of the page go, for people to look at; nowhere unless somebody wants them.
    private static readonly string? s_shots = Environment.GetEnvironmentVariable("UMWELT_SCREENSHOTS");

    // Read from a copy: reading the page's own canvas would make the browser complain and draw it differently.
    private const string ReadPicture = """
        (() => {
          const shown = document.querySelector('.view:not([hidden]) .picture');
          const copy = document.createElement('canvas');
          [copy.width, copy.height] = [shown.width, shown.height];
          const context = copy.getContext('2d', { willReadFrequently: true });
          context.drawImage(shown, 0, 0);
          return Array.from(context.getImageData(0, 0, copy.width, copy.height).data);
        })()
        """;

    private OpenPage(Tab tab) => Tab = tab;

    public Tab Tab { get; }

    public IEnumerable<string> Complaints => Tab.Complaints;

    public static async Task<OpenPage> GoAsync(DevTools tools, Screen screen, Uri address)
    {
        var open = new OpenPage(await Tab.OpenAsync(tools, screen));
        await open.Tab.GoAsync(address);
        return open;
    }

    public ValueTask DisposeAsync() => Tab.DisposeAsync();

    /// <summary>Waits for the world, and closes what greets us.</summary>
    public async Task EnterAsync()
    {
        await Tab.ClickAsync("#enter");
        await WaitAsync("Number.parseFloat(document.getElementById('meter-rate').textContent) > 0");
    }

    /// <summary>Pauses, and waits until it has.</summary>
    public async Task PauseAsync()
    {
        await PressAsync("p");
        await WaitAsync("document.getElementById('badge').textContent.includes('paused')");

        // The last moment before the pause may still have to be drawn.
        await SettleAsync();
    }

    /// <summary>One moment, while a key is held or none; returns the picture after it.</summary>
    public async Task<int[]> StepAsync(string? held = null)
    {
        if (held is not null)
        {
            await Tab.KeyAsync(held, isDown: true);
        }

        await PressAsync("n");
        await SettleAsync();
        if (held is not null)
        {
            await Tab.KeyAsync(held, isDown: false);
        }

        return await PictureAsync();
    }

    public Task PressAsync(string key) => Tab.PressAsync(key);

    public Task WaitAsync(string condition) => Tab.WaitAsync(condition);

    public Task<string> TextAsync(string id) => Tab.EvaluateAsync<string>($"document.getElementById('{id}').textContent");

    /// <summary>What the map says of where one is.</summary>
    public Task<string> PlaceAsync() => Tab.EvaluateAsync<string>("document.getElementById('map').getAttribute('aria-label')");

    /// <summary>The picture's pixels, [row, column, red green blue alpha].</summary>
    public Task<int[]> PictureAsync() => Tab.EvaluateAsync<int[]>(ReadPicture);

    /// <summary>Waits until the picture has stayed the same for a few frames of the screen.</summary>
    public async Task SettleAsync()
    {
        int[]? last = null;
        for (var same = 0; same < 3;)
        {
            await Task.Delay(60, TestContext.Current.CancellationToken);
            var picture = await PictureAsync();
            same = last is not null && picture.AsSpan().SequenceEqual(last) ? same + 1 : 0;
            last = picture;
        }
    }

    /// <summary>Waits until the picture is another one.</summary>
    public async Task ChangedAsync(int[] from)
    {
        while ((await PictureAsync()).AsSpan().SequenceEqual(from))
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Keeps a screenshot under this name, where UMWELT_SCREENSHOTS names a folder.</summary>
    public async Task ShootAsync(string name)
    {
        if (s_shots is { Length: > 0 })
        {
            Directory.CreateDirectory(s_shots);
            await File.WriteAllBytesAsync(Path.Combine(s_shots, name + ".png"), await Tab.PictureAsync(), TestContext.Current.CancellationToken);
        }
    }
}
