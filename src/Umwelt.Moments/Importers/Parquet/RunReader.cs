// Reads Parquet's hybrid of run-length and bit-packed integers: levels, dictionary indices, truth values.
// It streams: a run that claims a billion values takes no memory, only the numbers that are asked for are made.
// Source: parquet-format, Encodings.md, "Run Length Encoding / Bit-Packing Hybrid (RLE = 3)".
using System.Buffers.Binary;

namespace Umwelt.Moments.Importers.Parquet;

internal struct RunReader(byte[] bytes, int start, int end, int width)
{
    private readonly ulong _mask = (1UL << width) - 1;
    private int _at = start;
    private long _left;
    private uint _value;
    private long _bit = -1;

    /// <summary>Fills the destination with the next numbers; false where the bytes end first or break the format.</summary>
    public bool TryRead(Span<int> destination)
    {
        while (destination.Length > 0)
        {
            if (_left == 0 && !TryRun())
            {
                return false;
            }

            var count = (int)Math.Min(_left, destination.Length);
            if (_bit < 0)
            {
                destination[..count].Fill((int)_value);
            }
            else if (!TryUnpack(destination[..count]))
            {
                return false;
            }

            _left -= count;
            destination = destination[count..];
        }

        return true;
    }

    private bool TryRun()
    {
        while (_left == 0)
        {
            // A bit-packed run ends where its groups do, even if fewer of its values are wanted.
            if (!TryHead(out var head))
            {
                return false;
            }

            if ((head & 1) == 0)
            {
                _left = head >> 1;
                _bit = -1;
                var valueBytes = (width + 7) / 8;
                if (valueBytes > end - _at)
                {
                    return false;
                }

                _value = 0;
                for (var i = 0; i < valueBytes; i++)
                {
                    _value |= (uint)bytes[_at++] << (8 * i);
                }

                if (_value > _mask)
                {
                    return false;
                }
            }
            else
            {
                var groups = (long)(head >> 1);
                _left = groups * 8;
                _bit = 8L * _at;
                _at = (int)Math.Min(end, _at + (groups * width));
            }
        }

        return true;
    }

    private bool TryUnpack(Span<int> destination)
    {
        // The last group may be cut off after its last value, as some writers leave it.
        if (_bit + ((long)width * destination.Length) > 8L * _at)
        {
            return false;
        }

        for (var i = 0; i < destination.Length; i++)
        {
            var place = (int)(_bit >> 3);
            var word = end - place >= 8 ? BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(place)) : Tail(place);
            destination[i] = (int)((word >> (int)(_bit & 7)) & _mask);
            _bit += width;
        }

        return true;
    }

    private readonly ulong Tail(int place)
    {
        var word = 0UL;
        for (var i = 0; place + i < end; i++)
        {
            word |= (ulong)bytes[place + i] << (8 * i);
        }

        return word;
    }

    private bool TryHead(out uint head)
    {
        head = 0;
        for (var shift = 0; shift < 35 && _at < end; shift += 7)
        {
            var next = bytes[_at++];
            if (shift == 28 && next > 15)
            {
                return false;
            }

            head |= (uint)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return true;
            }
        }

        return false;
    }
}
