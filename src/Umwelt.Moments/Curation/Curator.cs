// Runs a plan over a recording and writes what stays into another, with a manifest that says of every moment left out which
// step did it and why. The original is never changed.
using System.Text;
using System.Text.Json;
using Umwelt.Moments.Internal;
using Umwelt.Storage;

namespace Umwelt.Moments.Curation;

/// <summary>What was decided about one episode.</summary>
/// <param name="Episode">Its place among the recording's episodes.</param>
/// <param name="Kept">The stretches that stay.</param>
/// <param name="Removals">What was left out, and why.</param>
public sealed record EpisodeVerdict(int Episode, IReadOnlyList<Stretch> Kept, IReadOnlyList<Removal> Removals);

/// <summary>Decides what of a recording stays.</summary>
public sealed class Curator
{
    /// <summary>The manifest's name in the folder of the curated recording: a JSON line for each episode of the original.</summary>
    public const string ManifestName = "curation.jsonl";

    private readonly Recording _recording;

    private Curator(Recording recording, IReadOnlyList<EpisodeVerdict> episodes)
    {
        _recording = recording;
        Episodes = episodes;
    }

    /// <summary>What was decided, episode by episode.</summary>
    public IReadOnlyList<EpisodeVerdict> Episodes { get; }

    /// <summary>Moments that stay.</summary>
    public long KeptMoments => Episodes.Sum(episode => episode.Kept.Sum(stretch => stretch.Length));

    /// <summary>Decides; nothing is written.</summary>
    /// <exception cref="ArgumentException">A step can't be made on this recording.</exception>
    public static Curator Run(Recording recording, CurationPlan plan, IProgress<string>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(recording);
        ArgumentNullException.ThrowIfNull(plan);
        plan.Validate(recording.Schema);
        var verdicts = new Verdicts(recording);
        for (var i = 0; i < plan.Steps.Count; i++)
        {
            progress?.Report($"step {i + 1} of {plan.Steps.Count}: {plan.Steps[i].Kind}");
            verdicts.Deciding = (i, plan.Steps[i].Kind);
            plan.Steps[i].Run(verdicts, cancellation);
        }

        return new Curator(recording, [.. Enumerable.Range(0, verdicts.EpisodeCount).Select(episode => new EpisodeVerdict(episode, verdicts.Kept(episode), verdicts.Removals(episode)))]);
    }

    /// <summary>Writes what stays, and the manifest, into a folder that is empty or not there yet: both or nothing.</summary>
    public void Write(string folder, IProgress<string>? progress = null, CancellationToken cancellation = default)
    {
        var notes = $"curated from {_recording.Folder}: {KeptMoments} of {_recording.MomentCount} moments stay; {ManifestName} says why";
        var provenance = _recording.Provenance with { Notes = _recording.Provenance.Notes is { } before ? $"{before}; {notes}" : notes };
        using var curated = new FolderUnderWay(folder);
        using (var writer = RecordingWriter.Create(curated.Path, _recording.Schema, provenance))
        {
            foreach (var verdict in Episodes)
            {
                progress?.Report($"writing episode {verdict.Episode + 1} of {Episodes.Count}");
                Copy(writer, _recording.Episodes[verdict.Episode], verdict.Kept, cancellation);
            }
        }

        var manifest = new StringBuilder();
        foreach (var verdict in Episodes)
        {
            manifest.Append(JsonSerializer.Serialize(verdict, MomentsJsonLines.Default.EpisodeVerdict)).Append('\n');
        }

        AtomicFile.WriteAllText(Path.Combine(curated.Path, ManifestName), manifest.ToString());
        curated.Commit();
    }

    private void Copy(RecordingWriter writer, RecordedEpisode episode, IReadOnlyList<Stretch> kept, CancellationToken cancellation)
    {
        var block = new MomentBatch(_recording.Schema, CurationStep.Block);
        var times = new double[CurationStep.Block];
        foreach (var stretch in kept)
        {
            // A stretch from the middle is no episode that the seed would give again from its beginning.
            writer.TruncateEpisode();
            writer.ContinueEpisode(episode.Seed, episode.Offset + stretch.Start - episode.Start, 0);
            for (var start = stretch.Start; start < stretch.Stop; start += CurationStep.Block)
            {
                cancellation.ThrowIfCancellationRequested();
                var count = (int)Math.Min(CurationStep.Block, stretch.Stop - start);
                _recording.Read(start, count, block);
                _recording.ReadTimes(start, times.AsSpan(0, count));
                for (var row = 0; row < count; row++)
                {
                    // Times that follow from the rate need no room.
                    var regular = (episode.Offset + start + row - episode.Start) / _recording.Schema.Rate;
                    writer.Write(block, row, times[row].Equals(regular) ? null : times[row]);
                }
            }
        }
    }
}
