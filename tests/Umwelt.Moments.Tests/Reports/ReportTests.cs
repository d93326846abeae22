// What a report must never do: let text become markup, ask the network for anything, or draw what is not there.
using System.Globalization;
using Umwelt.Moments.Reports;
using Umwelt.Storage;
using Xunit;

namespace Umwelt.Moments.Tests.Reports;

public sealed class ReportTests
{
    [Fact]
    public void Text_never_becomes_markup_and_nothing_is_fetched()
    {
        var report = new HtmlReport("<b>&", "\"quoted\"");
        report.Section("<script>alert(1)</script>", "a < b");
        report.Table(["<i>"], [["<td>"], ["x"]]);
        report.Figure("a \"caption\" <x>", new SvgPlot(300, 200, "<x>").Curve("<c>", [0, 1], [1, 2]).Curve("d", [0], [1]));
        report.Picture("p", new byte[12], 2, 2, PngLayout.Rgb, 4);
        report.Sound("s", new float[100], 8000, 2);
        var html = report.ToString();
        foreach (var markup in new[] { "<script", "<b>", "<i>", "<td><td>", "<c>", "href=", "src=\"http", "url(", "@import" })
        {
            Assert.DoesNotContain(markup, html, StringComparison.Ordinal);
        }

        Assert.Contains("&lt;script&gt;", html, StringComparison.Ordinal);
    }

    [Fact]
    public void A_gap_in_a_curve_stays_a_gap()
    {
        var svg = new SvgPlot(300, 200).Curve("a", [0, 1, 2, 3, 4], [1, 2, double.NaN, 3, 4]).ToSvg("c");
        var path = svg[(svg.IndexOf(" d=\"", StringComparison.Ordinal) + 4)..];
        path = path[..path.IndexOf('"', StringComparison.Ordinal)];
        Assert.Equal(2, path.Count(letter => letter == 'M'));
        Assert.Equal(2, path.Count(letter => letter == 'L'));
    }

    [Fact]
    public void No_curve_runs_through_the_names_of_curves()
    {
        var plot = new SvgPlot(300, 200);
        for (var i = 0; i < 6; i++)
        {
            plot.Curve($"a rather long name {i}", [0, 1], [i, 5 - i]);
        }

        var svg = System.Xml.Linq.XElement.Parse(plot.ToSvg("c"));
        var names = svg.Elements().Where(element => element.Value.StartsWith("a rather", StringComparison.Ordinal)).ToList();
        Assert.Equal(6, names.Count);
        var lowest = names.Max(name => double.Parse(name.Attribute("y")!.Value, CultureInfo.InvariantCulture));
        Assert.Equal(6, names.Select(name => (name.Attribute("x")!.Value, name.Attribute("y")!.Value)).Distinct().Count());
        foreach (var path in svg.Elements().Where(element => element.Name.LocalName == "path"))
        {
            var numbers = path.Attribute("d")!.Value.Split(['M', 'L', ' '], StringSplitOptions.RemoveEmptyEntries);
            Assert.All(numbers.Where((_, i) => i % 2 == 1), y => Assert.True(double.Parse(y, CultureInfo.InvariantCulture) > lowest));
        }
    }

    [Fact]
    public void Counts_have_whole_ticks_and_a_picture_has_axes()
    {
        var svg = System.Xml.Linq.XElement.Parse(new SvgPlot(300, 200).Bars([1, 0, 2], 0, 3).ToSvg("c"));
        Assert.DoesNotContain("0.5", svg.Elements().Where(element => element.Name.LocalName == "text").Select(text => text.Value));
        svg = System.Xml.Linq.XElement.Parse(new SvgPlot(1000, 200, "seconds").Picture(new byte[2 * 3 * 3], 3, 2, 10, 4000).ToSvg("c"));
        Assert.StartsWith("data:image/png;base64,", svg.Elements().Single(element => element.Name.LocalName == "image").Attribute("href")!.Value, StringComparison.Ordinal);
        Assert.Superset(new HashSet<string> { "4000", "10", "seconds" }, svg.Elements().Select(element => element.Value).ToHashSet());
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(-3.7, 12.2)]
    [InlineData(1e-7, 3e-7)]
    [InlineData(0, 4.5e9)]
    public void Ticks_are_round_and_lie_inside_the_range(double from, double to)
    {
        var ticks = SvgPlot.Ticks(from, to, 5);
        Assert.InRange(ticks.Count, 2, 8);
        Assert.All(ticks, tick => Assert.InRange(tick, from - ((to - from) * 1e-6), to + ((to - from) * 1e-6)));
    }

    [Fact]
    public void A_drawing_of_nothing_or_of_one_number_is_still_a_drawing()
    {
        Assert.DoesNotContain("NaN", new SvgPlot(100, 100).Curve("a", [], []).ToSvg("c"), StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", new SvgPlot(100, 100).Curve("a", [1], [5]).ToSvg("c"), StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", new SvgPlot(100, 100) { IsLogarithmic = true }.Curve("a", [1, 2], [0, -1]).ToSvg("c"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_tone_is_brightest_at_its_own_frequency()
    {
        var samples = new float[8000];
        for (var i = 0; i < samples.Length; i++)
        {
            samples[i] = 0.5f * MathF.Sin(2 * MathF.PI * 1000 * i / 8000);
        }

        var (pixels, width, height) = Spectrogram.Draw(samples);
        var column = width / 2;
        var brightest = Enumerable.Range(0, height).MaxBy(y => pixels[((y * width) + column) * 3] + pixels[(((y * width) + column) * 3) + 1] + pixels[(((y * width) + column) * 3) + 2]);
        Assert.Equal(height - 1 - (1000 * Spectrogram.Frame / 8000), brightest);
    }

    [Fact]
    public void A_contact_sheet_holds_every_picture_in_its_place()
    {
        var sheet = new ContactSheet(5, 3, 2, 4, 1);
        for (var i = 1; i <= 5; i++)
        {
            sheet.Add(Enumerable.Repeat((byte)i, 8).ToArray());
        }

        Assert.Equal((16, 6), (sheet.Width, sheet.Height));
        Assert.Equal(2, sheet.Pixels[6]);
        Assert.Equal(0, sheet.Pixels[4]);
        Assert.Equal(5, sheet.Pixels[(4 * 16) + 6]);
    }
}
