// Some dreams as one looks at them: rows of pictures, the truth above, the dream below it, their difference at the bottom; and
// what was heard, as spectrograms with the sound itself.
using System.Globalization;
using Umwelt.Moments;
using Umwelt.Moments.Reports;
using Umwelt.Storage;

namespace Umwelt.Learning.Measures;

internal sealed class FilmStrips(Examination exam) : RolloutMeasure
{
    private const int Strips = 6;
    private const int Sounds = 2;
    private static readonly int[] Shown = [1, 2, 3, 5, 8, 12, 16, 20, 30, 40, 60, 80, 100, 150, 200];
    private readonly List<(ContactSheet Sheet, string Caption, PngLayout Layout)> _strips = [];
    private readonly List<(float[] Samples, string Caption, SoundChannel Channel)> _sounds = [];
    private readonly int[] _horizons = [.. Shown.Where(h => h <= exam.Options.Horizon)];
    private long _group = -1;

    public override void See(Rollout rollout)
    {
        var schema = exam.Schema;
        for (var row = 0; row < rollout.Real.Rows && _strips.Count < Strips; row++)
        {
            if (rollout.Real.Groups[row] == _group)
            {
                continue; // One of each episode shows more than many of one.
            }

            _group = rollout.Real.Groups[row];
            if (exam.First<ImageChannel>() is { } sight && schema.Channels[sight] is ImageChannel { Colours: 1 or 3 } image)
            {
                _strips.Add((Strip(rollout, row, sight, image), Caption(rollout, row), image.Colours == 1 ? PngLayout.Grey : PngLayout.Rgb));
            }

            if (exam.First<SoundChannel>() is { } hearing && _sounds.Count < 2 * Sounds)
            {
                var sound = (SoundChannel)schema.Channels[hearing];
                _sounds.Add((Samples(h => rollout.Real.Moments.Sound(hearing, rollout.Truth(row, h))), $"truth, {Caption(rollout, row)}", sound));
                _sounds.Add((Samples(h => rollout.Dreamed.Sound(hearing, rollout.Dream(row, h))), $"dream, {Caption(rollout, row)}", sound));
            }
        }
    }

    public override void Report(Findings findings) => findings.Show(page =>
    {
        if (_strips.Count > 0)
        {
            page.Section("Film strips", $"The truth, the dream, and their difference (grey where there is none), after {string.Join(", ", _horizons)} moments.");
            foreach (var (sheet, caption, layout) in _strips)
            {
                page.Picture(caption, sheet.Pixels, sheet.Width, sheet.Height, layout);
            }
        }

        if (_sounds.Count > 0)
        {
            page.Section("What was heard", "Time to the right, frequency upwards, loudness as brightness; the first ear.");
            foreach (var (samples, caption, channel) in _sounds)
            {
                var first = new float[samples.Length / channel.Ears];
                for (var i = 0; i < first.Length; i++)
                {
                    first[i] = samples[i * channel.Ears];
                }

                var (pixels, width, height) = Spectrogram.Draw(first, 500);
                page.Picture(caption, pixels, width, height, PngLayout.Rgb);
                page.Sound(caption, samples, (int)Math.Round(exam.Schema.SampleRate(channel)), channel.Ears);
            }
        }
    });

    private ContactSheet Strip(Rollout rollout, int row, int channel, ImageChannel image)
    {
        var sheet = new ContactSheet(_horizons.Length * 3, _horizons.Length, image.Height, image.Width, image.Colours);
        foreach (var h in _horizons)
        {
            sheet.Add(rollout.Real.Moments.Image(channel, rollout.Truth(row, h)));
        }

        foreach (var h in _horizons)
        {
            sheet.Add(rollout.Dreamed.Image(channel, rollout.Dream(row, h)));
        }

        var difference = new byte[image.ByteCount];
        foreach (var h in _horizons)
        {
            var truth = rollout.Real.Moments.Image(channel, rollout.Truth(row, h));
            var dream = rollout.Dreamed.Image(channel, rollout.Dream(row, h));
            for (var i = 0; i < difference.Length; i++)
            {
                difference[i] = (byte)Math.Clamp(128 + dream[i] - truth[i], 0, 255);
            }

            sheet.Add(difference);
        }

        return sheet;
    }

    private delegate ReadOnlySpan<short> Heard(int horizon);

    private float[] Samples(Heard heard)
    {
        var samples = new List<float>();
        for (var h = 1; h <= exam.Options.Horizon; h++)
        {
            foreach (var sample in heard(h))
            {
                samples.Add(sample / 32768f);
            }
        }

        return [.. samples];
    }

    private string Caption(Rollout rollout, int row)
    {
        var place = rollout.Real.Places[row];
        return string.Create(CultureInfo.InvariantCulture, $"stream {place.Episode.Stream}, episode {place.Episode.Number}, from moment {place.First - place.Episode.Start + rollout.Prime}");
    }
}
