// A film with sound of a dream, beside what really followed if asked: each frame is a moment, and the sound is the dream's.
using Umwelt.Moments;
using Umwelt.Moments.Exporters;
using Umwelt.Moments.Video;

namespace Umwelt.Cli.Dreams;

internal static class DreamFilm
{
    /// <summary>Dreams and writes; gives how many moments the film has.</summary>
    /// <param name="world">What is dreamed; an episode is begun.</param>
    /// <param name="occupant">Who acts.</param>
    /// <param name="truth">What really followed, shown to the left; null to show the dream alone.</param>
    /// <param name="count">How many moments.</param>
    /// <param name="seed">Of the dream.</param>
    /// <param name="path">The file.</param>
    /// <param name="scale">Times the size of the pictures.</param>
    /// <param name="progress">Hears how far it is.</param>
    /// <param name="cancellation">Stops it; nothing is left behind then.</param>
    public static int Write(World world, Occupant occupant, MomentBatch? truth, int count, long seed, string path, int scale, IProgress<string> progress, CancellationToken cancellation)
    {
        var schema = world.Schema;
        if (!schema.Channels.Any(channel => channel is ImageChannel))
        {
            throw new CommandFailedException("there is no picture to make a film of; 'umwelt record dream:MODEL' and 'umwelt export' write what there is.");
        }

        var dreamed = new PictureStrip(schema, scale);
        var real = truth is null ? null : new PictureStrip(schema, scale);
        var sound = schema.Channels.OfType<SoundChannel>().FirstOrDefault();
        var hearing = sound is null ? -1 : schema.IndexOf(sound.Name);
        var width = dreamed.Width + (real?.Width ?? 0);
        var frame = new byte[width * dreamed.Height * 3];
        var moments = new MomentBatch(schema, 1);
        var commands = new MomentBatch(schema.Motor, 1);
        using var writer = new VideoWriter(path, schema.Rate, width, dreamed.Height, sound is null ? 0 : WavExporter.SampleRate(schema, sound), sound?.Ears ?? 1, cancellation);
        world.Reset(0, seed, moments);
        occupant.Reset(0, seed);
        var made = 0;
        for (; made < count && moments.Endings[0] == Ending.None; made++)
        {
            cancellation.ThrowIfCancellationRequested();
            occupant.Act(moments, commands, [true]);
            world.Step(commands, moments);
            dreamed.Draw(moments, 0);
            real?.Draw(truth!, made);
            for (var y = 0; y < dreamed.Height; y++)
            {
                var line = frame.AsSpan(y * width * 3, width * 3);
                real?.Pixels.AsSpan(y * real.Width * 3, real.Width * 3).CopyTo(line);
                dreamed.Pixels.AsSpan(y * dreamed.Width * 3, dreamed.Width * 3).CopyTo(line[((real?.Width ?? 0) * 3)..]);
            }

            writer.WriteFrame(frame);
            if (hearing >= 0)
            {
                writer.WriteSound(moments.Sound(hearing, 0));
            }

            progress.Report($"dreaming: moment {made + 1} of {count}");
        }

        writer.Commit();
        return made;
    }
}
