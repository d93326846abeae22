// Copies a stored tensor of 16- or 32-bit floats block by block as float32: exact, and with no more memory than a block.
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Umwelt.Storage;

namespace Umwelt.Models.Internal.Text.Llama;

internal static class WeightCopy
{
    private const int BlockElements = 1 << 18;

    public static bool CanRead(SafetensorsType type) => type is SafetensorsType.Float32 or SafetensorsType.Float16 or SafetensorsType.BFloat16;

    /// <summary>Writes the first so many elements of a tensor as float32.</summary>
    public static void Write(SafetensorsShards source, string name, long elements, Stream target, Action<long> written, CancellationToken cancellation)
    {
        var type = source[name].Type;
        var size = type.ByteSize();
        var stored = new byte[Math.Min(elements, BlockElements) * size];
        var floats = new float[stored.Length / size];
        for (var at = 0L; at < elements; at += BlockElements)
        {
            cancellation.ThrowIfCancellationRequested();
            var count = (int)Math.Min(BlockElements, elements - at);
            var bytes = stored.AsSpan(0, count * size);
            source.Read(name, at * size, bytes);
            Widen(bytes, type, floats.AsSpan(0, count));
            target.Write(MemoryMarshal.AsBytes(floats.AsSpan(0, count)));
            written(count * (long)sizeof(float));
        }
    }

    private static void Widen(ReadOnlySpan<byte> stored, SafetensorsType type, Span<float> floats)
    {
        for (var i = 0; i < floats.Length; i++)
        {
            floats[i] = type switch
            {
                SafetensorsType.BFloat16 => BitConverter.UInt32BitsToSingle((uint)BinaryPrimitives.ReadUInt16LittleEndian(stored[(2 * i)..]) << 16),
                SafetensorsType.Float16 => (float)BinaryPrimitives.ReadHalfLittleEndian(stored[(2 * i)..]),
                _ => BinaryPrimitives.ReadSingleLittleEndian(stored[(4 * i)..]),
            };
        }
    }
}
