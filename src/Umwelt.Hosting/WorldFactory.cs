// Opens worlds by name: those of the catalogue, and dreams of the program's models as "dream:NAME". Whoever opens a world owns it
// and uses it from one thread at a time; the factory itself may be used by all of them. Names are looked up when they are
// asked for, so a model that arrives while the program runs is there.
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Umwelt.Hosting.Internal;
using Umwelt.Models;
using Umwelt.Moments;
using Umwelt.Worlds;

namespace Umwelt.Hosting;

/// <summary>Opens worlds and dreams by name. Safe for use by several threads at once.</summary>
public sealed class WorldFactory
{
    /// <summary>What the name of a dream as a world begins with.</summary>
    public const string DreamPrefix = "dream:";

    private const string Description = "model.json";
    private readonly UmweltOptions _options;
    private readonly ILogger _log;

    /// <summary>A factory of these models.</summary>
    /// <param name="options">Where they are.</param>
    /// <param name="logging">Is told what is opened; nobody if null.</param>
    public WorldFactory(IOptions<UmweltOptions> options, ILoggerFactory? logging = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options.Value;
        _log = (logging ?? NullLoggerFactory.Instance).CreateLogger("Umwelt.Hosting");
    }

    /// <summary>The names of the models there are now, in order.</summary>
    public IReadOnlyList<string> Models
    {
        get
        {
            var found = Directory.Exists(_options.ModelsFolder)
                ? Directory.EnumerateDirectories(_options.ModelsFolder).Where(IsModel).Select(folder => Path.GetFileName(folder)!)
                : [];
            return [.. _options.Models.Keys.Union(found, StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        }
    }

    /// <summary>Opens a world of the catalogue, or a dream of a model as <c>dream:NAME</c>.</summary>
    /// <param name="name">As <c>umwelt worlds</c> lists them.</param>
    /// <param name="rows">How many at once.</param>
    /// <returns>The caller's to dispose.</returns>
    /// <exception cref="ArgumentException">There is no such world or model; it says which there are.</exception>
    /// <exception cref="Storage.InvalidFileException">A file of the model is missing or damaged.</exception>
    public World Open(string name, int rows = 1)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name.StartsWith(DreamPrefix, StringComparison.Ordinal))
        {
            return OpenDream(name[DreamPrefix.Length..], rows: rows);
        }

        var world = WorldCatalogue.Open(name, new WorldOptions { Count = rows });
        _log.OpenedWorld(name, rows);
        return world;
    }

    /// <summary>Opens dreams of a model, with weights of their own: many rows of one are cheaper than many of one row.</summary>
    /// <param name="model">One of <see cref="Models"/>.</param>
    /// <param name="seed">With a row's own seed it decides what is drawn.</param>
    /// <param name="rows">How many at once.</param>
    /// <returns>The caller's to dispose.</returns>
    /// <exception cref="ArgumentException">There is no such model; it says which there are.</exception>
    /// <exception cref="Storage.InvalidFileException">A file of the model is missing or damaged.</exception>
    public Dream OpenDream(string model, long seed = 0, int rows = 1)
    {
        ArgumentException.ThrowIfNullOrEmpty(model);
        var folder = FolderOf(model);
        var dream = Dream.Open(folder, seed, rows);
        _log.OpenedDream(model, folder, rows);
        return dream;
    }

    private static bool IsModel(string folder) => File.Exists(Path.Combine(folder, Description));

    // What is no name of a folder's own folder is looked for among the configured names alone: no name leads out of the folder.
    private string FolderOf(string model)
    {
        if (_options.Models.TryGetValue(model, out var folder))
        {
            return folder;
        }

        return Models.Contains(model, StringComparer.Ordinal)
            ? Path.Combine(_options.ModelsFolder, model)
            : throw new ArgumentException(
                Models is { Count: > 0 } there
                    ? $"no model '{model}'; there are {string.Join(", ", there)}."
                    : $"no model '{model}': there is none in {_options.ModelsFolder}, and none is configured.",
                nameof(model));
    }
}
