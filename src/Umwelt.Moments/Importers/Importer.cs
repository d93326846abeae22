// What all importers share. An importer looks at a source and makes a plan; running it writes a recording episode by episode.
// An import that was killed or cancelled goes on where it was: the recording knows the fingerprint of source and options,
// and what it holds is not imported again. What comes out is the same as if nothing had happened.
using Umwelt.Moments.Importers.LeRobot;
using Umwelt.Moments.Internal.Recordings;
using Umwelt.Storage;

namespace Umwelt.Moments.Importers;

/// <summary>A source of experience that has been looked at.</summary>
public abstract class Importer : IDisposable
{
    private const int ProgressMilliseconds = 100;

    private protected Importer()
    {
    }

    /// <summary>The formats there are.</summary>
    public static IReadOnlyList<ImportFormat> Formats { get; } =
    [
        new("video", "videos of any codec, with sound and a table of commands (needs ffmpeg)", VideoImporter.Open),
        new("lerobot", "LeRobot data sets, version 2.0 to 3.0 (videos need ffmpeg)", LeRobotImporter.Open),
        new("csv", "tables: CSV or TSV, a row a moment", TableImporter.Csv),
        new("jsonl", "JSON-lines, an object a moment", TableImporter.JsonLines),
        new("wav", "WAV sound files", WavImporter.Open),
        new("images", "a folder of pictures, or of folders of pictures", ImagesImporter.Open),
        new("text", "plain text, a line or some bytes a moment", TextImporter.Open),
    ];

    /// <summary>What will be imported, and how.</summary>
    public abstract ImportPlan Plan { get; }

    /// <summary>Looks at a source.</summary>
    /// <param name="format">The name of one of the <see cref="Formats"/>.</param>
    /// <param name="source">A file, or a folder of files.</param>
    /// <param name="options">What is not to be guessed.</param>
    /// <param name="cancellation">Stops looking.</param>
    /// <exception cref="InvalidFileException">It can't be imported, and why.</exception>
    public static Importer Open(string format, string source, ImportOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(source);
        options ??= new ImportOptions();
        options.Validate();
        var known = Formats.FirstOrDefault(known => known.Name == format)
            ?? throw new ArgumentException($"no format '{format}'; there are {string.Join(", ", Formats.Select(known => known.Name))}", nameof(format));
        return known.Open(source, options, cancellation);
    }

    /// <summary>Writes a recording, or goes on with one that an equal import began.</summary>
    /// <param name="folder">The recording's folder.</param>
    /// <param name="provenance">Licence, access and notes; the origin is filled in.</param>
    /// <param name="progress">How far it is.</param>
    /// <param name="cancellation">Stops; what was written is kept, and the same import goes on from there.</param>
    /// <param name="recording">How the recording is written.</param>
    /// <exception cref="IOException">The folder holds something else, or a file of the source is broken.</exception>
    public ImportResult Write(
        string folder,
        Provenance? provenance = null,
        IProgress<ImportProgress>? progress = null,
        CancellationToken cancellation = default,
        RecordingOptions? recording = null)
    {
        provenance ??= new Provenance();
        provenance = provenance with { Origin = provenance.Origin ?? $"{Plan.Format}: {Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(Plan.Source)))}", Fingerprint = Plan.Fingerprint };
        var isNew = !File.Exists(Path.Combine(folder, RecordingDocument.FileName));
        using var writer = isNew ? RecordingWriter.Create(folder, Plan.Schema, provenance, recording) : Continued(folder, recording);
        var (episode, position) = isNew ? (0, 0L) : Reached(folder);
        var resumed = writer.MomentCount;
        var warnings = new List<string>();
        try
        {
            WriteEpisodes(writer, episode, position, warnings, progress, cancellation);
        }
        finally
        {
            // Before the writer is disposed, which would call the episode under way truncated.
            writer.Flush();
        }

        return new ImportResult(Plan.EpisodeCount, writer.MomentCount, resumed, [.. warnings]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>A schema made of what a source holds; where it can't be, the source is to blame.</summary>
    private protected static Schema SchemaOf(string source, double rate, params IEnumerable<Channel> channels)
    {
        try
        {
            return new Schema(rate, channels);
        }
        catch (SchemaException error)
        {
            throw new InvalidFileException(source, error.Message, innerException: error);
        }
    }

    /// <summary>One episode of the plan as the source has it.</summary>
    internal abstract EpisodeSource OpenEpisode(int episode, CancellationToken cancellation);

    /// <summary>One episode of the plan as moments.</summary>
    internal AlignedEpisode OpenMoments(int episode, CancellationToken cancellation = default) =>
        new(OpenEpisode(episode, cancellation), Plan.Schema, Plan.Commands ?? CommandOrder.Before);

    /// <summary>Frees what the importer holds.</summary>
    protected virtual void Dispose(bool disposing)
    {
    }

    private void WriteEpisodes(
        RecordingWriter writer, int first, long position, List<string> warnings, IProgress<ImportProgress>? progress, CancellationToken cancellation)
    {
        var moment = new MomentBatch(Plan.Schema, 1);
        var reported = 0L;
        for (var episode = first; episode < Plan.EpisodeCount; episode++)
        {
            using var source = OpenMoments(episode, cancellation);
            var written = episode == first ? position : 0;
            if (written > 0)
            {
                writer.ContinueEpisode(episode, written, stream: 0);
            }
            else
            {
                writer.BeginEpisode(episode);
            }

            for (var at = 0L; source.Read(moment); at++)
            {
                cancellation.ThrowIfCancellationRequested();
                if (at >= written)
                {
                    writer.Write(moment, 0, source.Time);
                }

                if (progress is not null && Environment.TickCount64 - reported >= ProgressMilliseconds)
                {
                    reported = Environment.TickCount64;
                    progress.Report(new ImportProgress(episode, Plan.EpisodeCount, writer.MomentCount, Plan.MomentCount));
                }
            }

            if (source.Warning is { } warning)
            {
                warnings.Add(warning);
            }
        }

        progress?.Report(new ImportProgress(Plan.EpisodeCount, Plan.EpisodeCount, writer.MomentCount, Plan.MomentCount));
    }

    private RecordingWriter Continued(string folder, RecordingOptions? recording)
    {
        var writer = RecordingWriter.Open(folder, recording);
        try
        {
            return writer.Provenance.Fingerprint == Plan.Fingerprint && writer.Schema.Equals(Plan.Schema)
                ? writer
                : throw new IOException($"{folder}: holds a recording of something else, or of this source with other options; choose another folder");
        }
        catch
        {
            writer.Dispose();
            throw;
        }
    }

    // The first episode that is not whole, and how many of its moments are there. An episode of the source in which nothing
    // was leaves no trace in the recording, so episodes are known by their seed, not by their place.
    private static (int Episode, long Position) Reached(string folder)
    {
        using var recording = Recording.Open(folder);
        return recording.Episodes is not [.., var last] ? (0, 0)
            : last.Ending == Ending.None ? ((int)last.Seed, last.Length)
            : ((int)last.Seed + 1, 0);
    }
}
