// A tab of the browser in a profile of its own: goes to addresses, runs scripts, presses keys and buttons, and notes whatever a
// page complained of or asked of others.
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Umwelt.Server.Tests.Browser;

/// <summary>What a page is shown on.</summary>
internal sealed record Screen(int Width = 1280, int Height = 800, bool IsTouch = false, bool IsDark = false);

internal sealed class Tab : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    private readonly DevTools _tools;
    private readonly string _context;
    private readonly string _session;
    private readonly Screen _screen;
    private string _authority = "";
    private volatile TaskCompletionSource _loaded = new();
    private (double X, double Y) _mouse;

    private Tab(DevTools tools, string context, string session, Screen screen) => (_tools, _context, _session, _screen) = (tools, context, session, screen);

    /// <summary>Errors and warnings, and requests that went elsewhere.</summary>
    public ConcurrentQueue<string> Complaints { get; } = new();

    public static async Task<Tab> OpenAsync(DevTools tools, Screen screen)
    {
        var context = (await tools.CallAsync("Target.createBrowserContext", new JsonObject { ["disposeOnDetach"] = true })).GetProperty("browserContextId").GetString()!;
        var target = (await tools.CallAsync("Target.createTarget", new JsonObject { ["url"] = "about:blank", ["browserContextId"] = context })).GetProperty("targetId").GetString()!;
        var session = (await tools.CallAsync("Target.attachToTarget", new JsonObject { ["targetId"] = target, ["flatten"] = true })).GetProperty("sessionId").GetString()!;
        var tab = new Tab(tools, context, session, screen);
        tools.Listen(session, tab.Hear);
        foreach (var domain in (string[])["Page", "Runtime", "Network", "Log"])
        {
            await tab.CallAsync(domain + ".enable");
        }

        await tab.CallAsync("Emulation.setFocusEmulationEnabled", new JsonObject { ["enabled"] = true });
        await tab.CallAsync("Emulation.setDeviceMetricsOverride", new JsonObject { ["width"] = screen.Width, ["height"] = screen.Height, ["deviceScaleFactor"] = 1, ["mobile"] = screen.IsTouch });
        await tab.CallAsync("Emulation.setTouchEmulationEnabled", new JsonObject { ["enabled"] = screen.IsTouch, ["maxTouchPoints"] = 5 });
        await tab.CallAsync("Emulation.setEmulatedMedia", new JsonObject
        {
            ["features"] = new JsonArray(new JsonObject { ["name"] = "prefers-color-scheme", ["value"] = screen.IsDark ? "dark" : "light" }),
        });
        return tab;
    }

    public async ValueTask DisposeAsync()
    {
        _tools.Ignore(_session);
        await _tools.CallAsync("Target.disposeBrowserContext", new JsonObject { ["browserContextId"] = _context });
    }

    /// <summary>Goes to an address and waits until it has loaded; what is asked of others than its server is a complaint.</summary>
    public async Task GoAsync(Uri address)
    {
        _authority = address.Authority;
        _loaded = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await CallAsync("Page.navigate", new JsonObject { ["url"] = address.ToString() });
        await _loaded.Task.WaitAsync(s_patience);
    }

    /// <summary>The value of an expression; a promise is awaited.</summary>
    public async Task<T> EvaluateAsync<T>(string expression)
    {
        var answer = await CallAsync("Runtime.evaluate", new JsonObject { ["expression"] = expression, ["awaitPromise"] = true, ["returnByValue"] = true, ["userGesture"] = false });
        if (answer.TryGetProperty("exceptionDetails", out var details))
        {
            throw new InvalidOperationException($"{Text(details)} in: {expression}");
        }

        return answer.GetProperty("result").TryGetProperty("value", out var value) ? value.Deserialize<T>()! : default!;
    }

    /// <summary>Waits until an expression is true.</summary>
    public async Task WaitAsync(string expression, TimeSpan? patience = null)
    {
        var since = Stopwatch.GetTimestamp();
        while (!await EvaluateAsync<bool>($"Boolean({expression})"))
        {
            if (Stopwatch.GetElapsedTime(since) > (patience ?? s_patience))
            {
                throw new TimeoutException($"It never came true: {expression}. {string.Join("; ", Complaints)}");
            }

            await Task.Delay(25, TestContext.Current.CancellationToken);
        }
    }

    public Task WaitForTextAsync(string selector, string text) =>
        WaitAsync($"document.querySelector({Quoted(selector)})?.textContent === {Quoted(text)}");

    public Task KeyAsync(string key, bool isDown)
    {
        // Letters are keys of their own name; what has a longer name has its number from the days of Windows 3.
        var code = key.Length == 1 && char.IsAsciiLetter(key[0]) ? "Key" + char.ToUpperInvariant(key[0]) : key;
        var number = key switch { "ArrowLeft" => 37, "ArrowUp" => 38, "ArrowRight" => 39, "ArrowDown" => 40, "Escape" => 27, "Enter" => 13, "Tab" => 9, _ => char.ToUpperInvariant(key[0]) };
        var message = new JsonObject { ["type"] = isDown ? "keyDown" : "keyUp", ["key"] = key, ["code"] = code, ["windowsVirtualKeyCode"] = number };
        if (isDown && (key.Length == 1 || key == "Enter"))
        {
            message["text"] = key == "Enter" ? "\r" : key;
        }

        return CallAsync("Input.dispatchKeyEvent", message);
    }

    public async Task PressAsync(string key)
    {
        await KeyAsync(key, isDown: true);
        await KeyAsync(key, isDown: false);
    }

    public Task MoveMouseAsync(double x, double y)
    {
        _mouse = (x, y);
        return MouseAsync("mouseMoved", "none");
    }

    /// <summary>Clicks on the middle of an element, or taps it where there is a touch screen, and says so if something lies over it.</summary>
    public async Task ClickAsync(string selector)
    {
        await WaitAsync($"document.querySelector({Quoted(selector)})?.checkVisibility()");
        var at = await EvaluateAsync<double[]>($$"""
            (() => {
              const element = document.querySelector({{Quoted(selector)}});
              element.scrollIntoView({ block: 'nearest' });
              const box = element.getBoundingClientRect();
              const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
              const top = document.elementFromPoint(x, y);
              return element.contains(top) || top?.contains(element) ? [x, y] : [];
            })()
            """);
        Assert.True(at.Length == 2, $"something lies over {selector}");
        if (_screen.IsTouch)
        {
            await TouchAsync("touchStart", at);
            await TouchAsync("touchEnd");
            return;
        }

        await MoveMouseAsync(at[0], at[1]);
        await MouseAsync("mousePressed", "left");
        await MouseAsync("mouseReleased", "left");
    }

    /// <summary>Drags an element by its middle so many pixels to the right.</summary>
    public async Task DragAsync(string selector, double right)
    {
        var box = await BoxAsync(selector);
        var (x, y) = (box[0] + (box[2] / 2), box[1] + (box[3] / 2));
        await MoveMouseAsync(x, y);
        await MouseAsync("mousePressed", "left");
        _mouse = (x + right, y);
        await MouseAsync("mouseMoved", "left");
        await MouseAsync("mouseReleased", "left");
    }

    /// <summary>A finger comes down, moves or goes: "touchStart", "touchMove" with its place, "touchEnd" without.</summary>
    public Task TouchAsync(string type, params double[] at) => CallAsync("Input.dispatchTouchEvent", new JsonObject
    {
        ["type"] = type,
        ["touchPoints"] = at.Length == 2 ? new JsonArray(new JsonObject { ["x"] = at[0], ["y"] = at[1], ["id"] = 1 }) : [],
    });

    public Task SelectAsync(string selector, string value) => EvaluateAsync<bool>(
        $"(list => {{ list.value = {Quoted(value)}; return list.dispatchEvent(new Event('change', {{ bubbles: true }})); }})(document.querySelector({Quoted(selector)}))");

    /// <summary>Left, top, width and height of an element.</summary>
    public Task<double[]> BoxAsync(string selector) =>
        EvaluateAsync<double[]>($"(box => [box.x, box.y, box.width, box.height])(document.querySelector({Quoted(selector)}).getBoundingClientRect())");

    public Task<bool> IsVisibleAsync(string selector) => EvaluateAsync<bool>($"document.querySelector({Quoted(selector)})?.checkVisibility() ?? false");

    /// <summary>The page as PNG.</summary>
    public async Task<byte[]> PictureAsync() => (await CallAsync("Page.captureScreenshot", new JsonObject { ["format"] = "png" })).GetProperty("data").GetBytesFromBase64();

    /// <summary>Does something that makes the browser download a file, into a folder; the file's path.</summary>
    public async Task<string> DownloadAsync(string folder, Func<Task> action)
    {
        var done = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        _tools.Listen(null, (method, parameters) =>
        {
            if (method == "Browser.downloadProgress" && parameters.GetProperty("state").GetString() is "completed" or "canceled")
            {
                done.TrySetResult(Path.Combine(folder, parameters.GetProperty("guid").GetString()!));
            }
        });
        await _tools.CallAsync("Browser.setDownloadBehavior", new JsonObject { ["behavior"] = "allowAndName", ["browserContextId"] = _context, ["downloadPath"] = folder, ["eventsEnabled"] = true });
        await action();
        return await done.Task.WaitAsync(s_patience);
    }

    private static string Quoted(string text) => JsonSerializer.Serialize(text);

    private static string Text(JsonElement exception) =>
        exception.TryGetProperty("exception", out var thrown) && thrown.TryGetProperty("description", out var description) ? description.GetString()! : exception.GetProperty("text").GetString()!;

    private Task<JsonElement> CallAsync(string method, JsonObject? parameters = null) => _tools.CallAsync(method, parameters, _session);

    private Task MouseAsync(string type, string button) => CallAsync("Input.dispatchMouseEvent", new JsonObject
    {
        ["type"] = type,
        ["x"] = _mouse.X,
        ["y"] = _mouse.Y,
        ["button"] = button,
        ["clickCount"] = type == "mouseMoved" ? 0 : 1,
    });

    private void Hear(string method, JsonElement happened)
    {
        switch (method)
        {
            case "Page.loadEventFired":
                _loaded.TrySetResult();
                break;
            case "Runtime.consoleAPICalled" when happened.GetProperty("type").GetString() is "error" or "warning" or "assert":
                Complaints.Enqueue(string.Join(' ', happened.GetProperty("args").EnumerateArray().Select(argument =>
                    argument.TryGetProperty("description", out var description) ? description.GetString() : argument.TryGetProperty("value", out var value) ? value.ToString() : "?")));
                break;
            case "Runtime.exceptionThrown":
                Complaints.Enqueue(Text(happened.GetProperty("exceptionDetails")));
                break;
            case "Log.entryAdded" when happened.GetProperty("entry").GetProperty("level").GetString() is "error" or "warning":
                Complaints.Enqueue(happened.GetProperty("entry").GetProperty("text").GetString()!);
                break;
            case "Network.requestWillBeSent":
                Ask(happened.GetProperty("request").GetProperty("url").GetString()!);
                break;
            case "Network.webSocketCreated":
                Ask(happened.GetProperty("url").GetString()!);
                break;
        }
    }

    private void Ask(string address)
    {
        var uri = new Uri(address);
        if (uri.Scheme is "http" or "https" or "ws" or "wss" && !string.Equals(uri.Authority, _authority, StringComparison.Ordinal))
        {
            Complaints.Enqueue($"outside request: {address}");
        }
    }
}
