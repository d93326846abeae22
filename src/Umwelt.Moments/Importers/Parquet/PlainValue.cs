// How each physical type lies in a page in the PLAIN encoding. One small struct a type, so that the sink is written once.
using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Umwelt.Moments.Importers.Parquet;

internal interface IPlainValue<T>
{
    /// <summary>The least bytes of one value; what a page may claim is checked with it.</summary>
    static abstract int LeastBytes(ParquetField leaf);

    /// <summary>Reads values from this byte on; returns where they end, or -1 where the bytes end first or hold what cannot be.</summary>
    static abstract int Read(byte[] page, int at, int end, Span<T> destination, ParquetField leaf);
}

internal readonly struct PlainFixed<T> : IPlainValue<T>
    where T : unmanaged
{
    public static unsafe int LeastBytes(ParquetField leaf) => sizeof(T);

    public static unsafe int Read(byte[] page, int at, int end, Span<T> destination, ParquetField leaf)
    {
        var length = (long)destination.Length * sizeof(T);
        if (length > end - at)
        {
            return -1;
        }

        // Parquet is little-endian, as is every processor .NET 10 runs on but one; there each value is turned.
        page.AsSpan(at, (int)length).CopyTo(MemoryMarshal.AsBytes(destination));
        if (!BitConverter.IsLittleEndian)
        {
            for (var i = 0; i < destination.Length; i++)
            {
                MemoryMarshal.AsBytes(destination.Slice(i, 1)).Reverse();
            }
        }

        return at + (int)length;
    }
}

internal readonly struct PlainTimestamp96 : IPlainValue<long>
{
    private const long DayOfEpoch = 2_440_588;
    private const long NanosecondsOfDay = 86_400_000_000_000;

    public static int LeastBytes(ParquetField leaf) => 12;

    public static int Read(byte[] page, int at, int end, Span<long> destination, ParquetField leaf)
    {
        if (12L * destination.Length > end - at)
        {
            return -1;
        }

        for (var i = 0; i < destination.Length; i++, at += 12)
        {
            var time = (Int128)BinaryPrimitives.ReadInt64LittleEndian(page.AsSpan(at));
            time += (Int128)(BinaryPrimitives.ReadInt32LittleEndian(page.AsSpan(at + 8)) - DayOfEpoch) * NanosecondsOfDay;
            if (time < long.MinValue || time > long.MaxValue)
            {
                return -1;
            }

            destination[i] = (long)time;
        }

        return at;
    }
}

internal readonly struct PlainBytes : IPlainValue<ReadOnlyMemory<byte>>
{
    public static int LeastBytes(ParquetField leaf) => leaf.Type == ParquetType.FixedLenByteArray ? leaf.TypeLength : 4;

    public static int Read(byte[] page, int at, int end, Span<ReadOnlyMemory<byte>> destination, ParquetField leaf)
    {
        for (var i = 0; i < destination.Length; i++)
        {
            var length = leaf.TypeLength;
            if (leaf.Type == ParquetType.ByteArray)
            {
                if (end - at < 4)
                {
                    return -1;
                }

                length = BinaryPrimitives.ReadInt32LittleEndian(page.AsSpan(at));
                at += 4;
            }

            if (length < 0 || length > end - at)
            {
                return -1;
            }

            destination[i] = page.AsMemory(at, length);
            at += length;
        }

        return at;
    }
}
