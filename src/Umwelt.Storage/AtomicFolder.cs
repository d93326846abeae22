// Several files that belong together, such as those of a checkpoint, appear all at once or not at all: they are written in a
// temporary folder beside the target, which is flushed and renamed. A process killed at any instant leaves at most a temporary
// folder, which CleanLeftovers finds by the process in its name.
using Umwelt.Storage.Internal;

namespace Umwelt.Storage;

/// <summary>A folder being written beside its target, whose name it takes on <see cref="Commit"/>.</summary>
public sealed class AtomicFolder : IDisposable
{
    private readonly string _target;
    private bool _closed;

    /// <summary>Begins a folder; nothing stands at its path before <see cref="Commit"/>.</summary>
    /// <exception cref="IOException">Something stands there already, or nothing can be written there.</exception>
    public AtomicFolder(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        Path = path;
        _target = System.IO.Path.GetFullPath(path);
        if (Directory.Exists(_target) || File.Exists(_target))
        {
            throw new IOException($"{path}: something stands at this path already; choose another name or remove it");
        }

        Temporary = AtomicFile.TemporaryFor(_target);
        Explained(() => Directory.CreateDirectory(Temporary));
    }

    /// <summary>The folder that will be.</summary>
    public string Path { get; }

    /// <summary>Where its files are written until then, each flushed to the disk as <see cref="AtomicFile"/> does.</summary>
    public string Temporary { get; }

    /// <summary>Gives the folder its name.</summary>
    public void Commit()
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        Explained(() =>
        {
            FolderFlush.Flush(Temporary, Path);
            Directory.Move(Temporary, _target);
        });
        _closed = true;
        FolderFlush.Flush(System.IO.Path.GetDirectoryName(_target)!, Path);
    }

    /// <summary>Without a commit, removes what was written.</summary>
    public void Dispose()
    {
        if (_closed)
        {
            return;
        }

        _closed = true;
        try
        {
            Directory.Delete(Temporary, recursive: true);
        }
        catch (Exception e) when (WriteErrors.Covers(e))
        {
            // CleanLeftovers finds it later; the error that led here must not be hidden.
        }
    }

    /// <summary>Deletes the temporary folders that killed processes left in this folder and returns how many there were.</summary>
    public static int CleanLeftovers(string folder)
    {
        var cleaned = 0;
        foreach (var left in Directory.EnumerateDirectories(folder, AtomicFile.TemporaryPrefix + "*" + AtomicFile.TemporarySuffix))
        {
            if (AtomicFile.ProcessOf(left) is { } process && !AtomicFile.Lives(process))
            {
                try
                {
                    Directory.Delete(left, recursive: true);
                    cleaned++;
                }
                catch (Exception e) when (WriteErrors.Covers(e))
                {
                    // Somebody else's to remove.
                }
            }
        }

        return cleaned;
    }

    /// <summary>Removes a folder with all that is in it; at no instant does a part of it stand under its name.</summary>
    public static void Delete(string path)
    {
        var doomed = AtomicFile.TemporaryFor(System.IO.Path.GetFullPath(path));
        Directory.Move(path, doomed);
        Directory.Delete(doomed, recursive: true);
    }

    private void Explained(Action write)
    {
        try
        {
            write();
        }
        catch (Exception e) when (WriteErrors.Covers(e))
        {
            throw WriteErrors.Explain(Path, e);
        }
    }
}
