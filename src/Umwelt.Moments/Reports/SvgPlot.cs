// Drawings of numbers as SVG: curves over a common axis, bands between two curves, bars of a histogram, a picture with axes.
// Axes carry round numbers, gaps (NaN) stay gaps, and colours are the page's, so that a drawing is readable in light and dark.
using System.Globalization;
using System.Text;
using Umwelt.Storage;

namespace Umwelt.Moments.Reports;

internal sealed class SvgPlot
{
    private const int Left = 52;
    private const int Right = 12;
    private const int Margin = 10;
    private const int LegendLine = 16;
    private const int Bottom = 34;
    private const int Colours = 6;

    private readonly int _width;
    private readonly int _height;
    private readonly string _xLabel;
    private readonly List<(string Name, double[] X, double[] Y)> _curves = [];
    private readonly List<(double[] X, double[] Low, double[] High, int Colour, bool IsSolid)> _bands = [];
    private (string Source, double X, double Y)? _picture;
    private double[]? _bars;
    private double _barsFrom;
    private double _barsTo;

    /// <summary>An empty drawing of this size in pixels.</summary>
    public SvgPlot(int width, int height, string xLabel = "")
    {
        (_width, _height, _xLabel) = (width, height, xLabel);
    }

    /// <summary>Whether the vertical axis is logarithmic; what is not positive is left out.</summary>
    public bool IsLogarithmic { get; init; }

    /// <summary>A curve through these points; NaN interrupts it.</summary>
    public SvgPlot Curve(string name, ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        _curves.Add((name, x.ToArray(), y.ToArray()));
        return this;
    }

    /// <summary>A band between two curves, in the colour of the curve added next; faint behind that curve, or solid by itself.</summary>
    public SvgPlot Band(ReadOnlySpan<double> x, ReadOnlySpan<double> low, ReadOnlySpan<double> high, bool isSolid = false)
    {
        _bands.Add((x.ToArray(), low.ToArray(), high.ToArray(), _curves.Count % Colours, isSolid));
        return this;
    }

    /// <summary>Bars of equal width from one number to another.</summary>
    public SvgPlot Bars(ReadOnlySpan<double> heights, double from, double to)
    {
        _bars = heights.ToArray();
        (_barsFrom, _barsTo) = (from, to);
        return this;
    }

    /// <summary>A picture, RGB bytes [height, width, 3], stretched over both axes, which run from 0.</summary>
    public SvgPlot Picture(ReadOnlySpan<byte> pixels, int width, int height, double x, double y)
    {
        using var png = new MemoryStream();
        Png.Write(png, pixels, width, height, PngLayout.Rgb);
        _picture = (Convert.ToBase64String(png.GetBuffer(), 0, (int)png.Length), x, y);
        return this;
    }

    /// <summary>The drawing; the caption is what a screen reader says of it.</summary>
    public string ToSvg(string caption)
    {
        var (x0, x1) = Range(_curves.SelectMany(curve => curve.X).Concat(_bands.SelectMany(band => band.X)).Concat(_bars is null ? [] : [_barsFrom, _barsTo]).Concat(_picture is { } across ? [0, across.X] : []));
        var (y0, y1) = Range(_curves.SelectMany(curve => curve.Y).Concat(_bands.SelectMany(band => band.Low.Concat(band.High))).Concat(_bars is null ? [] : _bars.Append(0)).Where(Shows).Select(Scale).Concat(_picture is { } upward ? [0, upward.Y] : []));
        var legend = Legend(out var legendHeight);
        var top = Margin + legendHeight;
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{_width}\" height=\"{_height}\" viewBox=\"0 0 {_width} {_height}\" role=\"img\" aria-label=\"{HtmlReport.Escape(caption)}\">");
        if (_picture is { } picture)
        {
            svg.Append(CultureInfo.InvariantCulture, $"<image x=\"{Left}\" y=\"{top}\" width=\"{_width - Left - Right}\" height=\"{_height - top - Bottom}\" preserveAspectRatio=\"none\" href=\"data:image/png;base64,{picture.Source}\"/>");
        }

