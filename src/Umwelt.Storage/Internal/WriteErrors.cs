// Turns what the operating system says while writing into an error that names the file meant and what to do about it.
// The system's own message speaks of a temporary file nobody has heard of.
namespace Umwelt.Storage.Internal;

internal static class WriteErrors
{
    private const int LinuxNoSpace = 28;
    private const int LinuxFileTooLarge = 27;
    private const int LinuxReadOnlyFileSystem = 30;
    private const int LinuxQuotaExceeded = 122;
    private const int WindowsHandleDiskFull = unchecked((int)0x80070027);
    private const int WindowsDiskFull = unchecked((int)0x80070070);

    public static bool Covers(Exception e) => e is IOException or UnauthorizedAccessException;

    public static Exception Explain(string path, Exception e)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path));
        return e switch
        {
            InvalidFileException or ExplainedException => e,
            UnauthorizedAccessException => new UnauthorizedAccessException(
                $"{path}: no permission to write in {folder}; change the folder's rights or choose another place", e),
            DirectoryNotFoundException => new DirectoryNotFoundException($"{path}: the folder {folder} does not exist; create it first", e),
            IOException { HResult: LinuxNoSpace or LinuxQuotaExceeded or WindowsDiskFull or WindowsHandleDiskFull } =>
                new ExplainedException($"{path}: the disk is full; free some space and try again (the old file, if any, is untouched)", e),
            IOException { HResult: LinuxReadOnlyFileSystem } =>
                new ExplainedException($"{path}: the disk is mounted read-only; choose another place", e),
            IOException { HResult: LinuxFileTooLarge } =>
                new ExplainedException($"{path}: the file is larger than the file system or a limit of this process allows", e),
            _ => new ExplainedException($"{path}: could not be written: {e.Message}", e),
        };
    }

    private sealed class ExplainedException(string message, Exception inner) : IOException(message, inner);
}
