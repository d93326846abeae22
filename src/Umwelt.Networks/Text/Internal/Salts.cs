// Numbers that differ from process to process, for hash tables whose keys come from files: no file can be written so that its
// keys collide. They never reach a result.
using System.Security.Cryptography;

namespace Umwelt.Networks.Text.Internal;

internal static class Salts
{
    public static ulong Next()
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        RandomNumberGenerator.Fill(bytes);
        return BitConverter.ToUInt64(bytes);
    }
}
