// Makes a rename durable: on Linux the folder itself is flushed to the disk, elsewhere the file system does it or cannot.
// A file system that has no such flush is no error; a disk that fails is.
using System.Runtime.InteropServices;

namespace Umwelt.Storage.Internal;

internal static partial class FolderFlush
{
    private const int ReadOnlyCloseOnExec = 0x80000;
    private const int InputOutputError = 5;
    private const int NoSpace = 28;

    public static void Flush(string folder, string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        var descriptor = Open(folder, ReadOnlyCloseOnExec);
        if (descriptor < 0)
        {
            // A folder one may write in but not read cannot be flushed; the rename itself has happened.
            return;
        }

        var error = Synchronize(descriptor) == 0 ? 0 : Marshal.GetLastPInvokeError();
        _ = Close(descriptor);
        if (error is InputOutputError or NoSpace)
        {
            throw new IOException(
                $"{path}: was written, but its folder could not be flushed ({Marshal.GetPInvokeErrorMessage(error)}); check the disk");
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Synchronize(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
