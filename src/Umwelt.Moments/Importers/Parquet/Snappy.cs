// The Snappy block format, unpacking and packing. The unpacker trusts no length: every literal and copy is checked against both ends.
// The packer is greedy over a hash of four bytes, block by block of 64 KiB; its output depends on its input alone.
// Source: github.com/google/snappy, format_description.txt.
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Umwelt.Moments.Importers.Parquet;

internal static class Snappy
{
    private const int BlockBytes = 1 << 16;
    private const int TableBits = 13;
    private const uint HashMultiplier = 0x1E35A7BD;

    /// <summary>The most a packed block can unpack to: a copy of 64 bytes takes three.</summary>
    public static long MostUnpacked(long packed) => packed * 22;

    /// <summary>Unpacks a block that must fill the destination exactly; returns what is wrong with it, or null.</summary>
    public static string? Unpack(ReadOnlySpan<byte> packed, Span<byte> destination)
    {
        var at = 0;
        if (!TryLength(packed, ref at, out var length) || length != (uint)destination.Length)
        {
            return $"its snappy block claims {length} bytes where {destination.Length} are meant";
        }

        var to = 0;
        while (at < packed.Length)
        {
            var tag = packed[at++];
            if ((tag & 3) == 0)
            {
                var count = (tag >> 2) + 1;
                if (count > 60)
                {
                    var extra = count - 60;
                    if (extra > packed.Length - at)
                    {
                        return "its snappy block ends within a length";
                    }

                    var wide = 0L;
                    for (var i = 0; i < extra; i++)
                    {
                        wide |= (long)packed[at + i] << (8 * i);
                    }

                    at += extra;
                    if (wide >= int.MaxValue)
                    {
                        return "its snappy block claims a literal longer than the block";
                    }

                    count = (int)wide + 1;
                }

                if (count > packed.Length - at || count > destination.Length - to)
                {
                    return "its snappy block claims a literal longer than the block";
                }

                packed.Slice(at, count).CopyTo(destination[to..]);
                at += count;
                to += count;
                continue;
            }

            var offsetBytes = (tag & 3) == 3 ? 4 : tag & 3;
            if (offsetBytes > packed.Length - at)
            {
                return "its snappy block ends within a copy";
            }

            var (copied, back) = (tag & 3) switch
            {
                1 => (((tag >> 2) & 7) + 4, (uint)(((tag & 0xE0) << 3) | packed[at])),
                2 => ((tag >> 2) + 1, BinaryPrimitives.ReadUInt16LittleEndian(packed[at..])),
                _ => ((tag >> 2) + 1, BinaryPrimitives.ReadUInt32LittleEndian(packed[at..])),
            };
            at += offsetBytes;
            if (back == 0 || back > (uint)to || copied > destination.Length - to)
            {
                return $"its snappy block copies {copied} bytes from {back} bytes back at its byte {to} of {destination.Length}";
            }

            Repeat(destination, to, (int)back, copied);
            to += copied;
        }

        return to == destination.Length ? null : $"its snappy block holds {to} bytes where {destination.Length} are meant";
    }

    /// <summary>The most bytes that <see cref="Pack"/> writes for this many.</summary>
    public static int MostPacked(int length) => checked(32 + length + (length / 6));

    /// <summary>Packs a block and returns how many bytes it takes; the destination holds at least <see cref="MostPacked"/>.</summary>
    public static int Pack(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        var to = 0;
        var length = (uint)source.Length;
        for (; length >= 0x80; length >>= 7)
        {
            destination[to++] = (byte)(length | 0x80);
        }

        destination[to++] = (byte)length;
        Span<ushort> table = stackalloc ushort[1 << TableBits];
        for (var start = 0; start < source.Length; start += BlockBytes)
        {
            var block = source.Slice(start, Math.Min(BlockBytes, source.Length - start));
            table.Clear();
            to = PackBlock(block, destination, to, table);
        }

        return to;
    }

    private static int PackBlock(ReadOnlySpan<byte> block, Span<byte> destination, int to, Span<ushort> table)
    {
        var literal = 0;
        var at = 1;
        var misses = 32;
        while (at + 4 <= block.Length)
        {
            var four = BinaryPrimitives.ReadUInt32LittleEndian(block[at..]);
            ref var slot = ref table[(int)((four * HashMultiplier) >> (32 - TableBits))];
            var candidate = (int)slot;
            slot = (ushort)at;
            if (BinaryPrimitives.ReadUInt32LittleEndian(block[candidate..]) != four)
            {
                // Where nothing repeats, ever larger steps keep the cost small.
                at += misses++ >> 5;
                continue;
            }

            to = Literal(block[literal..at], destination, to);
            var length = 4 + block[(at + 4)..].CommonPrefixLength(block[(candidate + 4)..]);
            to = Copies(destination, to, at - candidate, length);
            at += length;
            literal = at;
            misses = 32;
        }

        return Literal(block[literal..], destination, to);
    }

    private static int Literal(ReadOnlySpan<byte> bytes, Span<byte> destination, int to)
    {
        if (bytes.IsEmpty)
        {
            return to;
        }

        var length = bytes.Length - 1;
        if (length < 60)
        {
            destination[to++] = (byte)(length << 2);
        }
        else
        {
            var extra = (BitOperations.Log2((uint)length) / 8) + 1;
            destination[to++] = (byte)((59 + extra) << 2);
            for (var i = 0; i < extra; i++)
            {
                destination[to++] = (byte)(length >> (8 * i));
            }
        }

        bytes.CopyTo(destination[to..]);
        return to + bytes.Length;
    }

    private static int Copies(Span<byte> destination, int to, int back, int length)
    {
        while (length > 0)
        {
            var some = Math.Min(64, length);
            destination[to++] = (byte)(((some - 1) << 2) | 2);
            BinaryPrimitives.WriteUInt16LittleEndian(destination[to..], (ushort)back);
            to += 2;
            length -= some;
        }

        return to;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Repeat(Span<byte> destination, int to, int back, int count)
    {
        var source = destination.Slice(to - back, Math.Min(back, count));
        if (back >= count)
        {
            source.CopyTo(destination[to..]);
            return;
        }

        // The copy reads what it writes: a pattern of the last bytes, repeated.
        for (var i = 0; i < count; i++)
        {
            destination[to + i] = destination[to + i - back];
        }
    }

    private static bool TryLength(ReadOnlySpan<byte> packed, ref int at, out uint length)
    {
        length = 0;
        for (var shift = 0; shift < 35; shift += 7)
        {
            if (at == packed.Length)
            {
                return false;
            }

            var next = packed[at++];
            if (shift == 28 && next > 15)
            {
                return false;
            }

            length |= (uint)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return true;
            }
        }

        return false;
    }
}
