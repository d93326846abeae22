// The page that measuring leaves: what was measured and how, every figure with its interval and its bar, what was left out and
// why, and then what there is to see.
using System.Globalization;
using Umwelt.Moments.Reports;

namespace Umwelt.Learning.Measures;

internal static class MeasureReport
{
    public static readonly string[] Columns = ["key", "value", "95% from", "to", "bar", "holds", "what it is"];

    public static HtmlReport Of(string title, string subtitle, IReadOnlyList<string> conditions, Findings findings)
    {
        var page = new HtmlReport(title, subtitle);
        foreach (var condition in conditions)
        {
            page.Text(condition);
        }

        page.Section("Figures", "Intervals are 95% by drawing episodes again with replacement.");
        page.Table(Columns, Rows(findings));
        if (findings.LeftOut.Count > 0)
        {
            page.Section("Left out");
            foreach (var what in findings.LeftOut)
            {
                page.Text(what);
            }
        }

        foreach (var exhibit in findings.Exhibits)
        {
            exhibit(page);
        }

        return page;
    }

    /// <summary>The figures as rows of a table.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> Rows(Findings findings) =>
        [.. findings.Figures.Select(figure => (IReadOnlyList<string>)
        [
            figure.Key,
            Number(figure.Estimate.Value),
            Number(figure.Estimate.Low),
            Number(figure.Estimate.High),
            figure.Bar?.ToString() ?? "",
            figure.Bar is { } bar ? bar.Holds(figure.Estimate.Value) ? "yes" : "no" : "",
            figure.Meaning,
        ])];

    private static string Number(double value) => double.IsNaN(value) ? "–" : value.ToString(Math.Abs(value) >= 100 ? "0" : Math.Abs(value) >= 10 ? "0.0" : "0.000", CultureInfo.InvariantCulture);
}
