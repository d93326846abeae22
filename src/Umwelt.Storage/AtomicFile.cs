// Writing files so that a reader, or a process killed at any instant, sees the old content or the new, never a mixture.
// New content goes to a temporary file in the same folder, is flushed to the disk and renamed over the old; then the folder is flushed.
using System.Diagnostics;
using System.Globalization;
using System.Text;

using Umwelt.Storage.Internal;

namespace Umwelt.Storage;

/// <summary>Replaces whole files atomically: all of the new content or none of it.</summary>
public static class AtomicFile
{
    internal const string TemporaryPrefix = ".umwelt-";
    internal const string TemporarySuffix = ".tmp";

    /// <summary>Starts a replacement of <paramref name="path"/>: nothing changes before <see cref="AtomicFileWriter.Commit"/>.</summary>
    public static AtomicFileWriter Create(string path) => new(path);

    /// <summary>Replaces the file by what <paramref name="write"/> writes; if it throws, the old file stays.</summary>
    public static void Write(string path, Action<Stream> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        using var writer = Create(path);
        write(writer.Stream);
        writer.Commit();
    }

    /// <summary>Replaces the file by what <paramref name="write"/> writes; if it throws or is cancelled, the old file stays.</summary>
    public static async Task WriteAsync(string path, Func<Stream, CancellationToken, Task> write, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(write);
        using var writer = Create(path);
        await write(writer.Stream, cancellation).ConfigureAwait(false);
        cancellation.ThrowIfCancellationRequested();
        writer.Commit();
    }

    /// <summary>Replaces the file by these bytes.</summary>
    public static void WriteAllBytes(string path, ReadOnlySpan<byte> bytes)
    {
        using var writer = Create(path);
        writer.Stream.Write(bytes);
        writer.Commit();
    }

    /// <summary>Replaces the file by this text in UTF-8 without a byte order mark.</summary>
    public static void WriteAllText(string path, string text) => WriteAllBytes(path, Encoding.UTF8.GetBytes(text));

    /// <summary>
    /// Deletes the temporary files that killed processes left in this folder and returns how many there were. A temporary is
    /// kept while its writer lives: its process exists on this machine, or somebody holds its lock.
    /// </summary>
    public static int CleanLeftovers(string folder)
    {
        var cleaned = 0;
        foreach (var file in Directory.EnumerateFiles(folder, TemporaryPrefix + "*" + TemporarySuffix))
        {
            if (ProcessOf(file) is { } process && !Lives(process) && TryDelete(file))
            {
                cleaned++;
            }
        }

        return cleaned;
    }

    internal static string TemporaryFor(string path)
    {
        var name = string.Create(
            CultureInfo.InvariantCulture,
            $"{TemporaryPrefix}{Environment.ProcessId}-{Random.Shared.NextInt64():x16}{TemporarySuffix}");
        return Path.Combine(Path.GetDirectoryName(path)!, name);
    }

    internal static int? ProcessOf(string temporary)
    {
        var name = Path.GetFileName(temporary.AsSpan())[TemporaryPrefix.Length..^TemporarySuffix.Length];
        var dash = name.IndexOf('-');
        return dash > 0 && name.Length == dash + 17 && int.TryParse(name[..dash], NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            ? id
            : null;
    }

    internal static bool Lives(int process)
    {
        if (process == Environment.ProcessId)
        {
            return true;
        }

        try
        {
            using var found = Process.GetProcessById(process);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static bool TryDelete(string file)
    {
        try
        {
            // Opening takes the writer's lock, so a file that a process of another container still writes is left alone.
            using var handle = File.OpenHandle(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None, FileOptions.DeleteOnClose);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
