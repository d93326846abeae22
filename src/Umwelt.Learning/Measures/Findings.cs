// What came out: figures under their keys, each with its interval and the bar it is held against, and what a page shows of them.
using System.Globalization;
using Umwelt.Moments.Reports;

namespace Umwelt.Learning.Measures;

/// <summary>What a figure is held against.</summary>
/// <param name="Least">It is at least this; NaN for no such bound.</param>
/// <param name="Most">It is at most this; NaN for no such bound.</param>
internal readonly record struct Bar(double Least, double Most)
{
    public static Bar AtLeast(double least) => new(least, double.NaN);

    /// <summary>More than nothing.</summary>
    public static Bar AboveZero => new(double.Epsilon, double.NaN);

    public static Bar AtMost(double most) => new(double.NaN, most);

    public bool Holds(double value) => !double.IsNaN(value) && !(value < Least) && !(value > Most);

    public override string ToString() => Least is double.Epsilon ? "> 0" : double.IsNaN(Most) ? Text($"≥ {Least:0.###}") : double.IsNaN(Least) ? Text($"≤ {Most:0.###}") : Text($"{Least:0.###} to {Most:0.###}");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>One figure.</summary>
/// <param name="Key">Its name for programs.</param>
/// <param name="Estimate">The value with its interval.</param>
/// <param name="Bar">What it is held against, if anything.</param>
/// <param name="Meaning">What it is, for people.</param>
internal sealed record Figure(string Key, Estimate Estimate, Bar? Bar, string Meaning);

internal sealed class Findings
{
    private readonly List<Figure> _figures = [];
    private readonly List<Action<HtmlReport>> _exhibits = [];
    private readonly List<string> _leftOut = [];

    public IReadOnlyList<Figure> Figures => _figures;

    /// <summary>What could not be measured, and why.</summary>
    public IReadOnlyList<string> LeftOut => _leftOut;

    public IReadOnlyList<Action<HtmlReport>> Exhibits => _exhibits;

    public void Add(string key, Estimate estimate, Bar? bar, string meaning) => _figures.Add(new Figure(key, estimate, bar, meaning));

    public void Add(string key, double value, Bar? bar, string meaning) => Add(key, new Estimate(value, double.NaN, double.NaN), bar, meaning);

    /// <summary>What a page shows, in the order in which it was found.</summary>
    public void Show(Action<HtmlReport> exhibit) => _exhibits.Add(exhibit);

    public void LeaveOut(string what, string why) => _leftOut.Add($"{what}: {why}");

    /// <summary>The value of a key; NaN where it was not measured.</summary>
    public double this[string key] => _figures.LastOrDefault(figure => figure.Key == key)?.Estimate.Value ?? double.NaN;
}
