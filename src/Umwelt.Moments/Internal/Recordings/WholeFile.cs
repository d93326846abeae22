// A whole file in a second place without its bytes moving where the file system allows: segments never change, so a link
// is as good as a copy. Where links don't work, an atomic copy.
using System.Runtime.InteropServices;
using Umwelt.Storage;

namespace Umwelt.Moments.Internal.Recordings;

internal static partial class WholeFile
{
    public static void LinkOrCopy(string source, string target)
    {
        if (!OperatingSystem.IsWindows() && Link(Path.GetFullPath(source), Path.GetFullPath(target)) == 0)
        {
            return;
        }

        AtomicFile.Write(target, stream =>
        {
            using var file = new FileStream(source, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1);
            file.CopyTo(stream, 1 << 20);
        });
    }

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string existing, string added);
}
