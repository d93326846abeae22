// What the page promises of dreams: the truth beside them, letting go, senses that are given and taken away, words that are said
// and imagined, beginnings to choose from, and two futures of one moment.
namespace Umwelt.Server.Tests.Browser;

[Collection(BrowserTests.Name)]
public sealed class DreamPageTests(BrowserHouse house)
{
    private const string Dream = "?world=" + TinyDream.Name + "&seed=1";

    // The pixels of the view of this name, from a copy.
    private const string ReadView = """
        (name => {
          const shown = [...document.querySelectorAll('.view')].find(view => !view.hidden && view.querySelector('figcaption').textContent === name)?.querySelector('canvas');
          if (!shown) {
            return [];
          }

          const copy = document.createElement('canvas');
          [copy.width, copy.height] = [shown.width, shown.height];
          const context = copy.getContext('2d', { willReadFrequently: true });
          context.drawImage(shown, 0, 0);
          return Array.from(context.getImageData(0, 0, copy.width, copy.height).data);
        })
        """;

    [Fact(Timeout = 60_000)]
    public async Task ADreamBeginsAwakeAndIsLetGoBesideTheTruth()
    {
        await using var open = await house.OpenAsync(Dream + "&from=truth");
        await open.EnterAsync();
        await open.WaitAsync("document.getElementById('badge').textContent.includes('awake')");
        await open.PauseAsync();
        await open.StepAsync("ArrowLeft");
        Assert.NotEmpty(await ViewAsync(open, "expected"));
        await open.PressAsync("g");
        await open.WaitAsync("!document.getElementById('badge').textContent.includes('awake')");
        await open.StepAsync("ArrowLeft");
        await open.WaitAsync("[...document.querySelectorAll('.view figcaption')].some(name => name.textContent === 'dream')");
        var (truth, dream) = (await ViewAsync(open, "truth"), await ViewAsync(open, "dream"));
        Assert.NotEqual(truth, dream);
        Assert.StartsWith("Map: the ", await open.PlaceAsync(), StringComparison.Ordinal);
        await open.WaitAsync("[...document.querySelectorAll('.surprise output')].every(number => /[0-9]/.test(number.textContent))");
        await open.ShootAsync("dream-beside");

        await open.Tab.ClickAsync("#compare [data-view=difference]");
        await open.SettleAsync();
        Assert.Equal(truth.Zip(dream, (one, other) => Math.Min(255, 2 * Math.Abs(one - other))).Where((_, i) => i % 4 < 3), (await ViewAsync(open, "difference")).Where((_, i) => i % 4 < 3));
        await open.Tab.ClickAsync("#compare [data-view=split]");
        await open.SettleAsync();
        var before = await ViewAsync(open, "truth | dream");
        Assert.Equal(truth[..4], before[..4]);
        Assert.Equal(dream[^4..], before[^4..]);
        await open.Tab.DragAsync(".divider", 600);
        await open.SettleAsync();
        Assert.Equal(truth, await ViewAsync(open, "truth | dream"));
        await open.ShootAsync("dream-split");
        Assert.Empty(open.Complaints);
    }

    [Fact(Timeout = 60_000)]
    public async Task SensesAreTakenAwayAndGivenBack()
    {
        await using var open = await house.OpenAsync(Dream + "&from=truth");
        await open.EnterAsync();
        await open.WaitAsync("document.querySelectorAll('#senses-choice fieldset').length === 3");
        await open.Tab.ClickAsync("#senses-choice fieldset:first-child label:nth-child(3)");
        await open.WaitAsync("(data => data.length > 0 && data.every((value, i) => i % 4 === 3 || value === 0))(" + ReadView + "('dream'))");
        await open.Tab.ClickAsync("#senses-choice fieldset:first-child label:nth-child(1)");
        await open.WaitAsync(ReadView + "('expected').length > 0");
        await open.PressAsync("g");
        await open.WaitAsync("document.querySelectorAll('#senses-choice [value=dreamed]:checked').length === 3");
        Assert.Empty(open.Complaints);
    }

