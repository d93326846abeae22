// Converts elements between types: tensors that are cast, and the host's elements when tensors are written and read. Equal
// types are a plain copy, common pairs run in registers, rare ones go element by element through double, which holds
// all but the largest 64-bit integers exactly.
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Umwelt.Tensors.Internal.Conversions;

namespace Umwelt.Tensors.Internal;

internal static unsafe class HostConversion
{
    public static double Read(ReadOnlySpan<byte> bytes, DataType type, int index) => type switch
    {
        DataType.Float32 => MemoryMarshal.Cast<byte, float>(bytes)[index],
        DataType.Float64 => MemoryMarshal.Cast<byte, double>(bytes)[index],
        DataType.Float16 => HalfToFloat.One(MemoryMarshal.Cast<byte, ushort>(bytes)[index]),
        DataType.BFloat16 => BFloat16ToFloat.One(MemoryMarshal.Cast<byte, ushort>(bytes)[index]),
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
                MemoryMarshal.Cast<byte, ushort>(bytes)[index] = FloatToBFloat16.One((float)value);
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

    /// <summary>Converts <paramref name="count"/> elements; source and destination do not overlap.</summary>
    public static void Convert(void* source, DataType sourceType, void* destination, DataType destinationType, int count)
    {
        switch (sourceType, destinationType)
        {
            case (DataType.Float32, DataType.BFloat16):
                Loop<float, ushort, FloatToBFloat16>(source, destination, count);
                break;
            case (DataType.BFloat16, DataType.Float32):
                Loop<ushort, float, BFloat16ToFloat>(source, destination, count);
                break;
            case (DataType.Float32, DataType.Float16):
                Loop<float, ushort, FloatToHalf>(source, destination, count);
                break;
            case (DataType.Float16, DataType.Float32):
                Loop<ushort, float, HalfToFloat>(source, destination, count);
                break;
            case (DataType.Float32, DataType.Float64):
                Loop<float, double, FloatToDouble>(source, destination, count);
                break;
            case (DataType.Float64, DataType.Float32):
                Loop<double, float, DoubleToFloat>(source, destination, count);
                break;
            case (DataType.Float32, DataType.UInt8):
                Loop<float, byte, FloatToByte>(source, destination, count);
                break;
            case (DataType.UInt8, DataType.Float32):
                Loop<byte, float, ByteToFloat>(source, destination, count);
                break;
            case (DataType.Float32, DataType.Int32):
                Loop<float, int, FloatToInteger>(source, destination, count);
                break;
            case (DataType.Int32, DataType.Float32):
                Loop<int, float, IntegerToFloat>(source, destination, count);
                break;
            case (DataType.Float32, DataType.Int64):
                Loop<float, long, FloatToLong>(source, destination, count);
                break;
            case (DataType.Int64, DataType.Float32):
                Loop<long, float, LongToFloat>(source, destination, count);
                break;
            case (DataType.Int32, DataType.Int64):
                Loop<int, long, IntegerToLong>(source, destination, count);
                break;
            case (DataType.Int64, DataType.Int32):
                Loop<long, int, LongToInteger>(source, destination, count);
                break;
            case (DataType.Int32, DataType.UInt8):
                Loop<int, byte, IntegerToByte>(source, destination, count);
                break;
            case (DataType.UInt8, DataType.Int32):
                Loop<byte, int, ByteToInteger>(source, destination, count);
                break;
            default:
                var from = new ReadOnlySpan<byte>(source, checked(count * sourceType.Size()));
                var to = new Span<byte>(destination, checked(count * destinationType.Size()));
                Rarely(from, sourceType, to, destinationType, count);
                break;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void Loop<TFrom, TTo, TConversion>(void* source, void* destination, int count)
        where TFrom : unmanaged
        where TTo : unmanaged
        where TConversion : IConversion<TFrom, TTo>
    {
        var x = (TFrom*)source;
        var y = (TTo*)destination;
        var i = 0;
        if (Vector256.IsHardwareAccelerated)
        {
            for (; i <= count - 16; i += 16)
            {
                TConversion.Sixteen(x + i, y + i);
            }
        }

        for (; i < count; i++)
        {
            y[i] = TConversion.One(x[i]);
        }
    }

    private static void Rarely(ReadOnlySpan<byte> source, DataType sourceType, Span<byte> destination, DataType destinationType, int count)
    {
        if (sourceType == destinationType)
        {
            source.CopyTo(destination);
            return;
        }

        for (var i = 0; i < count; i++)
        {
            if (sourceType == DataType.Int64 && destinationType == DataType.UInt8)
            {
                destination[i] = (byte)Math.Clamp(MemoryMarshal.Cast<byte, long>(source)[i], 0, 255);
            }
            else
            {
                Write(destination, destinationType, i, Read(source, sourceType, i));
            }
        }
    }
}
