// Figures of a claim beside what they have to reach, over one seed or several: the worst seed speaks for all.
using System.Globalization;

namespace Umwelt;

/// <summary>Gathers figures and says whether a claim holds.</summary>
internal sealed class Verdict(IProgress<string> progress)
{
    private readonly List<Entry> _entries = [];

    /// <summary>A figure that has to be at least a bar.</summary>
    public void AtLeast(string name, long seed, double value, double bar) => Add(new Entry(name, seed, value, bar, 1));

    /// <summary>A figure that has to be at most a bar.</summary>
    public void AtMost(string name, long seed, double value, double bar) => Add(new Entry(name, seed, value, bar, -1));

    /// <summary>A figure that is worth knowing and decides nothing.</summary>
    public void Tell(string name, long seed, double value) => Add(new Entry(name, seed, value, double.NaN, 0));

    /// <summary>What came out.</summary>
    public ExperimentResult Result()
    {
        var figures = new Dictionary<string, double>(StringComparer.Ordinal);
        var thresholds = new List<string>();
        foreach (var figure in _entries.GroupBy(entry => entry.Name, StringComparer.Ordinal))
        {
            var (name, bar, side) = (figure.Key, figure.First().Bar, figure.First().Side);
            figures[name] = side > 0 ? figure.Min(entry => entry.Value) : side < 0 ? figure.Max(entry => entry.Value) : figure.Average(entry => entry.Value);
            if (side != 0)
            {
                thresholds.Add(string.Create(CultureInfo.InvariantCulture, $"{name} {(side > 0 ? '≥' : '≤')} {bar:G6}"));
            }
        }

        foreach (var (name, seed, value, _, _) in _entries.Where(entry => _entries.Exists(other => other.Seed != entry.Seed)))
        {
            figures[string.Create(CultureInfo.InvariantCulture, $"{name}_seed_{seed}")] = value;
        }

        return new ExperimentResult(figures, thresholds, _entries.TrueForAll(entry => entry.Holds));
    }

    private void Add(Entry entry)
    {
        _entries.Add(entry);
        progress.Report(string.Create(CultureInfo.InvariantCulture, $"seed {entry.Seed}: {entry.Name} {entry.Value:G6}{(entry.Holds ? "" : ", which misses its bar")}"));
    }

    // A figure that is no number holds nothing.
    private sealed record Entry(string Name, long Seed, double Value, double Bar, int Side)
    {
        public bool Holds => Side == 0 || (Side > 0 ? Value >= Bar : Value <= Bar);
    }
}
