// Folders of models as dreams that a server shows: each gets a name that says nothing of the disk, the truth it was learnt from,
// and a recording to begin in, all of which are looked at here once.
using Umwelt.Models;
using Umwelt.Moments;
using Umwelt.Server;

namespace Umwelt.Cli.Serve;

internal sealed class ServedDreams(string? truth, string? history)
{
    private const string Prefix = "dream:";
    private const string NoTruth = "none";
    private const string ModelName = "model";
    private const string ModelFile = "model.json";
    private const int LongestName = 40;

    private readonly List<DreamSource> _sources = [];

    public IReadOnlyList<DreamSource> Sources => _sources;

    /// <summary>The folder of the model that a name speaks of: <c>dream:FOLDER</c>, a model, or a run that has one; null for a world's name.</summary>
    public static string? FolderOf(string name)
    {
        var folder = name.StartsWith(Prefix, StringComparison.Ordinal) ? name[Prefix.Length..] : name;
        var inside = Path.Combine(folder, ModelName);
        return File.Exists(Path.Combine(folder, ModelFile)) ? folder
            : File.Exists(Path.Combine(inside, ModelFile)) ? inside
            : !ReferenceEquals(folder, name) ? throw new CommandFailedException($"{folder}: there is no such model; a model is a folder with {ModelFile}.")
            : null;
    }

    /// <summary>Adds a dream whose model may not be there yet.</summary>
    public void Add(DreamSource source) => _sources.Add(source);

    /// <summary>Adds the dream of a model.</summary>
    public DreamSource Add(string folder)
    {
        using var model = WorldModel.Load(folder);
        var origin = history is null ? null : Origin(history, model.Schema);
        var source = new DreamSource(NameOf(folder), Path.GetFullPath(folder)) { Truth = TruthOf(model.Schema, origin), History = history is null ? null : Path.GetFullPath(history) };
        _sources.Add(source);
        return source;
    }

    private static string? Origin(string history, Schema schema)
    {
        using var recording = Recording.Open(history);
        return recording.Schema.Equals(schema) ? recording.Provenance.Origin : throw new CommandFailedException($"{history} holds ({recording.Schema}), the model knows ({schema}).");
    }

    private static bool Fits(string name, Schema schema)
    {
        try
        {
            using var world = Commands.RecordCommand.Open(name);
            return world.Schema.Equals(schema);
        }
        catch (Exception error) when (error is MisuseException or ArgumentException or IOException)
        {
            return false;
        }
    }

    // A folder named "model" says less than the run it belongs to.
    private string NameOf(string folder)
    {
        var path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        var said = Path.GetFileName(path) is ModelName ? Path.GetFileName(Path.GetDirectoryName(path)) : Path.GetFileName(path);
        var letters = string.Concat((said ?? "").Where(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.').Take(LongestName));
        var name = Prefix + (letters.Length > 0 ? letters : ModelName);
        return _sources.Exists(source => source.Name == name) ? $"{name}-{_sources.Count + 1}" : name;
    }

    private string? TruthOf(Schema schema, string? origin)
    {
        if (truth is not null)
        {
            return truth == NoTruth ? null
                : Fits(truth, schema) ? truth
                : throw new CommandFailedException($"'{truth}' is no world of ({schema}), which the model knows; --truth {NoTruth} dreams without.");
        }

        return ((string?[])[origin, "house"]).FirstOrDefault(name => name is not null && Fits(name, schema));
    }
}
