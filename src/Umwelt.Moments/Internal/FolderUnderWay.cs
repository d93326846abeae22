// A folder that appears under its name once it is complete: it is made beside it and renamed at the end. So what stands under
// the name is whole, and what failed or was cancelled leaves nothing that the next try would stumble over.
namespace Umwelt.Moments.Internal;

internal sealed class FolderUnderWay : IDisposable
{
    private const string Suffix = ".partial";

    private readonly string _target;
    private bool _isOver;

    /// <summary>Begins a folder of a name that is free, or of an empty folder. Whoever writes makes it.</summary>
    /// <exception cref="IOException">Something stands there, or is left of one that was killed.</exception>
    public FolderUnderWay(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        _target = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(folder));
        Path = _target + Suffix;
        if (File.Exists(_target) || (Directory.Exists(_target) && Directory.EnumerateFileSystemEntries(_target).Any()))
        {
            throw new IOException($"{folder}: holds something already; choose a folder that is empty or not there yet");
        }

        if (Directory.Exists(Path))
        {
            throw new IOException($"{Path}: is left of something that was broken off; remove it first");
        }
    }

    /// <summary>Where to write.</summary>
    public string Path { get; }

    /// <summary>Gives the folder its name. Nothing in it is open any more.</summary>
    public void Commit()
    {
        if (Directory.Exists(_target))
        {
            Directory.Delete(_target);
        }

        Directory.Move(Path, _target);
        _isOver = true;
    }

    /// <summary>Removes what was written, unless it has its name.</summary>
    public void Dispose()
    {
        if (!_isOver && Directory.Exists(Path))
        {
            Directory.Delete(Path, recursive: true);
        }

        _isOver = true;
    }
}