        // Counts have no halves.
        var areCounts = _bars is { } bars && Array.TrueForAll(bars, bar => bar == Math.Round(bar));
        foreach (var tick in Ticks(y0, y1, 5).Where(tick => !areCounts || tick == Math.Round(tick)))
        {
            if (_picture is null)
            {
                svg.Append(CultureInfo.InvariantCulture, $"<line x1=\"{Left}\" x2=\"{_width - Right}\" y1=\"{Y(tick):0.#}\" y2=\"{Y(tick):0.#}\" stroke=\"var(--line)\"/>");
            }

            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left - 6}\" y=\"{Y(tick) + 4:0.#}\" text-anchor=\"end\">{Label(IsLogarithmic ? Math.Pow(10, tick) : tick)}</text>");
        }

        foreach (var tick in Ticks(x0, x1, Math.Max(4, _width / 90)))
        {
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{X(tick):0.#}\" y=\"{_height - Bottom + 16}\" text-anchor=\"middle\">{Label(tick)}</text>");
        }

        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{(Left + _width - Right) / 2}\" y=\"{_height - 4}\" text-anchor=\"middle\">{HtmlReport.Escape(_xLabel)}</text>");
        for (var i = 0; i < (_bars?.Length ?? 0); i++)
        {
            var from = X(_barsFrom + ((_barsTo - _barsFrom) * i / _bars!.Length));
            var to = X(_barsFrom + ((_barsTo - _barsFrom) * (i + 1) / _bars.Length));
            if (Shows(_bars[i]))
            {
                svg.Append(CultureInfo.InvariantCulture, $"<rect x=\"{from:0.##}\" y=\"{Y(Scale(_bars[i])):0.##}\" width=\"{Math.Max(0.5, to - from - 0.5):0.##}\" height=\"{Math.Max(0, Y(y0) - Y(Scale(_bars[i]))):0.##}\" fill=\"var(--c0)\"/>");
            }
        }

        foreach (var band in _bands)
        {
            var points = band.X.Zip(band.High, (x, y) => (x, y)).Concat(band.X.Zip(band.Low, (x, y) => (x, y)).Reverse()).Where(point => Shows(point.y));
            svg.Append(CultureInfo.InvariantCulture, $"<polygon fill=\"var(--c{band.Colour})\" opacity=\"{(band.IsSolid ? 1 : 0.18)}\" points=\"{string.Join(' ', points.Select(point => string.Create(CultureInfo.InvariantCulture, $"{X(point.x):0.#},{Y(Scale(point.y)):0.#}")))}\"/>");
        }

        for (var i = 0; i < _curves.Count; i++)
        {
            svg.Append(CultureInfo.InvariantCulture, $"<path fill=\"none\" stroke=\"var(--c{i % Colours})\" stroke-width=\"1.5\" d=\"{Path(_curves[i].X, _curves[i].Y)}\"/>");
        }

        return svg.Append(legend).Append("</svg>").ToString();

        double X(double x) => Left + ((x - x0) / (x1 - x0) * (_width - Left - Right));
        double Y(double y) => _height - Bottom - ((y - y0) / (y1 - y0) * (_height - top - Bottom));

        string Path(double[] xs, double[] ys)
        {
            var path = new StringBuilder();
            var isPenDown = false;
            for (var i = 0; i < xs.Length; i++)
            {
                if (!Shows(ys[i]))
                {
                    isPenDown = false;
                    continue;
                }

                path.Append(CultureInfo.InvariantCulture, $"{(isPenDown ? 'L' : 'M')}{X(xs[i]):0.#} {Y(Scale(ys[i])):0.#}");
                isPenDown = true;
            }

            return path.ToString();
        }
    }

    /// <summary>Round numbers that divide a range into about so many parts.</summary>
    public static IReadOnlyList<double> Ticks(double from, double to, int about)
    {
        var rough = (to - from) / about;
        var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        var step = new[] { 1, 2, 5, 10 }.Select(factor => factor * power).First(step => step >= rough * 0.999);
        var ticks = new List<double>();
        for (var i = Math.Ceiling((from / step) - 1e-9); i * step <= to + (step * 1e-9); i++)
        {
            ticks.Add(i * step);
        }

        return ticks;
    }

    private static string Label(double value)
    {
        var size = Math.Abs(value);
        return size < 1e-12 ? "0" : size is (>= 1e-3 and < 1e6)
            ? Math.Round(value, 6).ToString("0.######", CultureInfo.InvariantCulture)
            : value.ToString("0.##e0", CultureInfo.InvariantCulture);
    }

    // From the least to the greatest finite number, widened where they are one.
    private static (double From, double To) Range(IEnumerable<double> values)
    {
        var finite = values.Where(double.IsFinite).DefaultIfEmpty(0);
        var (from, to) = finite.Aggregate((Least: double.PositiveInfinity, Most: double.NegativeInfinity), (range, x) => (Math.Min(range.Least, x), Math.Max(range.Most, x)));
        var margin = to > from ? 0 : Math.Max(1e-9, Math.Abs(from) * 0.5);
        return margin > 0 ? (from - margin, to + margin) : (from, to);
    }

    private bool Shows(double y) => double.IsFinite(y) && (!IsLogarithmic || y > 0);

    private double Scale(double y) => IsLogarithmic ? Math.Log10(y) : y;

    // Names of curves in lines above the drawing, so that no curve runs through them.
    private StringBuilder Legend(out int height)
    {
        var svg = new StringBuilder();
        height = 0;
        if (_curves.Count < 2)
        {
            return svg;
        }

        var (x, y) = (Left, Margin);
        for (var i = 0; i < _curves.Count; i++)
        {
            var width = 30 + (7 * _curves[i].Name.Length);
            if (x > Left && x + width > _width - Right)
            {
                (x, y) = (Left, y + LegendLine);
            }

            svg.Append(CultureInfo.InvariantCulture, $"<line x1=\"{x}\" x2=\"{x + 14}\" y1=\"{y}\" y2=\"{y}\" stroke=\"var(--c{i % Colours})\" stroke-width=\"3\"/><text x=\"{x + 18}\" y=\"{y + 4}\">{HtmlReport.Escape(_curves[i].Name)}</text>");
            x += width;
        }

        height = y - Margin + LegendLine;
        return svg;
    }
}
