// Converts elements between the host's types and a device's types when tensors are written and read. Equal types are a
// plain copy; everything else goes through double, which holds each of them but the largest 64-bit integers exactly.
using System.Runtime.InteropServices;

namespace Umwelt.Tensors.Internal;

internal static class HostConversion
{
    public static double Read(ReadOnlySpan<byte> bytes, DataType type, int index) => type switch
    {
        DataType.Float32 => MemoryMarshal.Cast<byte, float>(bytes)[index],
        DataType.Float64 => MemoryMarshal.Cast<byte, double>(bytes)[index],
        DataType.Float16 => (double)MemoryMarshal.Cast<byte, Half>(bytes)[index],
        DataType.BFloat16 => BitConverter.UInt32BitsToSingle((uint)MemoryMarshal.Cast<byte, ushort>(bytes)[index] << 16),
        DataType.Int32 => MemoryMarshal.Cast<byte, int>(bytes)[index],
        DataType.Int64 => MemoryMarshal.Cast<byte, long>(bytes)[index],
        _ => bytes[index],
    };

    public static void Write(Span<byte> bytes, DataType type, int index, double value)
    {
        switch (type)
        {
            case DataType.Float32:
                MemoryMarshal.Cast<byte, float>(bytes)[index] = (float)value;
                break;
            case DataType.Float64:
                MemoryMarshal.Cast<byte, double>(bytes)[index] = value;
                break;
            case DataType.Float16:
                MemoryMarshal.Cast<byte, Half>(bytes)[index] = (Half)value;
                break;
            case DataType.BFloat16:
                MemoryMarshal.Cast<byte, ushort>(bytes)[index] = ToBFloat16((float)value);
                break;
            case DataType.Int32:
                MemoryMarshal.Cast<byte, int>(bytes)[index] = (int)value;
                break;
            case DataType.Int64:
                MemoryMarshal.Cast<byte, long>(bytes)[index] = (long)value;
                break;
            default:
                bytes[index] = (byte)Math.Clamp(value, 0, 255);
                break;
        }
    }

    /// <summary>Rounds to nearest even; NaN stays NaN.</summary>
    public static ushort ToBFloat16(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        return float.IsNaN(value) ? (ushort)((bits >> 16) | 0x40) : (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }

    public static void Convert(ReadOnlySpan<byte> source, DataType sourceType, Span<byte> destination, DataType destinationType)
    {
        if (sourceType == destinationType)
        {
            source.CopyTo(destination);
            return;
        }

        if (sourceType.IsInteger() && destinationType.IsInteger())
        {
            for (var i = 0; i < source.Length / sourceType.Size(); i++)
            {
                WriteInteger(destination, destinationType, i, ReadInteger(source, sourceType, i));
            }

            return;
        }

        for (var i = 0; i < source.Length / sourceType.Size(); i++)
        {
            Write(destination, destinationType, i, Read(source, sourceType, i));
        }
    }

    private static long ReadInteger(ReadOnlySpan<byte> bytes, DataType type, int index) => type switch
    {
        DataType.Int32 => MemoryMarshal.Cast<byte, int>(bytes)[index],
        DataType.Int64 => MemoryMarshal.Cast<byte, long>(bytes)[index],
        _ => bytes[index],
    };

    private static void WriteInteger(Span<byte> bytes, DataType type, int index, long value)
    {
        switch (type)
        {
            case DataType.Int32:
                MemoryMarshal.Cast<byte, int>(bytes)[index] = (int)Math.Clamp(value, int.MinValue, int.MaxValue);
                break;
            case DataType.Int64:
                MemoryMarshal.Cast<byte, long>(bytes)[index] = value;
                break;
            default:
                bytes[index] = (byte)Math.Clamp(value, 0, 255);
                break;
        }
    }
}
