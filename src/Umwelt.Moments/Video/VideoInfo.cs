// What a video file says of itself, asked of ffprobe: the first stream of pictures that is no cover, and the first of sound.
// Sizes are as shown: turned where the file says so, with square pixels.
using System.Globalization;
using System.Text.Json;
using Umwelt.Storage;

namespace Umwelt.Moments.Video;

/// <summary>A video or sound file.</summary>
/// <param name="Pictures">Its pictures, or null where it only sounds.</param>
/// <param name="Sound">Its sound, or null where it is silent.</param>
/// <param name="Seconds">How long it says it is, or null.</param>
internal sealed record VideoInfo(PictureStream? Pictures, SoundStream? Sound, double? Seconds)
{
    private const int LongestReport = 1 << 24;

    /// <summary>Asks ffprobe.</summary>
    /// <exception cref="InvalidFileException">It is no video or sound, and what ffprobe says to that.</exception>
    /// <exception cref="FfmpegMissingException">There is no ffprobe.</exception>
    public static VideoInfo Probe(string path, CancellationToken cancellation = default)
    {
        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"{path}: there is no such file", path);
        }

        if (new FileInfo(path).Length == 0)
        {
            throw new InvalidFileException(path, "the file is empty");
        }

        using var process = new FfmpegProcess(
            "ffprobe", path, ["-v", "error", "-protocol_whitelist", "file", "-show_streams", "-show_format", "-of", "json", FfmpegProcess.NameOf(path)], cancellation);
        var report = process.ReadAll(LongestReport);
        process.Finish();
        return Parse(report, path);
    }

    internal static VideoInfo Parse(ReadOnlySpan<byte> report, string path)
    {
        try
        {
            var reader = new Utf8JsonReader(report);
            using var document = JsonDocument.ParseValue(ref reader);
            PictureStream? pictures = null;
            SoundStream? sound = null;
            if (document.RootElement.TryGetProperty("streams", out var streams))
            {
                foreach (var stream in streams.EnumerateArray())
                {
                    switch (Text(stream, "codec_type"))
                    {
                        case "video" when pictures is null && !IsCover(stream):
                            pictures = ReadPictures(stream);
                            break;
                        case "audio" when sound is null:
                            sound = new SoundStream(
                                (int)(Number(stream, "index") ?? 0), Text(stream, "codec_name") ?? "unknown", (int)(Number(stream, "sample_rate") ?? 0), (int)(Number(stream, "channels") ?? 0));
                            break;
                    }
                }
            }

            if (pictures is null && sound is null)
            {
                throw new InvalidFileException(path, "it holds neither pictures nor sound");
            }

            double? seconds = document.RootElement.TryGetProperty("format", out var format) ? Number(format, "duration") : null;
            return new VideoInfo(pictures, sound, seconds is > 0 and < 1e9 ? seconds : null);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new InvalidFileException(path, "ffprobe says nothing that can be understood about it", innerException: error);
        }
    }

    private static PictureStream? ReadPictures(JsonElement stream)
    {
        var (width, height) = ((int)(Number(stream, "width") ?? 0), (int)(Number(stream, "height") ?? 0));
        if (width < 1 || height < 1)
        {
            return null;
        }

        if (Ratio(Text(stream, "sample_aspect_ratio"), ':') is { } aspect and > 0.05 and < 20)
        {
            width = Math.Max(1, (int)Math.Round(width * aspect));
        }

        if (stream.TryGetProperty("side_data_list", out var sides) && sides.ValueKind == JsonValueKind.Array)
        {
            foreach (var side in sides.EnumerateArray())
            {
                if (Number(side, "rotation") is { } turn && Math.Abs(Math.Round(turn / 90)) % 2 == 1)
                {
                    (width, height) = (height, width);
                }
            }
        }

        var rate = Ratio(Text(stream, "avg_frame_rate"), '/') ?? Ratio(Text(stream, "r_frame_rate"), '/');
        return new PictureStream((int)(Number(stream, "index") ?? 0), Text(stream, "codec_name") ?? "unknown", width, height, rate is > 0 and <= 1000 ? rate.Value : 25);
    }

    private static bool IsCover(JsonElement stream) =>
        stream.TryGetProperty("disposition", out var disposition) && Number(disposition, "attached_pic") > 0;

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    // Some numbers come as numbers and some as strings.
    private static double? Number(JsonElement element, string name)
    {
        if (!element.TryGetProperty(name, out var value))
        {
            return null;
        }

        var text = value.ValueKind == JsonValueKind.String ? value.GetString() : value.GetRawText();
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && Math.Abs(number) < 1e9 ? number : null;
    }

    private static double? Ratio(string? text, char separator)
    {
        var at = text?.IndexOf(separator, StringComparison.Ordinal) ?? -1;
        return at > 0
            && double.TryParse(text.AsSpan(0, at), NumberStyles.Float, CultureInfo.InvariantCulture, out var above)
            && double.TryParse(text.AsSpan(at + 1), NumberStyles.Float, CultureInfo.InvariantCulture, out var below)
            && above > 0 && below > 0
            ? above / below
            : null;
    }
}

/// <summary>A stream of pictures: its place in the file, its codec, its size as shown and its rate.</summary>
internal sealed record PictureStream(int Index, string Codec, int Width, int Height, double Rate);

/// <summary>A stream of sound: its place in the file, its codec, samples a second and ears.</summary>
internal sealed record SoundStream(int Index, string Codec, int SampleRate, int Ears);
