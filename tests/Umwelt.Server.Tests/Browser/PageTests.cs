// What the page promises to whoever opens it: the world is there, answers keys, mouse, fingers and gamepads, can be stopped,
// kept, recorded and lived again, and whatever goes wrong is said and mended.
using System.IO.Compression;

namespace Umwelt.Server.Tests.Browser;

[Collection(BrowserTests.Name)]
public sealed class PageTests(BrowserHouse house)
{
    private const int Side = 64;

    [Fact(Timeout = 60_000)]
    public async Task TheWorldIsThereAndExplainedAndNothingIsAskedOfOthers()
    {
        await using var open = await house.OpenAsync();
        await open.WaitAsync("document.querySelectorAll('#help-dialog[open] .lines li').length === 3");
        await open.ShootAsync("greeting");
        await open.EnterAsync();
        Assert.Equal("house", await open.TextAsync("place"));
        Assert.True((await open.PictureAsync()).Distinct().Count() > 20, "the picture is empty");
        Assert.StartsWith("Map: the ", await open.PlaceAsync(), StringComparison.Ordinal);
        await open.WaitAsync("document.getElementById('sound').title.startsWith('Switch sound off')");
        await open.WaitAsync("document.getElementById('meter-sound').textContent.includes('dB')");
        Assert.Empty(open.Complaints);
    }

    [Theory(Timeout = 60_000)]
    [InlineData("ArrowLeft", 1)]
    [InlineData("ArrowRight", -1)]
    public async Task TurningMovesThePictureTheOtherWay(string key, int direction)
    {
        await using var open = await house.OpenAsync();
        await open.EnterAsync();
        await open.PauseAsync();
        var before = await open.PictureAsync();
        Assert.Equal(direction, Math.Sign(Shift(before, await open.StepAsync(key))));
    }

    [Fact(Timeout = 60_000)]
    public async Task KeysWalkAndATapIsNeverLost()
    {
        await using var open = await house.OpenAsync();
        await open.EnterAsync();
        var before = await open.PictureAsync();
        await open.PressAsync("w");
        await open.ChangedAsync(before);
        await open.WaitAsync("document.getElementById('meter-delay').textContent.includes('ms')");
        Assert.Empty(open.Complaints);
    }

    [Fact(Timeout = 60_000)]
    public async Task WalkingIntoAWallIsHeard()
    {
        // Here the lamp is far, and a wall near.
        await using var open = await house.OpenAsync("?world=house&seed=9");
        await open.EnterAsync();
        var quiet = await LoudestAsync(open, seconds: 1.5);
        await open.Tab.KeyAsync("w", isDown: true);
        await open.WaitAsync("document.getElementById('meter-reward').textContent === '-0.01'");
        await open.Tab.KeyAsync("w", isDown: false);
        Assert.True(await LoudestAsync(open, seconds: 0.4) > quiet + 4, $"nothing louder than {quiet} dB was heard");
    }

    [Fact(Timeout = 60_000)]
    public async Task TheMouseLooksAround()
    {
        await using var open = await house.OpenAsync();
        await open.EnterAsync();
        await open.Tab.ClickAsync(".picture");
        await open.WaitAsync("document.pointerLockElement !== null");
        var before = await open.PlaceAsync();
        for (var x = 300; string.Equals(await open.PlaceAsync(), before, StringComparison.Ordinal); x = x < 900 ? x + 100 : 300)
        {
            await open.Tab.MoveMouseAsync(x, 400);
            await Task.Delay(60, TestContext.Current.CancellationToken);
        }
    }

    [Fact(Timeout = 60_000)]
    public async Task ThumbsAndFingersMoveTheBody()
    {
        await using var open = await house.OpenAsync(screen: new Screen(390, 844, IsTouch: true));
        await open.EnterAsync();
        var pad = await open.Tab.BoxAsync("#thumb-move");
        var before = await open.PictureAsync();
        await open.Tab.TouchAsync("touchStart", pad[0] + (pad[2] / 2), pad[1] + (pad[3] / 2));
        await open.Tab.TouchAsync("touchMove", pad[0] + (pad[2] / 2), pad[1] + 2);
        await open.ChangedAsync(before);
        await open.Tab.TouchAsync("touchEnd");
        await open.SettleAsync();
        var still = await open.PictureAsync();
        var picture = await open.Tab.BoxAsync(".picture");

        // The map is folded away on a phone; a body that turns changes more of the picture than a ball or the light does.
        for (var i = 0; (await open.PictureAsync()).Zip(still).Count(pixel => pixel.First != pixel.Second) < still.Length / 3; i++)
        {
            var y = picture[1] + (picture[3] / 2);
            await open.Tab.TouchAsync("touchStart", picture[0] + 40, y);
            await open.Tab.TouchAsync("touchMove", picture[0] + 160, y);
            await open.Tab.TouchAsync("touchMove", picture[0] + 280, y);
            await open.Tab.TouchAsync("touchEnd");
            await Task.Delay(60, TestContext.Current.CancellationToken);
            Assert.True(i < 60, "a finger on the picture turns nothing");
        }

        Assert.Empty(open.Complaints);
    }

