// A world as benchmarks of the server use it: one of the catalogue, the house's dream of a model of the default size that has
// learnt nothing, or the dream of a model in a folder.
using Umwelt.Cli.Serve;
using Umwelt.Models;
using Umwelt.Moments;
using Umwelt.Server;
using Umwelt.Tensors;
using Umwelt.Worlds;

namespace Umwelt.Cli.Bench;

internal sealed class ServedWorld : IDisposable
{
    private const string UsualDream = "dream";
    private readonly DreamSource? _dream;
    private readonly string? _temporary;

    /// <param name="name">A world's name, "dream", or a model's folder.</param>
    public ServedWorld(string name)
    {
        if (name == UsualDream)
        {
            _temporary = Directory.CreateTempSubdirectory("umwelt-bench-").FullName;
            using var engine = new Engine(new CpuBackend());
            using var model = HouseModel.Create(engine);
            model.Save(_temporary);
            _dream = new DreamSource(name, _temporary);
        }
        else if (ServedDreams.FolderOf(name) is { } folder)
        {
            _dream = new DreamSource("dream:" + Path.GetFileName(Path.TrimEndingDirectorySeparator(folder)), folder);
        }

        Name = _dream?.Name ?? name;
        Options = new ServerOptions { Port = 0, Worlds = [Name], Dreams = _dream is null ? [] : [_dream] };
    }

    /// <summary>What clients call it.</summary>
    public string Name { get; }

    /// <summary>A server that shows it, at any port.</summary>
    public ServerOptions Options { get; }

    /// <summary>The world itself, of one row.</summary>
    public World Open() => _dream is null ? WorldCatalogue.Open(Name) : Dream.Open(_dream.Model);

    public void Dispose()
    {
        if (_temporary is not null)
        {
            Directory.Delete(_temporary, recursive: true);
        }
    }
}