    [Fact(Timeout = 60_000)]
    public async Task WordsAreSaidIntoADreamAndImaginedBesideIt()
    {
        await using var open = await house.OpenAsync(Dream + "&from=nothing");
        await open.EnterAsync();
        Assert.True(await open.Tab.EvaluateAsync<bool>("document.getElementById('compare').hidden"));
        await open.PauseAsync();
        var before = await open.PictureAsync();
        await open.Tab.EvaluateAsync<string>("document.getElementById('words').value = 'the blue room'");
        await open.Tab.ClickAsync("#imagine");
        await open.WaitAsync("document.querySelector('#imagined figcaption')?.textContent.includes('the blue room') && document.querySelector('#imagined canvas') !== null");
        Assert.Equal(before, await open.PictureAsync());
        await open.Tab.ClickAsync("#say-it");
        await open.Tab.ClickAsync(".view:not([hidden]) .picture");
        await open.PressAsync("n");
        await open.WaitAsync("document.getElementById('captions').textContent.includes('the blue room')");
        await open.ShootAsync("dream-words");
        Assert.Empty(open.Complaints);
    }

    [Fact(Timeout = 60_000)]
    public async Task ADreamBeginsAtAMomentThatIsChosenByItsPicture()
    {
        await using var open = await house.OpenAsync(Dream);
        await open.EnterAsync();
        await open.WaitAsync("document.querySelector('#starts img')?.naturalWidth === 64");
        await open.Tab.SelectAsync("#from", "nothing");
        await open.WaitAsync("document.querySelector('#starts [aria-current=true]') === null");
        await open.Tab.ClickAsync("#starts button");
        await open.WaitAsync("document.querySelector('#starts [aria-current=true]') !== null && location.search.includes('from=0')");
        Assert.Empty(open.Complaints);
    }

    [Theory(Timeout = 60_000)]
    [InlineData(Dream + "&from=life")]
    [InlineData("?world=house&seed=1")]
    public async Task TwoFuturesOfOneMomentStandSideBySide(string query)
    {
        await using var open = await house.OpenAsync(query);
        await open.EnterAsync();
        await open.PauseAsync();
        await open.PressAsync("y");
        await open.WaitAsync("!document.getElementById('futures').hidden");
        var first = await StepAsync(open, "ArrowLeft");
        await open.Tab.ClickAsync("#second-future");
        await open.WaitAsync("!document.getElementById('to-first').hidden");
        await open.SettleAsync();
        var second = await StepAsync(open, "ArrowRight");
        Assert.NotEqual(first, second);
        Assert.Equal(first, await ViewAsync(open, "first future"));
        await open.ShootAsync(query.Contains("house&", StringComparison.Ordinal) ? "futures-house" : "futures-dream");
        await open.Tab.ClickAsync("#to-fork");
        await open.SettleAsync();
        Assert.Equal(first, await StepAsync(open, "ArrowLeft"));
        await open.Tab.ClickAsync("#to-first");
        await open.WaitAsync("document.getElementById('futures').hidden");
        Assert.Empty(open.Complaints);
    }

