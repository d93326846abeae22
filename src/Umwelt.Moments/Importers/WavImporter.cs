// WAV: each file an episode of sound. Samples are taken as they are; the rate of moments must divide the sample rate.
using System.Globalization;
using Umwelt.Storage;

namespace Umwelt.Moments.Importers;

internal sealed class WavImporter : Importer
{
    private const double UsualRate = 20;
    private readonly IReadOnlyList<string> _files;

    private WavImporter(string source, ImportOptions options, CancellationToken cancellation)
    {
        _files = SourceFiles.Of(source, ".wav", ".wave");
        WavFormat? first = null;
        long moments = 0;
        var samples = 0;
        var cut = 0;
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
            Schema = SchemaOf(source, rate, new SoundChannel(options.ChannelOf("hearing"), samples, sound.Channels)),
            Map = [new ImportMapping($"{sound.Sample} {sound.SampleRate} Hz, {sound.Channels} ears", options.ChannelOf("hearing"), ChannelKind.Sound, ChannelRole.Sense)],
            EpisodeCount = _files.Count,
            MomentCount = moments,
            Warnings = cut > 0 ? [$"{cut} of {_files.Count} files end within a moment, which silence fills"] : [],
            Fingerprint = SourceFiles.Fingerprint(source, _files, "wav", options.ToJson()),
        };
    }

    public override ImportPlan Plan { get; }

    public static Importer Open(string source, ImportOptions options, CancellationToken cancellation) => new WavImporter(source, options, cancellation);

    internal override EpisodeSource OpenEpisode(int episode, CancellationToken cancellation) => new Stretches(WavReader.Open(_files[episode]), Plan.Schema);

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

    private sealed class Stretches(WavReader reader, Schema schema) : EpisodeSource
    {
        private readonly float[] _samples = new float[schema.Channels[0].ElementCount];
        private long _at;

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
            return true;
        }

        protected override void Dispose(bool disposing) => reader.Dispose();
    }
}
