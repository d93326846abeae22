// The tables of `umwelt inspect`, the same on a terminal and on the page.
using System.Globalization;
using Umwelt.Cli.Output;
using Umwelt.Moments;

namespace Umwelt.Cli.Inspect;

internal static class RecordingTables
{
    private const int MostTexts = 20;

    public static IReadOnlyList<string> ChannelColumns { get; } = ["channel", "kind", "role", "shape", "present", "what it holds"];

    public static IReadOnlyList<string> NumberColumns { get; } = ["number", "mean", "deviation", "least", "1%", "median", "99%", "most", "not finite"];

    public static IReadOnlyList<IReadOnlyList<string>> Provenance(Provenance provenance)
    {
        var rows = new List<IReadOnlyList<string>>();
        Add("origin", provenance.Origin);
        Add("occupant", provenance.Occupant);
        Add("seed", provenance.Seed?.ToString(CultureInfo.InvariantCulture));
        Add("licence", provenance.Licence);
        Add("who may use it", provenance.Access);
        Add("made by", provenance.Creator);
        Add("made on", provenance.Created?.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture));
        Add("notes", provenance.Notes);
        return rows;

        void Add(string what, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                rows.Add([what, Terminal.Printable(value)]);
            }
        }
    }

    public static IReadOnlyList<IReadOnlyList<string>> Channels(Recording recording, RecordingSample sample) =>
    [
        .. recording.Schema.Channels.Select((channel, i) => (IReadOnlyList<string>)
        [
            channel.Name,
            channel.Kind.ToString().ToLowerInvariant(),
            channel.Role.ToString().ToLowerInvariant(),
            channel.Shape.IsEmpty ? "–" : string.Join('x', channel.Shape),
            Percent(sample.Presence(i)),
            Content(recording.Schema, i, sample),
        ]),
    ];

    public static string EpisodeLine(Recording recording)
    {
        var episodes = recording.Episodes;
        var lengths = episodes.Select(episode => episode.Length).Order().ToList();
        var endings = episodes.GroupBy(episode => episode.Ending).ToDictionary(group => group.Key, group => group.Count());
        var spread = lengths[0] == lengths[^1]
            ? Counted.Of(lengths[0], "moment")
            : string.Create(CultureInfo.InvariantCulture, $"{lengths[0]:N0} to {lengths[^1]:N0} moments (median {lengths[lengths.Count / 2]:N0})");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Counted.Of(episodes.Count, "episode")} of {spread}: {endings.GetValueOrDefault(Ending.End):N0} ended, {endings.GetValueOrDefault(Ending.Truncation):N0} truncated, {endings.GetValueOrDefault(Ending.None):N0} cut off.");
    }

    public static IReadOnlyList<IReadOnlyList<string>> Numbers(VectorChannel vector, int channel, RecordingSample sample)
    {
        var rows = new List<IReadOnlyList<string>>();
        for (var i = 0; i < vector.Size; i++)
        {
            var values = sample.Numbers(channel, i);
            var finite = values.Where(double.IsFinite).Order().ToArray();
            var mean = finite.Length == 0 ? double.NaN : finite.Average();
            var deviation = finite.Length == 0 ? double.NaN : Math.Sqrt(finite.Average(value => (value - mean) * (value - mean)));
            rows.Add([NameOf(vector, i), Number(mean), Number(deviation), At(0), At(0.01), At(0.5), At(0.99), At(1), (values.Length - finite.Length).ToString(CultureInfo.InvariantCulture)]);

            string At(double share) => finite.Length == 0 ? "–" : Number(finite[(int)Math.Round(share * (finite.Length - 1))]);
        }

        return rows;
    }

    public static IReadOnlyList<IReadOnlyList<string>> Texts(int channel, RecordingSample sample) =>
    [
        .. sample.Texts(channel).OrderByDescending(text => text.Value).ThenBy(text => text.Key, StringComparer.Ordinal).Take(MostTexts)
            .Select(text => (IReadOnlyList<string>)[Terminal.Fit(text.Key, 100), text.Value.ToString(CultureInfo.InvariantCulture)]),
    ];

    public static string NameOf(VectorChannel vector, int number) =>
        vector.Names.IsDefault ? vector.Size == 1 ? vector.Name : $"{vector.Name}[{number}]" : vector.Names[number];

    public static string Percent(double share) => (share * 100).ToString(share is 0 or 1 ? "0" : "0.##", CultureInfo.InvariantCulture) + "%";

    private static string Number(double value) => double.IsNaN(value) ? "–" : value.ToString("G4", CultureInfo.InvariantCulture);

    private static string Content(Schema schema, int channel, RecordingSample sample)
    {
        switch (schema.Channels[channel])
        {
            case SoundChannel sound:
                var (level, peak) = sample.Loudness(channel);
                return string.Create(CultureInfo.InvariantCulture, $"{schema.SampleRate(sound):0} samples a second, level {Decibels(level)}, peak {Decibels(peak)}");
            case VectorChannel vector:
                return string.Join(", ", Enumerable.Range(0, Math.Min(4, vector.Size)).Select(i =>
                {
                    var values = sample.Numbers(channel, i).Where(double.IsFinite).ToArray();
                    return values.Length == 0 ? $"{NameOf(vector, i)} –" : $"{NameOf(vector, i)} {Number(values.Min())} to {Number(values.Max())}";
                })) + (vector.Size > 4 ? ", …" : "");
            case CategoryChannel category:
                var counts = sample.Categories(channel, category.Count);
                return string.Join(", ", Enumerable.Range(0, category.Count).Where(i => counts[i] > 0).Take(5).Select(i =>
                    $"{(category.Labels.IsDefault ? i.ToString(CultureInfo.InvariantCulture) : category.Labels[i])} {Percent(counts[i] / (double)Math.Max(1, counts.Sum()))}"));
            case TextChannel:
                var texts = sample.Texts(channel);
                return texts.Count == 0
                    ? "nothing is said"
                    : $"in {Percent(texts.Values.Sum() / (double)Math.Max(1, sample.Count))} of moments, such as \"{Terminal.Fit(texts.MaxBy(text => text.Value).Key, 40)}\"";
            default:
                return "";
        }
    }

    private static string Decibels(double share) => share <= 0 ? "silent" : string.Create(CultureInfo.InvariantCulture, $"{Math.Min(0, Math.Round(20 * Math.Log10(share))) + 0:0} dB");
}