    [Theory(Timeout = 60_000)]
    [InlineData(Dream + "&from=life", "dream")]
    [InlineData("?world=house&seed=1", "")]
    public async Task AMomentIsSavedAsAFileAndBroughtBack(string query, string view)
    {
        await using var open = await house.OpenAsync(query);
        await open.EnterAsync();
        await open.PauseAsync();
        await open.StepAsync("ArrowLeft");
        var saved = await ViewAsync(open, view);
        await open.PressAsync("k");
        await open.WaitAsync("document.querySelectorAll('#kept .save').length === 1");
        var file = await open.Tab.DownloadAsync(house.Folder, () => open.Tab.ClickAsync("#kept .save"));
        await open.StepAsync("ArrowRight");
        await LoadAsync(open, await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
        await open.WaitAsync("document.querySelector('.passing')?.textContent.includes('as it was')");
        await open.SettleAsync();
        Assert.Equal(saved, await ViewAsync(open, view));
        Assert.Empty(open.Complaints);
        await LoadAsync(open, "nonsense");
        await open.WaitAsync("document.querySelector('.passing')?.textContent.includes('brought back')");
    }

    [Fact(Timeout = 60_000)]
    public async Task WhateverCanBePressedHasANameAndIsReachedByTabAlone()
    {
        await using var open = await house.OpenAsync(Dream + "&from=truth");
        await open.EnterAsync();
        await open.WaitAsync("!document.getElementById('compare').hidden && document.querySelector('#starts img') !== null");
        await open.PauseAsync();
        const string Controls = "[...document.querySelectorAll('button, select, input, a[href], [tabindex=\"0\"]')].filter(element => element.checkVisibility() && element.tabIndex >= 0 && !element.disabled)";
        var nameless = await open.Tab.EvaluateAsync<string[]>($$"""
            {{Controls}}.filter(element => {
              const name = element.getAttribute('aria-label') ?? ([...element.labels ?? []].map(label => label.textContent).join('') || element.textContent || element.querySelector('img')?.alt);
              return !name?.trim();
            }).map(element => element.outerHTML)
            """);
        Assert.Empty(nameless);

        // Radio buttons of one sense are one stop; the arrows choose among them.
        var stops = await open.Tab.EvaluateAsync<int>($"(window.stops = new Set({Controls}.map(element => element.name || element)), window.reached = new Set(), window.stops.size)");
        for (var i = 0; i < 2 * stops; i++)
        {
            await open.PressAsync("Tab");
            if (await open.Tab.EvaluateAsync<bool>("(window.reached.add(document.activeElement.name || document.activeElement), [...window.stops].every(stop => window.reached.has(stop)))"))
            {
                break;
            }
        }

        Assert.Empty(await open.Tab.EvaluateAsync<string[]>("[...window.stops].filter(stop => !window.reached.has(stop)).map(stop => stop.outerHTML ?? stop)"));
    }

    [Fact(Timeout = 60_000)]
    public async Task ATrainingIsWatchedBesideItsDream()
    {
        BrowserHouse.OrSkip();
        var run = Path.Combine(house.Folder, "run");
        var source = TinyDream.Write(Path.Combine(run, "model")) with { Model = run };
        await File.WriteAllTextAsync(Path.Combine(run, "config.json"), """{"training":{"steps":60000}}""", TestContext.Current.CancellationToken);
        await File.WriteAllLinesAsync(
            Path.Combine(run, "log.jsonl"),
            Enumerable.Range(1, 900).Select(step => FormattableString.Invariant($"{{\"step\":{step},\"loss\":{2 + (30.0 / step) + (step % 7 * 0.05)},\"seconds\":{step * 0.4}}}")),
            TestContext.Current.CancellationToken);
        await using var server = await UmweltServer.StartAsync(
            new ServerOptions { Port = 0, Worlds = ["house", source.Name], Dreams = [source], Training = new TrainingSource(run, source.Name) }, cancellation: TestContext.Current.CancellationToken);
        await using var open = await house.OpenAsync("?world=house", address: server.Address);
        await open.EnterAsync();
        await open.WaitAsync("document.getElementById('learning-step').textContent.includes('900')");
        Assert.Contains("left", await open.TextAsync("learning-left"), StringComparison.Ordinal);
        Assert.False(await open.Tab.IsVisibleAsync("#learn"));
        await open.Tab.ClickAsync("#learn-enter");
        await open.Tab.WaitForTextAsync("#place", source.Name);
        await open.ShootAsync("learning");
        Assert.Empty(open.Complaints);
    }

    [Fact(Timeout = 60_000)]
    public async Task ATrainingIsStartedWhereNobodyHasLearntYetAndThePageStepsIntoItsFirstDream()
    {
        BrowserHouse.OrSkip();
        var run = Path.Combine(house.Folder, "taught");
        var first = Path.Combine(house.Folder, "first");
        var source = TinyDream.Write(first) with { Model = run };
        var training = new TrainingSource(run, source.Name)
        {
            Start = () => [new System.Diagnostics.ProcessStartInfo("sh", ["-c", $"mkdir -p {run}/models && mv {first} {run}/models/step-000000000 && sleep 60"])],
            About = "a shell moves a folder",
        };
        await using var server = await UmweltServer.StartAsync(
            new ServerOptions { Port = 0, Worlds = ["house", source.Name], Dreams = [source], Training = training }, cancellation: TestContext.Current.CancellationToken);
        await using var open = await house.OpenAsync($"?world={source.Name}&from=truth", address: server.Address);
        await open.Tab.WaitForTextAsync(".notice .primary", "Let it learn");
        await open.Tab.WaitForTextAsync("#learning-about", "a shell moves a folder");
        await open.Tab.ClickAsync(".notice .primary");
        await open.EnterAsync();
        Assert.Equal(source.Name, await open.TextAsync("place"));
        Assert.NotEmpty(await ViewAsync(open, "expected"));
        await open.Tab.WaitForTextAsync("#learn", "Stop learning");
    }

    [Theory(Timeout = 60_000)]
    [InlineData(390, 844, true, true)]
    [InlineData(844, 390, true, false)]
    [InlineData(1280, 800, false, false)]
    [InlineData(3840, 2160, false, true)]
    public async Task ADreamFitsItsWindow(int width, int height, bool isTouch, bool isDark)
    {
        await using var open = await house.OpenAsync(Dream + "&from=truth", new Screen(width, height, isTouch, isDark));
        await open.EnterAsync();
        await open.WaitAsync("!document.getElementById('compare').hidden");
        await open.SettleAsync();
        Assert.Equal([width, height, width, height], await open.Tab.EvaluateAsync<int[]>("[document.documentElement.scrollWidth, document.documentElement.scrollHeight, innerWidth, innerHeight]"));
        var inside = await open.Tab.EvaluateAsync<bool>("""
            [...document.querySelectorAll('.view:not([hidden]) canvas, .dock, .compare:not([hidden]), .dock button:not([hidden])')].every(element => {
              const box = element.getBoundingClientRect();
              return box.left >= 0 && box.top >= 0 && box.right <= innerWidth && box.bottom <= innerHeight;
            })
            """);
        Assert.True(inside, "something lies outside of the window");
        await open.Tab.ClickAsync("#compare [data-view=beside]"); // Nothing lies over what one presses.
        await open.Tab.ClickAsync("#help");
        await open.Tab.ClickAsync("#enter");
        await open.ShootAsync(FormattableString.Invariant($"dream-{width}x{height}-{(isDark ? "dark" : "light")}"));
        Assert.Empty(open.Complaints);
    }

    private static Task LoadAsync(OpenPage open, string text) => open.Tab.EvaluateAsync<bool>($$"""
        (text => {
          const files = new DataTransfer();
          files.items.add(new File([text], 'moment.ndjson'));
          const input = document.getElementById('load');
          input.files = files.files;
          return input.dispatchEvent(new Event('change'));
        })({{System.Text.Json.JsonSerializer.Serialize(text)}})
        """);

    private static Task<int[]> ViewAsync(OpenPage open, string name) => open.Tab.EvaluateAsync<int[]>($"{ReadView}('{name}')");

    // The dream's picture after a moment with a key held; what is lived stands first among those that are shown.
    private static async Task<int[]> StepAsync(OpenPage open, string key)
    {
        await open.StepAsync(key);
        return await open.Tab.EvaluateAsync<int[]>($"(views => {ReadView}(views.includes('dream') ? 'dream' : ''))([...document.querySelectorAll('.view:not([hidden]) figcaption')].map(name => name.textContent))");
    }
}
