// A sound channel as one WAV file, sample for sample; where it is absent there is silence.
using System.Globalization;
using Umwelt.Storage;

namespace Umwelt.Moments.Exporters;

internal static class WavExporter
{
    public static ExportResult Write(Recording recording, string path, ExportOptions options, IProgress<double>? progress, CancellationToken cancellation)
    {
        var (start, count) = options.Of(recording);
        if (options.Of(recording, ChannelKind.Sound) is not [var place, ..])
        {
            throw new ArgumentException($"{recording.Folder}: there is no sound");
        }

        var part = new RecordingPart(recording, [place]);
        var sound = (SoundChannel)part.Schema.Channels[0];
        var rate = SampleRate(part.Schema, sound);
        var samples = new float[sound.ElementCount];
        using var writer = new WavWriter(path, rate, sound.Ears);
        part.ForEach(
            start,
            count,
            1,
            (moments, row, _) =>
            {
                var heard = moments.Sound(0, row);
                for (var i = 0; i < samples.Length; i++)
                {
                    samples[i] = heard[i] / 32768f;
                }

                writer.Write(samples);
            },
            progress,
            cancellation);
        writer.Commit();
        return new ExportResult(count, [$"{sound.Name} at {rate} Hz"]);
    }

    /// <summary>The sample rate of a channel, which files take as a whole number.</summary>
    public static int SampleRate(Schema schema, SoundChannel sound)
    {
        var rate = schema.SampleRate(sound);
        return Math.Abs(rate - Math.Round(rate)) < 1e-6 && rate < int.MaxValue
            ? (int)Math.Round(rate)
            : throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"channel '{sound.Name}' has {rate} samples a second, and files know only whole numbers"));
    }
}
