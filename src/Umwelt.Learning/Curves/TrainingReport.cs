// What became of a run as one page: its curves, what it said on the way, its configuration. Made from the run's log, so a
// run that was stopped and resumed has one report.
using System.Globalization;
using System.Text.Json;
using Umwelt.Moments.Reports;

namespace Umwelt.Learning;

/// <summary>Writes report.html.</summary>
/// <param name="folder">The run's folder, which holds its log.</param>
/// <param name="title">What the page is called.</param>
public sealed class TrainingReport(string folder, string title) : TrainingObserver
{
    /// <summary>The file's name.</summary>
    public const string FileName = "report.html";

    private const int Width = 520;
    private const int Height = 260;
    private const int MostPoints = 1000;

    /// <inheritdoc/>
    public override void Ended(long step, string? failure) => Write(folder, title, failure);

    /// <summary>Writes the page of a run from its log.</summary>
    public static void Write(string folder, string title, string? failure = null)
    {
        var lines = TrainingLog.Read(folder);
        var steps = lines.Where(line => line.TryGetProperty("loss", out _)).ToList();
        var evaluations = lines.Where(line => line.TryGetProperty("evaluation", out _)).ToList();
        var last = steps.Count > 0 ? steps[^1] : default;
        var page = new HtmlReport(
            title,
            steps.Count == 0 ? "No step was made."
                : string.Create(CultureInfo.InvariantCulture, $"{Value(last, "step"):N0} steps, {Value(last, "moments"):N0} tokens or moments, in {TimeSpan.FromSeconds(Value(last, "seconds")):d\\.hh\\:mm\\:ss}."));
        if (failure is not null)
        {
            page.Text($"The run ended early: {failure}");
        }

        if (evaluations.Count > 0)
        {
            var names = evaluations[^1].GetProperty("evaluation").EnumerateObject().Select(figure => figure.Name).ToList();
            page.Section("Held-out data");
            page.Table(["step", .. names], [.. Thin(evaluations, 20).Select(line => (IReadOnlyList<string>)[Text(Value(line, "step")), .. names.Select(name => Text(Value(line.GetProperty("evaluation"), name)))])]);
        }

        if (steps.Count > 1)
        {
            page.Section("Curves");
            var losses = new SvgPlot(Width, Height, "step").Curve("training", Of(Smooth(steps), point => point.Step), Of(Smooth(steps), point => point.Loss));
            if (evaluations.Count > 0 && evaluations[0].GetProperty("evaluation").EnumerateObject().First().Name is var score)
            {
                losses.Curve("held out", [.. evaluations.Select(line => Value(line, "step"))], [.. evaluations.Select(line => Value(line.GetProperty("evaluation"), score))]);
            }

            page.Figure("Loss", losses);
            foreach (var (key, caption, isLogarithmic) in new[] { ("rate", "Learning rate", false), ("norm", "Norm of the gradients, before clipping", true), ("rows", "Rows of a batch", false), ("length", "Length of a row", false) })
            {
                var values = steps.Select(line => Value(line, key)).ToArray();
                if (values.Distinct().Skip(1).Any())
                {
                    var shown = Thin([.. steps.Zip(values)], MostPoints);
                    page.Figure(caption, new SvgPlot(Width, Height, "step") { IsLogarithmic = isLogarithmic }.Curve(key, Of(shown, point => Value(point.First, "step")), Of(shown, point => point.Second)));
                }
            }
        }

        var samples = lines.Where(line => line.TryGetProperty("sample", out _)).ToList();
        if (samples.Count > 0)
        {
            page.Section("What it said on the way");
            page.Table(["step", "sample"], [.. Thin(samples, 20).Select(line => (IReadOnlyList<string>)[Text(Value(line, "step")), line.GetProperty("sample").GetString() ?? ""])]);
        }

        var configuration = Path.Combine(folder, "config.json");
        if (File.Exists(configuration))
        {
            page.Section("Configuration");
            using var document = JsonDocument.Parse(File.ReadAllText(configuration));
            page.Table(["key", "value"], [.. Leaves(document.RootElement, "")]);
        }

        page.Save(Path.Combine(folder, FileName));
    }

    private static double[] Of<T>(IEnumerable<T> items, Func<T, double> value) => [.. items.Select(value)];

    // A loss of one batch says little; the curve is their running mean.
    private static List<(double Step, double Loss)> Smooth(List<JsonElement> steps)
    {
        var span = Math.Max(1, steps.Count / 200);
        var points = new List<(double, double)>();
        for (var i = 0; i < steps.Count; i += span)
        {
            var some = steps.Skip(i).Take(span).ToList();
            points.Add((Value(some[^1], "step"), some.Average(line => Value(line, "loss"))));
        }

        return points;
    }

    private static List<T> Thin<T>(List<T> items, int most) =>
        items.Count <= most ? items : [.. Enumerable.Range(0, most).Select(i => items[(int)((long)i * (items.Count - 1) / (most - 1))])];

    private static double Value(JsonElement line, string key) =>
        line.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : double.NaN;

    private static string Text(double value) => double.IsFinite(value) ? value.ToString("#,0.####", CultureInfo.InvariantCulture) : "–";

    private static IEnumerable<IReadOnlyList<string>> Leaves(JsonElement element, string path)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            return [[path, element.ToString()]];
        }

        return element.EnumerateObject().SelectMany(property => Leaves(property.Value, path.Length == 0 ? property.Name : $"{path}.{property.Name}"));
    }
}