    [Fact(Timeout = 60_000)]
    public async Task AGamepadMovesTheBody()
    {
        await using var open = await house.OpenAsync();
        await open.EnterAsync();
        var place = await open.PlaceAsync();
        await open.Tab.EvaluateAsync<bool>("Boolean(navigator.getGamepads = () => [{ connected: true, mapping: 'standard', axes: [0, 0, 1, 0], buttons: Array.from({ length: 17 }, () => ({ pressed: false })) }])");
        await open.WaitAsync($"document.getElementById('map').getAttribute('aria-label') !== '{place}'");
        Assert.Empty(open.Complaints);
    }

    [Fact(Timeout = 60_000)]
    public async Task TimeStopsGoesStepByStepAndBeginsAgain()
    {
        await using var open = await house.OpenAsync();
        await open.EnterAsync();
        await open.PauseAsync();
        await open.PressAsync("r");
        await open.SettleAsync();
        var first = await open.PictureAsync();
        var second = await open.StepAsync("ArrowLeft");
        Assert.NotEqual(first, second);
        Assert.NotEqual(second, await open.StepAsync("ArrowLeft"));
        await open.PressAsync("r");
        await open.SettleAsync();
        Assert.Equal(first, await open.PictureAsync());
        await open.PressAsync("p");
        await open.WaitAsync("document.getElementById('badge').hidden");
    }

    [Fact(Timeout = 60_000)]
    public async Task AKeptMomentComesBackToThePixel()
    {
        await using var open = await house.OpenAsync();
        await open.EnterAsync();
        await open.PauseAsync();
        await open.StepAsync();
        await open.PressAsync("k");
        await open.WaitAsync("document.querySelectorAll('#kept li').length === 1");
        var future = await open.StepAsync("ArrowRight");
        await open.StepAsync("ArrowRight");
        await open.PressAsync("b");
        await open.SettleAsync();
        Assert.Equal(future, await open.StepAsync("ArrowRight"));
        await open.ShootAsync("kept");
    }

    [Fact(Timeout = 60_000)]
    public async Task WordsAreShownAndSpokenAndAKeyTakesTheBodyBack()
    {
        await using var open = await house.OpenAsync();
        await open.EnterAsync();
        await open.Tab.SelectAsync("#speed", "8");
        await open.PressAsync("o");
        await open.WaitAsync("document.getElementById('captions').classList.contains('is-shown')");
        await open.ShootAsync("words");
        await open.WaitAsync("(said => said !== '' && !said.startsWith('You are'))(document.getElementById('spoken').textContent)");
        Assert.Contains("explorer", await open.TextAsync("badge"), StringComparison.Ordinal);
        await open.PressAsync("w");
        await open.WaitAsync("document.getElementById('badge').hidden");
    }

    [Fact(Timeout = 60_000)]
    public async Task WhatIsRecordedCanBeDownloadedAndLivedAgainBitForBit()
    {
        await using var open = await house.OpenAsync();
        await open.EnterAsync();
        await open.PressAsync("ArrowLeft");
        await open.PressAsync("c");
        await open.WaitAsync("document.getElementById('badge').textContent.includes('recording')");
        await open.Tab.KeyAsync("w", isDown: true);
        await Task.Delay(600, TestContext.Current.CancellationToken);
        await open.Tab.KeyAsync("w", isDown: false);
        await open.PressAsync("k");
        await open.WaitAsync("document.querySelectorAll('#kept li').length === 1");
        await open.PressAsync("b");
        await Task.Delay(300, TestContext.Current.CancellationToken);
        await open.PressAsync("c");
        await open.WaitAsync("document.querySelector('#recordings a') !== null");
        await open.ShootAsync("recorded");
        var download = await open.Tab.DownloadAsync(house.Folder, () => open.Tab.ClickAsync("#recordings a"));
        using (var zip = await ZipFile.OpenReadAsync(download, TestContext.Current.CancellationToken))
        {
            Assert.Contains(zip.Entries, entry => entry.Name == "commands.ndjson");
        }

        await open.Tab.ClickAsync("#recordings li:first-child button");
        await open.WaitAsync("document.querySelector('.passing')?.textContent.includes('every bit the same')");
        await open.ShootAsync("lived-again");
        Assert.Empty(open.Complaints);
    }

