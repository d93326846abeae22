// A page on what is in a recording: where it comes from, its episodes, and for each channel pictures, sounds, curves and
// counts, so that one sees in a minute whether the data is what one thinks it is. Long recordings are sampled in blocks that
// are spread over the whole.
using System.Globalization;
using System.Text;
using Umwelt.Cli.Output;
using Umwelt.Moments;
using Umwelt.Moments.Reports;
using Umwelt.Storage;

namespace Umwelt.Cli.Inspect;

internal sealed class RecordingReport
{
    private const int SheetPictures = 60;
    private const int SheetColumns = 10;
    private const int StripPictures = 20;
    private const int SheetWidth = 1000;
    private const int LongestSound = 10;
    private const int MostNumbers = 16;
    private const int Bins = 40;
    private const int TraceMoments = 400;
    private const int MostUtterances = 60;

    private readonly Recording _recording;
    private readonly RecordingSample _sample;
    private readonly HtmlReport _page;

    private RecordingReport(Recording recording, RecordingSample sample)
    {
        _recording = recording;
        _sample = sample;
        _page = new HtmlReport(
            Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(recording.Folder))),
            string.Create(CultureInfo.InvariantCulture, $"A recording of {Counted.Of(recording.MomentCount, "moment")} in {Counted.Of(recording.Episodes.Count, "episode")}, {Duration(recording.MomentCount / recording.Schema.Rate)} at {recording.Schema.Rate:0.###} moments a second."));
    }

    /// <summary>The page as text.</summary>
    public static string Write(Recording recording, IProgress<string>? progress, CancellationToken cancellation)
    {
        progress?.Report("reading moments");
        var report = new RecordingReport(recording, RecordingSample.Of(recording, cancellation));
        report.Origin();
        report.Episodes();
        for (var i = 0; i < recording.Schema.Channels.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            progress?.Report($"drawing {recording.Schema.Channels[i].Name}");
            report.Channel(i);
        }

        return report._page.ToString();
    }

    /// <summary>A time for people.</summary>
    public static string Duration(double seconds)
    {
        var time = TimeSpan.FromSeconds(seconds);
        return seconds < 60 ? string.Create(CultureInfo.InvariantCulture, $"{seconds:0.#} s")
            : seconds < 3600 ? string.Create(CultureInfo.InvariantCulture, $"{time.Minutes} min {time.Seconds} s")
            : string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours} h {time.Minutes} min");
    }

    private void Origin()
    {
        _page.Section("Where it comes from");
        _page.Table(["what", "value"], RecordingTables.Provenance(_recording.Provenance));
        if (_recording.Damage.Count > 0)
        {
            _page.Section("Damage", "These files could not be read and were passed over.");
            _page.Table(["file", "problem"], [.. _recording.Damage.Select(damage => (IReadOnlyList<string>)[damage.Path, damage.Problem])]);
        }

        _page.Section("Channels");
        _page.Table(RecordingTables.ChannelColumns, RecordingTables.Channels(_recording, _sample));
    }

    private void Episodes()
    {
        if (_recording.Episodes.Count == 0)
        {
            return;
        }

        _page.Section("Episodes", RecordingTables.EpisodeLine(_recording));
        if (_recording.Episodes.Count > 1)
        {
            var lengths = _recording.Episodes.Select(episode => (double)episode.Length).ToArray();
            _page.Figure("lengths of episodes, in moments", Histogram(lengths));
        }
    }

    private void Channel(int index)
    {
        var channel = _recording.Schema.Channels[index];
        _page.Section($"{channel.Name} ({channel.Kind.ToString().ToLowerInvariant()}, {channel.Role.ToString().ToLowerInvariant()})", channel.Description);
        if (_sample.Count == 0)
        {
            return;
        }

        switch (channel)
        {
            case ImageChannel image:
                Pictures(index, image);
                break;
            case SoundChannel sound:
                Sound(index, sound);
                break;
            case VectorChannel vector:
                Numbers(index, vector);
                break;
            case CategoryChannel category:
                Categories(index, category);
                break;
            default:
                Words(index);
                break;
        }
    }

    private void Pictures(int index, ImageChannel image)
    {
        var count = (int)Math.Min(SheetPictures, _recording.MomentCount);
        var batch = new MomentBatch(_recording.Schema, 1);
        var sheet = new ContactSheet(count, SheetColumns, image.Height, image.Width, image.Colours);
        for (var i = 0; i < count; i++)
        {
            _recording.Read(i * _recording.MomentCount / count, 1, batch);
            sheet.Add(batch.Image(index, 0));
        }

        Show($"{count} moments spread over the whole recording", sheet, image);
        var episode = _sample.Longest;
        var step = (int)Math.Max(1, Math.Min(_recording.Schema.Rate / 5, episode.Length / StripPictures));
        count = (int)Math.Min(StripPictures, episode.Length / step);
        if (count < 2)
        {
            return;
        }

        var strip = new ContactSheet(count, SheetColumns, image.Height, image.Width, image.Colours);
        var start = episode.Start + ((episode.Length - (count * step)) / 2);
        for (var i = 0; i < count; i++)
        {
            _recording.Read(start + (i * step), 1, batch);
            strip.Add(batch.Image(index, 0));
        }

        Show(string.Create(CultureInfo.InvariantCulture, $"from moment {start:N0} on, every {step}"), strip, image);
    }

    private void Show(string caption, ContactSheet sheet, ImageChannel image)
    {
        var layout = image.Colours switch { 1 => PngLayout.Grey, 3 => PngLayout.Rgb, _ => PngLayout.Rgba };
        _page.Picture(caption, sheet.Pixels, sheet.Width, sheet.Height, layout, Math.Max(1, SheetWidth / sheet.Width));
    }

    private void Sound(int index, SoundChannel sound)
    {
        var episode = _sample.Longest;
        var count = (int)Math.Min(episode.Length, Math.Max(1, LongestSound * _recording.Schema.Rate));
        var start = episode.Start + ((episode.Length - count) / 2);
        var samples = new float[count * sound.ElementCount];
        var batch = new MomentBatch(_recording.Schema, 1);
        for (var i = 0; i < count; i++)
        {
            _recording.Read(start + i, 1, batch);
            var heard = batch.Sound(index, 0);
            for (var j = 0; j < heard.Length; j++)
            {
                samples[(i * heard.Length) + j] = heard[j] / 32768f;
            }
        }

        var rate = (int)Math.Round(_recording.Schema.SampleRate(sound));
        _page.Sound(string.Create(CultureInfo.InvariantCulture, $"{count / _recording.Schema.Rate:0.#} s from moment {start:N0} on, {rate} samples a second"), samples, rate, sound.Ears);
        var names = sound.Ears == 2 ? new[] { "left", "right" } : [.. Enumerable.Range(1, sound.Ears).Select(ear => $"ear {ear}")];
        for (var ear = 0; ear < Math.Min(sound.Ears, 2); ear++)
        {
            var one = new float[samples.Length / sound.Ears];
            for (var i = 0; i < one.Length; i++)
            {
                one[i] = samples[(i * sound.Ears) + ear];
            }

            _page.Figure(sound.Ears == 1 ? "waveform" : $"{names[ear]}: waveform", Waveform(one, rate));
            var (pixels, width, height) = Spectrogram.Draw(one, 900);
            _page.Figure(
                sound.Ears == 1 ? "spectrogram, in Hz" : $"{names[ear]}: spectrogram, in Hz",
                new SvgPlot(1000, 200, "seconds").Picture(pixels, width, height, one.Length / (double)rate, rate / 2.0));
        }
    }

    private void Numbers(int index, VectorChannel vector)
    {
        _page.Table(RecordingTables.NumberColumns, RecordingTables.Numbers(vector, index, _sample));
        var shown = Math.Min(vector.Size, MostNumbers);
        for (var number = 0; number < shown; number++)
        {
            var values = _sample.Numbers(index, number);
            if (values.Length > 0)
            {
                _page.Figure($"{RecordingTables.NameOf(vector, number)}: values", Histogram(values));
            }
        }

        var episode = _sample.Longest;
        var count = (int)Math.Min(TraceMoments, episode.Length);
        var start = episode.Start + ((episode.Length - count) / 2);
        var batch = new MomentBatch(_recording.Schema, 1);
        var moments = new double[count];
        var traces = Enumerable.Range(0, Math.Min(shown, 6)).Select(_ => new double[count]).ToArray();
        for (var i = 0; i < count; i++)
        {
            moments[i] = start + i;
            _recording.Read(start + i, 1, batch);
            for (var j = 0; j < traces.Length; j++)
            {
                traces[j][i] = batch.IsPresent(index, 0) ? batch.Vector(index, 0)[j] : double.NaN;
            }
        }

        var plot = new SvgPlot(1000, 220, "moment");
        for (var j = 0; j < traces.Length; j++)
        {
            plot.Curve(RecordingTables.NameOf(vector, j), moments, traces[j]);
        }

        _page.Figure(string.Create(CultureInfo.InvariantCulture, $"{count} moments of one episode"), plot);
        if (vector.Size > shown)
        {
            _page.Text($"{vector.Size - shown} more numbers are not drawn.");
        }
    }

    private void Categories(int index, CategoryChannel category)
    {
        var counts = _sample.Categories(index, category.Count);
        _page.Table(
            category.Labels.IsDefault ? ["category", "share"] : ["category", "share", "label"],
            [.. counts.Select((count, i) => (Count: count, Index: i)).OrderByDescending(entry => entry.Count).Take(50).Select(entry => (IReadOnlyList<string>)
            [
                entry.Index.ToString(CultureInfo.InvariantCulture),
                RecordingTables.Percent(entry.Count / (double)Math.Max(1, counts.Sum())),
                .. category.Labels.IsDefault ? Array.Empty<string>() : [category.Labels[entry.Index]],
            ])]);
    }

    private void Words(int index)
    {
        var batch = new MomentBatch(_recording.Schema, 1);
        var rows = new List<IReadOnlyList<string>>();
        var episode = _sample.Longest;
        for (var moment = episode.Start; moment < episode.Stop && rows.Count < MostUtterances; moment++)
        {
            _recording.Read(moment, 1, batch);
            if (!batch.Text(index, 0).IsEmpty)
            {
                rows.Add([(moment - episode.Start).ToString(CultureInfo.InvariantCulture), Encoding.UTF8.GetString(batch.Text(index, 0))]);
            }
        }

        _page.Table(["most frequent", "times in the sample"], RecordingTables.Texts(index, _sample));
        _page.Text(rows.Count == 0 ? "Nothing is said in the longest episode." : "What is said in the longest episode, by moment:");
        if (rows.Count > 0)
        {
            _page.Table(["moment", "text"], rows);
        }
    }

    // Whole numbers get bars of a whole width around them, or some bars would stand for more of them than others.
    private static SvgPlot Histogram(double[] values)
    {
        var finite = values.Where(double.IsFinite).ToArray();
        var (least, most) = finite.Length == 0 ? (0, 1) : (finite.Min(), finite.Max());
        var count = Bins;
        if (least == most || Array.TrueForAll(finite, value => value == Math.Round(value)))
        {
            var width = Math.Ceiling((most - least + 1) / Bins);
            count = (int)Math.Ceiling((most - least + 1) / width);
            (least, most) = (least - 0.5, least - 0.5 + (count * width));
        }

        var bins = new double[count];
        foreach (var value in finite)
        {
            bins[Math.Min(count - 1, (int)((value - least) / (most - least) * count))]++;
        }

        return new SvgPlot(320, 170).Bars(bins, least, most);
    }

    // The least and the greatest sample of each column: what an eye sees of a wave that is far finer than a pixel.
    private static SvgPlot Waveform(float[] samples, int rate)
    {
        const int Columns = 900;
        var columns = Math.Min(Columns, samples.Length);
        var (x, low, high) = (new double[columns], new double[columns], new double[columns]);
        for (var i = 0; i < columns; i++)
        {
            var part = samples.AsSpan((int)((long)i * samples.Length / columns), Math.Max(1, samples.Length / columns));
            x[i] = (double)i * samples.Length / columns / rate;
            (low[i], high[i]) = (float.PositiveInfinity, float.NegativeInfinity);
            foreach (var sample in part)
            {
                low[i] = Math.Min(low[i], sample);
                high[i] = Math.Max(high[i], sample);
            }
        }

        return new SvgPlot(1000, 140, "seconds").Band(x, low, high, isSolid: true);
    }
}
