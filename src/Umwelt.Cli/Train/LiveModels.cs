// The model of a run while it learns, for whoever dreams in it meanwhile: now and then a folder of its own under models/, named by
// its step and there as a whole or not at all. The latest two stay, since somebody may be reading the one before.
using System.Diagnostics;
using System.Globalization;
using Umwelt.Learning;

namespace Umwelt.Cli.Train;

internal sealed class LiveModels(string folder) : TrainingObserver
{
    private const string FolderName = "models";
    private const string Prefix = "step-";
    private const int Kept = 2;
    private static readonly TimeSpan First = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);

    private readonly string _models = Path.Combine(folder, FolderName);
    private long _written;
    private TimeSpan _gap = First;

    /// <summary>Writes the model into a folder; set before the run begins.</summary>
    public Action<string> Save { get; set; } = _ => { };

    public override void Began(long step, long steps) => Write(step);

    public override void Stepped(TrainingStep step)
    {
        if (Stopwatch.GetElapsedTime(_written) > _gap)
        {
            // What changes fast at first changes slowly later.
            _gap = _gap * 1.5 < Longest ? _gap * 1.5 : Longest;
            Write(step.Step);
        }
    }

    private void Write(long step)
    {
        var next = Path.Combine(_models, ".next");
        var version = Path.Combine(_models, Prefix + step.ToString("D9", CultureInfo.InvariantCulture));
        if (Directory.Exists(next))
        {
            Directory.Delete(next, recursive: true);
        }

        Save(next);
        if (Directory.Exists(version))
        {
            Directory.Delete(version, recursive: true);
        }

        Directory.Move(next, version);
        foreach (var old in Directory.EnumerateDirectories(_models, Prefix + "*").OrderDescending(StringComparer.Ordinal).Skip(Kept).ToArray())
        {
            Directory.Delete(old, recursive: true);
        }

        _written = Stopwatch.GetTimestamp();
    }
}