    [Fact(Timeout = 90_000)]
    public async Task ThePageGoesOnWhereItWasAfterTheServerWasRestarted()
    {
        BrowserHouse.OrSkip();
        var data = Path.Combine(house.Folder, "restarted");
        var server = await BrowserHouse.StartServerAsync(0, data);
        var address = server.Address;
        await using var open = await house.OpenAsync(address: address);
        await open.EnterAsync();
        var begin = await open.PlaceAsync();
        await open.Tab.KeyAsync("ArrowLeft", isDown: true);
        await open.WaitAsync($"document.getElementById('map').getAttribute('aria-label') !== '{begin}'");
        await open.Tab.KeyAsync("ArrowLeft", isDown: false);
        await open.PauseAsync();
        var place = await open.PlaceAsync();
        await server.DisposeAsync();
        await open.Tab.WaitForTextAsync(".notice h2", "The server is gone");
        await open.ShootAsync("gone");
        await using var again = await BrowserHouse.StartServerAsync(address.Port, data);
        await open.Tab.WaitAsync("document.querySelector('.notice') === null", TimeSpan.FromSeconds(30));
        await open.SettleAsync();
        Assert.Equal(place, await open.PlaceAsync());
        var before = await open.PictureAsync();
        await open.PressAsync("ArrowLeft");
        await open.ChangedAsync(before);
    }

    [Fact(Timeout = 60_000)]
    public async Task AWorldThatDoesNotExistIsNamedAndAnotherCanBeChosen()
    {
        await using var open = await house.OpenAsync("?world=garden");
        await open.Tab.WaitForTextAsync(".notice h2", "There is no such world");
        await open.ShootAsync("no-such-world");
        await open.Tab.SelectAsync("#world", "house");
        await open.EnterAsync();
        Assert.Contains("world=house", await open.Tab.EvaluateAsync<string>("location.href"), StringComparison.Ordinal);
    }

    [Fact(Timeout = 60_000)]
    public async Task WorldsOfNumbersAloneAreShownToo()
    {
        await using var open = await house.OpenAsync("?world=pendulum");
        await open.EnterAsync();
        await open.WaitAsync("document.querySelectorAll('#views #senses p').length === 3");
        await open.ShootAsync("numbers");
        Assert.Empty(open.Complaints);
    }

    [Theory(Timeout = 60_000)]
    [InlineData(390, 844, true, true)]
    [InlineData(390, 844, true, false)]
    [InlineData(844, 390, true, true)]
    [InlineData(1280, 800, false, true)]
    [InlineData(1280, 800, false, false)]
    [InlineData(3840, 2160, false, true)]
    public async Task ThePageFitsAndPixelsStaySquare(int width, int height, bool isTouch, bool isDark)
    {
        await using var open = await house.OpenAsync(screen: new Screen(width, height, isTouch, isDark));
        await open.EnterAsync();
        var size = await open.Tab.EvaluateAsync<int[]>("[document.documentElement.scrollWidth, document.documentElement.scrollHeight, innerWidth, innerHeight]");
        Assert.Equal([width, height, width, height], size);
        Assert.Equal(isTouch, await open.Tab.IsVisibleAsync("#thumb-move"));
        var picture = await open.Tab.BoxAsync(".picture");
        Assert.Equal(picture[2], picture[3], 0.01);
        Assert.Equal(0, picture[2] % Side, 0.01);
        Assert.InRange(picture[2], Math.Min(width, height) * 0.6, Math.Min(width, height));
        await open.ShootAsync(FormattableString.Invariant($"{width}x{height}-{(isDark ? "dark" : "light")}"));
        if (isTouch)
        {
            await open.Tab.ClickAsync("#toggle-panel");
            await open.ShootAsync(FormattableString.Invariant($"{width}x{height}-{(isDark ? "dark" : "light")}-details"));
        }

        Assert.Empty(open.Complaints);
    }

    // The loudest that the page says it heard within some seconds, in dB.
    private static async Task<double> LoudestAsync(OpenPage open, double seconds)
    {
        var loudest = -60.0;
        for (var i = 0; i <= seconds * 20; i++)
        {
            if (double.TryParse((await open.TextAsync("meter-sound")).Replace(" dB", "", StringComparison.Ordinal), System.Globalization.CultureInfo.InvariantCulture, out var level))
            {
                loudest = Math.Max(loudest, level);
            }

            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        return loudest;
    }

    // By how many columns the second picture lies to the right of the first: where the mean difference is smallest.
    private static int Shift(int[] from, int[] to) => Enumerable.Range(-16, 33).MinBy(shift =>
    {
        var sum = 0.0;
        var count = 0;
        for (var y = 0; y < Side; y++)
        {
            for (var x = Math.Max(0, shift); x < Math.Min(Side, Side + shift); x++)
            {
                for (var colour = 0; colour < 3; colour++)
                {
                    sum += Math.Abs(to[(((y * Side) + x) * 4) + colour] - from[(((y * Side) + x - shift) * 4) + colour]);
                    count++;
                }
            }
        }

        return sum / count;
    });
}
