// The file of cookies by which displays know who may connect: read for a display that is there, written for a private one.
// An entry is a family, an address, a display's number, the name of a protocol and its data, each counted by a big-endian u16.
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Umwelt.Worlds.Bridges.App.Display;

internal static class XAuthority
{
    public const string Variable = "XAUTHORITY";
    private const string Protocol = "MIT-MAGIC-COOKIE-1";
    private const ushort AnyFamily = 65535;
    private const int CookieBytes = 16;
    private const int LongestFile = 1 << 20;

    public static ReadOnlySpan<byte> ProtocolName => "MIT-MAGIC-COOKIE-1"u8;

    /// <summary>The cookie of a display of this number, or none: many displays ask for none.</summary>
    public static byte[] Find(string? path, string number)
    {
        path ??= Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named
            ? named
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".Xauthority");
        byte[] file;
        try
        {
            if (!File.Exists(path) || new FileInfo(path).Length > LongestFile)
            {
                return [];
            }

            file = File.ReadAllBytes(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [];
        }

        var at = 0;
        while (at + sizeof(ushort) <= file.Length)
        {
            at += sizeof(ushort);
            if (Field() is null || Field() is not { } display || Field() is not { } protocol || Field() is not { } cookie)
            {
                return [];
            }

            if (protocol == Protocol && (display.Length == 0 || display == number))
            {
                return Encoding.Latin1.GetBytes(cookie);
            }
        }

        return [];

        string? Field()
        {
            if (at + sizeof(ushort) > file.Length)
            {
                return null;
            }

            var length = BinaryPrimitives.ReadUInt16BigEndian(file.AsSpan(at));
            at += sizeof(ushort);
            if (at + length > file.Length)
            {
                return null;
            }

            var text = Encoding.Latin1.GetString(file, at, length);
            at += length;
            return text;
        }
    }

    /// <summary>Writes a file with a cookie of chance, which opens any display that is started with it.</summary>
    public static void Write(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var file = new FileStream(path, options);
        Number(AnyFamily);
        Field([]);
        Field([]);
        Field(ProtocolName);
        Field(RandomNumberGenerator.GetBytes(CookieBytes));

        void Field(ReadOnlySpan<byte> bytes)
        {
            Number((ushort)bytes.Length);
            file.Write(bytes);
        }

        void Number(ushort number)
        {
            Span<byte> bytes = stackalloc byte[sizeof(ushort)];
            BinaryPrimitives.WriteUInt16BigEndian(bytes, number);
            file.Write(bytes);
        }
    }
}
