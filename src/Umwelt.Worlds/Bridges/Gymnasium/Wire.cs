// The messages between a world and its Python host, as host.py states them: a header of two 32-bit integers (length of the
// body, kind) and a body whose blocks are padded to eight bytes. Little-endian.
using System.Buffers.Binary;

namespace Umwelt.Worlds.Bridges.Gymnasium;

internal static class Wire
{
    public const int Protocol = 1;
    public const int HeaderSize = 8;

    // A body longer than this is rubbish: no batch of moments is.
    public const int LongestBody = 1 << 30;

    public const int Make = 1;
    public const int Reset = 2;
    public const int Step = 3;
    public const int Act = 4;
    public const int Ready = 17;
    public const int Moments = 18;
    public const int Error = 19;
    public const byte NotStepped = 255;

    public static int Padded(int size) => checked(size + 7) / 8 * 8;

    public static void WriteHeader(Span<byte> message, int kind)
    {
        BinaryPrimitives.WriteInt32LittleEndian(message, message.Length - HeaderSize);
        BinaryPrimitives.WriteInt32LittleEndian(message[sizeof(int)..], kind);
    }
}
