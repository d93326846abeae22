// WAV: each file an episode of sound. Samples are taken as they are; the rate of moments must divide the sample rate. What is said in a file may
// stand beside it under its name with the ending .txt: its letters are shared out over the file's moments in their order, so that words come
// about when they are heard.
using System.Globalization;
using System.Text;
using Umwelt.Storage;

namespace Umwelt.Moments.Importers;

internal sealed class WavImporter : Importer
{
    private const double UsualRate = 20;
    private const int LongestWords = 1 << 24;
    private const string Speech = "speech";
    private readonly IReadOnlyList<string> _files;

    private WavImporter(string source, ImportOptions options, CancellationToken cancellation)
    {
        _files = SourceFiles.Of(source, ".wav", ".wave");
        WavFormat? first = null;
        long moments = 0;
        var samples = 0;
        var cut = 0;
        var said = 0;
        var rate = options.Rate ?? UsualRate;
        foreach (var file in _files)
        {
            cancellation.ThrowIfCancellationRequested();
            using var reader = WavReader.Open(file);
            var format = reader.Format;
            if (reader.Frames == 0)
            {
                throw new InvalidFileException(file, "it holds no sound");
            }

            if (options.SoundRate is { } asked && asked != format.SampleRate)
            {
                throw new InvalidFileException(file, $"it has {format.SampleRate} samples a second, not {asked}; 'umwelt import video' resamples sound files");
            }

            if (first is { } usual && (usual.SampleRate != format.SampleRate || usual.Channels != format.Channels))
            {
                throw new InvalidFileException(
                    file, $"it has {format.SampleRate} samples a second of {format.Channels} ears, the files before it {usual.SampleRate} of {usual.Channels}; 'umwelt import video' makes them equal");
            }

            if (first is null)
            {
                first = format;
                samples = SamplesOf(file, format, rate);
            }

            moments += (reader.Frames + samples - 1) / samples;
            cut += reader.Frames % samples == 0 ? 0 : 1;
            said += Words(file) is null ? 0 : 1;
        }

        var sound = first!.Value;
        if (sound.Channels > SoundChannel.MostEars || options.Ears is { } ears && ears != sound.Channels)
        {
            throw new InvalidFileException(_files[0], $"it has {sound.Channels} ears; 'umwelt import video --ears N' mixes them");
        }

        Plan = new ImportPlan
        {
            Format = "wav",
            Source = source,
            Schema = SchemaOf(
                source, rate, [new SoundChannel(options.ChannelOf("hearing"), samples, sound.Channels), .. said > 0 ? [new TextChannel(options.ChannelOf(Speech))] : Array.Empty<Channel>()]),
            Map =
            [
                new ImportMapping($"{sound.Sample} {sound.SampleRate} Hz, {sound.Channels} ears", options.ChannelOf("hearing"), ChannelKind.Sound, ChannelRole.Sense),
                .. said > 0 ? [new ImportMapping("what stands beside a file as .txt", options.ChannelOf(Speech), ChannelKind.Text, ChannelRole.Sense)] : Array.Empty<ImportMapping>(),
            ],
            EpisodeCount = _files.Count,
            MomentCount = moments,
            Warnings =
            [
                .. cut > 0 ? [$"{cut} of {_files.Count} files end within a moment, which silence fills"] : Array.Empty<string>(),
                .. said > 0 && said < _files.Count ? [$"{_files.Count - said} of {_files.Count} files have no text beside them; what is said there is absent"] : Array.Empty<string>(),
            ],
            Fingerprint = SourceFiles.Fingerprint(source, [.. _files, .. said > 0 ? _files.Select(TextOf).Where(File.Exists) : []], "wav", options.ToJson()),
        };
    }

    public override ImportPlan Plan { get; }

    public static Importer Open(string source, ImportOptions options, CancellationToken cancellation) => new WavImporter(source, options, cancellation);

    internal override EpisodeSource OpenEpisode(int episode, CancellationToken cancellation) =>
        new Stretches(WavReader.Open(_files[episode]), Plan.Schema, Plan.Schema.Channels.Length > 1 ? Words(_files[episode]) : null);

    private static string TextOf(string file) => Path.ChangeExtension(file, ".txt");

    // What is said in a file, on one line; null where nobody wrote it down.
    private static string? Words(string file)
    {
        var path = TextOf(file);
        if (!File.Exists(path))
        {
            return null;
        }

        if (new FileInfo(path).Length > LongestWords)
        {
            throw new InvalidFileException(path, $"it has more than {LongestWords >> 20} MB; it is what is said in one sound file");
        }

        try
        {
            return string.Join(' ', new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(File.ReadAllBytes(path)).TrimStart('\uFEFF').Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        }
        catch (DecoderFallbackException error)
        {
            throw new InvalidFileException(path, "it is not UTF-8; write the file as UTF-8", innerException: error);
        }
    }

    private static int SamplesOf(string file, WavFormat format, double rate)
    {
        var samples = Math.Round(format.SampleRate / rate);
        if (samples >= 1 && Math.Abs((samples * rate) - format.SampleRate) < 1e-6)
        {
            return (int)samples;
        }

        var near = Enumerable.Range(1, 200).Where(other => format.SampleRate % other == 0).MinBy(other => Math.Abs(other - rate));
        throw new InvalidFileException(
            file, string.Create(CultureInfo.InvariantCulture, $"{format.SampleRate} samples a second don't divide into {rate} moments a second; --rate {near} would do"));
    }

    private sealed class Stretches(WavReader reader, Schema schema, string? words) : EpisodeSource
    {
        private readonly float[] _samples = new float[schema.Channels[0].ElementCount];
        private readonly string[] _letters = [.. (words ?? "").EnumerateRunes().Select(static letter => letter.ToString())];
        private long _at;
        private int _said;

        public override bool Read(MomentBatch row)
        {
            var ears = reader.Format.Channels;
            var frames = (int)Math.Min(reader.Frames - _at, _samples.Length / ears);
            if (frames == 0)
            {
                return false;
            }

            reader.Read(_at, _samples.AsSpan(0, frames * ears));
            var heard = row.Sound(0, 0);
            for (var i = 0; i < frames * ears; i++)
            {
                heard[i] = float.IsFinite(_samples[i])
                    ? (short)Math.Clamp(MathF.Round(_samples[i] * 32768), short.MinValue, short.MaxValue)
                    : throw new InvalidFileException(reader.Path, $"sample {_at + (i / ears)} is {_samples[i]}");
            }

            row.SetPresent(0, 0);
            _at += frames;
            if (words is not null)
            {
                // As many letters as there are by the share of the sound that has been heard.
                var until = (int)(_letters.Length * (Int128)_at / reader.Frames);
                row.SetText(1, 0, string.Concat(_letters.AsSpan(_said, until - _said)));
                _said = until;
            }

            return true;
        }

        protected override void Dispose(bool disposing) => reader.Dispose();
    }
}
