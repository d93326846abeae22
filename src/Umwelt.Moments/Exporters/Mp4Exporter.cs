// A video of what was seen and heard: moment k is the picture at k / rate and the samples from there on, as importing has it.
using System.Globalization;
using Umwelt.Moments.Video;

namespace Umwelt.Moments.Exporters;

internal static class Mp4Exporter
{
    public static ExportResult Write(Recording recording, string path, ExportOptions options, IProgress<double>? progress, CancellationToken cancellation)
    {
        var (start, count) = options.Of(recording);
        var images = options.Of(recording, ChannelKind.Image);
        var sounds = options.Of(recording, ChannelKind.Sound);
        if (images.Length == 0)
        {
            throw new ArgumentException($"{recording.Folder}: there is no picture to make a video of; 'umwelt export wav' writes sound");
        }

        var part = new RecordingPart(recording, sounds.Length > 0 ? [.. images, sounds[0]] : images);
        var strip = new PictureStrip(part.Schema, options.Scale);
        var sound = sounds.Length > 0 ? (SoundChannel)part.Schema.Channels[^1] : null;
        var sampleRate = sound is null ? 0 : WavExporter.SampleRate(part.Schema, sound);
        using var writer = new VideoWriter(path, part.Schema.Rate, strip.Width, strip.Height, sampleRate, sound?.Ears ?? 1, cancellation);
        part.ForEach(
            start,
            count,
            1,
            (moments, row, _) =>
            {
                strip.Draw(moments, row);
                writer.WriteFrame(strip.Pixels);
                if (sound is not null)
                {
                    writer.WriteSound(moments.Sound(part.Schema.Channels.Length - 1, row));
                }
            },
            progress,
            cancellation);
        writer.Commit();
        var notes = new List<string> { string.Create(CultureInfo.InvariantCulture, $"{string.Join(" | ", images.Select(i => recording.Schema.Channels[i].Name))} at {strip.Width}x{strip.Height}, {part.Schema.Rate}/s") };
        notes.Add(sound is null ? "no sound" : $"{sound.Name} at {sampleRate} Hz{(sounds.Length > 1 ? "; a video has one sound, the others are left out" : "")}");
        return new ExportResult(count, notes);
    }
}
