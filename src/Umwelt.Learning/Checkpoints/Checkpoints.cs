// The checkpoints of a run: folders step-000001000 that appear whole or not at all. The last few are kept, and the best by its
// score; the others go only after a new one stands, so whatever happens one good checkpoint is left.
using System.Globalization;
using Umwelt.Storage;

namespace Umwelt.Learning;

/// <summary>A checkpoint on the disk.</summary>
/// <param name="Folder">Where it is.</param>
/// <param name="Step">How many steps were made.</param>
public sealed record Checkpoint(string Folder, long Step)
{
    internal const string WeightsName = "weights.safetensors";
    internal const string AverageName = "average.safetensors";
    internal const string OptimiserName = "optimiser.safetensors";
    internal const string CarriedName = "carried.safetensors";
    internal const string StateName = "state.json";

    /// <summary>The weights of the network.</summary>
    public string Weights => Path.Combine(Folder, WeightsName);

    /// <summary>Their average, where the run keeps one.</summary>
    public string Average => Path.Combine(Folder, AverageName);

    /// <summary>The optimiser's state.</summary>
    public string Optimiser => Path.Combine(Folder, OptimiserName);

    /// <summary>What the model carries from step to step, where it does.</summary>
    public string Carried => Path.Combine(Folder, CarriedName);

    /// <summary>Reads what the checkpoint says beside its tensors.</summary>
    /// <exception cref="InvalidFileException">It is damaged, or of a later version.</exception>
    public CheckpointState ReadState() => CheckpointState.Read(Path.Combine(Folder, StateName));
}

/// <summary>Keeps the checkpoints of one run.</summary>
public sealed class Checkpoints
{
    private const string Prefix = "step-";
    private readonly int _keep;

    /// <summary>The checkpoints in a folder, which is made if it is not there.</summary>
    /// <param name="folder">Of checkpoints alone.</param>
    /// <param name="keep">How many of the last ones stay.</param>
    public Checkpoints(string folder, int keep = 2)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(keep, 1);
        Folder = folder;
        _keep = keep;
        Directory.CreateDirectory(folder);
        AtomicFolder.CleanLeftovers(folder);
    }

    /// <summary>Where they are.</summary>
    public string Folder { get; }

    /// <summary>All of them, the oldest first.</summary>
    public IReadOnlyList<Checkpoint> All =>
    [
        .. Directory.EnumerateDirectories(Folder, Prefix + "*")
            .Select(folder => (Folder: folder, Step: StepOf(folder)))
            .Where(found => found.Step is not null)
            .Select(found => new Checkpoint(found.Folder, found.Step!.Value))
            .OrderBy(checkpoint => checkpoint.Step),
    ];

    /// <summary>The one whose model did best on held-out data, or null.</summary>
    public Checkpoint? Best
    {
        get
        {
            Checkpoint? best = null;
            var least = double.PositiveInfinity;
            foreach (var checkpoint in All)
            {
                if (ScoreOf(checkpoint) is { } score && score < least)
                {
                    (best, least) = (checkpoint, score);
                }
            }

            return best;
        }
    }

    /// <summary>Called with the name of each file before it is written; tests let it fail.</summary>
    internal Action<string>? Writing { get; set; }

    /// <summary>Writes a checkpoint, whole or not at all, and then removes those that need not be kept.</summary>
    /// <param name="state">What it says.</param>
    /// <param name="files">Its other files by name, each written to the path it is given.</param>
    public Checkpoint Save(CheckpointState state, IEnumerable<KeyValuePair<string, Action<string>>> files)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(files);
        var checkpoint = new Checkpoint(Path.Combine(Folder, string.Create(CultureInfo.InvariantCulture, $"{Prefix}{state.Step:D9}")), state.Step);
        using (var folder = new AtomicFolder(checkpoint.Folder))
        {
            foreach (var (name, write) in files)
            {
                Writing?.Invoke(name);
                write(Path.Combine(folder.Temporary, name));
            }

            Writing?.Invoke(Checkpoint.StateName);
            state.Write(Path.Combine(folder.Temporary, Checkpoint.StateName));
            Writing?.Invoke("");
            folder.Commit();
        }

        Prune();
        return checkpoint;
    }

    /// <summary>Renames those after a step, from which a run does not go on, so that nobody takes them for its own.</summary>
    internal void SetAside(long after)
    {
        foreach (var checkpoint in All.Where(checkpoint => checkpoint.Step > after))
        {
            var name = Path.Combine(Folder, "left-" + Path.GetFileName(checkpoint.Folder));
            if (Directory.Exists(name))
            {
                AtomicFolder.Delete(name);
            }

            Directory.Move(checkpoint.Folder, name);
        }
    }

    private static double? ScoreOf(Checkpoint checkpoint)
    {
        try
        {
            return checkpoint.ReadState().Score;
        }
        catch (InvalidFileException)
        {
            return null; // A damaged one is the best of none; whoever resumes hears of it.
        }
    }

    private static long? StepOf(string folder) =>
        long.TryParse(Path.GetFileName(folder.AsSpan())[Prefix.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out var step) ? step : null;

    private void Prune()
    {
        var all = All;
        var best = Best;
        foreach (var checkpoint in all.Take(Math.Max(0, all.Count - _keep)))
        {
            if (checkpoint != best)
            {
                AtomicFolder.Delete(checkpoint.Folder);
            }
        }
    }
}
