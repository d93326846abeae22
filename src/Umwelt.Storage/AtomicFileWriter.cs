// One replacement of one file on its way: a temporary file in the target's folder that Commit renames over the target.
// Without Commit the target is as it was and the temporary goes; errors name the target, never the temporary.
using Umwelt.Storage.Internal;

namespace Umwelt.Storage;

/// <summary>A file being written beside its target, which it replaces on <see cref="Commit"/>.</summary>
public sealed class AtomicFileWriter : IDisposable
{
    private readonly string _temporary;
    private readonly string _target;
    private readonly GuardedStream _stream;
    private bool _committed;
    private bool _closed;

    internal AtomicFileWriter(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        Path = path;
        _target = FollowLinks(System.IO.Path.GetFullPath(path));
        if (Directory.Exists(_target))
        {
            throw new IOException($"{path}: a folder stands at this path; choose another name or remove the folder");
        }

        _temporary = AtomicFile.TemporaryFor(_target);
        try
        {
            var file = new FileStream(_temporary, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 65536);
            _stream = new GuardedStream(file, path);
        }
        catch (Exception e) when (WriteErrors.Covers(e))
        {
            throw WriteErrors.Explain(path, e);
        }
    }

    /// <summary>The file this replaces.</summary>
    public string Path { get; }

    /// <summary>Where the new content goes; it can seek. It belongs to the writer and is closed by it.</summary>
    public Stream Stream => _stream;

    /// <summary>Flushes the new content to the disk and puts it in the place of the old; then the stream is closed.</summary>
    public void Commit()
    {
        if (_closed)
        {
            throw new InvalidOperationException($"{Path}: this writer is already {(_committed ? "committed" : "closed")}");
        }

        try
        {
            _stream.FlushToDisk();
            if (!OperatingSystem.IsWindows() && File.Exists(_target))
            {
                File.SetUnixFileMode(_temporary, File.GetUnixFileMode(_target));
            }

            _stream.Close();
            File.Move(_temporary, _target, overwrite: true);
            _committed = true;
            _closed = true;
        }
        catch (Exception e) when (WriteErrors.Covers(e))
        {
            throw WriteErrors.Explain(Path, e);
        }

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
            _stream.Close();
        }
        catch (IOException)
        {
            // Closing flushes what nobody wants any more; a full disk must not hide the error that led here.
        }

        try
        {
            File.Delete(_temporary);
        }
        catch (Exception e) when (WriteErrors.Covers(e))
        {
            // CleanLeftovers finds it later.
        }
    }

    private static string FollowLinks(string path)
    {
        try
        {
            return File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return path;
        }
        catch (Exception e) when (WriteErrors.Covers(e))
        {
            throw WriteErrors.Explain(path, e);
        }
    }
}
