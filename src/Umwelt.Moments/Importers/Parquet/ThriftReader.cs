// Reads Thrift's compact protocol, in which Parquet writes its footer and page headers, from bytes that may hold anything.
// It keeps nothing and allocates nothing but strings; no count is believed beyond the bytes that are left, and nesting is bounded.
// Source: "Thrift compact protocol", doc/specs/thrift-compact-protocol.md of Apache Thrift.
using System.Text;

using Umwelt.Storage;

namespace Umwelt.Moments.Importers.Parquet;

internal enum ThriftType : byte
{
    Stop = 0,
    True = 1,
    False = 2,
    Byte = 3,
    Int16 = 4,
    Int32 = 5,
    Int64 = 6,
    Double = 7,
    Binary = 8,
    List = 9,
    Set = 10,
    Map = 11,
    Struct = 12,
    Uuid = 13,
}

internal ref struct ThriftReader(ReadOnlySpan<byte> bytes, ParquetPlace place, long start)
{
    private const int DeepestSkip = 32;
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>How many bytes are read.</summary>
    public int At { get; private set; }

    /// <summary>Whether a value was wanted that the bytes do not hold: with more of them the outcome could be another.</summary>
    public bool Ended { get; private set; }

    public readonly InvalidFileException Wrong(string problem) => place.Wrong(problem, start + At);

    /// <summary>Goes to the struct's next field; false at its end. <paramref name="id"/> starts at 0 and is kept from call to call.</summary>
    public bool Field(ref short id, out ThriftType type)
    {
        var head = Byte();
        type = (ThriftType)(head & 15);
        if (type == ThriftType.Stop)
        {
            return false;
        }

        if (type > ThriftType.Uuid)
        {
            throw Wrong($"its metadata holds a field of the unknown type {(int)type}");
        }

        var step = head >> 4;
        var next = step == 0 ? Signed() : id + step;
        if (next is < 0 or > short.MaxValue)
        {
            throw Wrong($"its metadata holds a field numbered {next}");
        }

        id = (short)next;
        return true;
    }

    public int Int32(ThriftType type)
    {
        var value = Int64(type);
        return value is >= int.MinValue and <= int.MaxValue ? (int)value : throw Wrong($"its metadata holds {value} where 32 bits are meant");
    }

    public long Int64(ThriftType type) => type switch
    {
        ThriftType.Byte => (sbyte)Byte(),
        ThriftType.Int16 or ThriftType.Int32 or ThriftType.Int64 => Signed(),
        _ => throw Wrong($"its metadata holds a field of type {type} where an integer is meant"),
    };

    public readonly bool Boolean(ThriftType type) =>
        type is ThriftType.True or ThriftType.False ? type == ThriftType.True : throw Wrong($"its metadata holds a field of type {type} where a truth value is meant");

    public string Text(ThriftType type)
    {
        if (type != ThriftType.Binary)
        {
            throw Wrong($"its metadata holds a field of type {type} where text is meant");
        }

        return Encoding.UTF8.GetString(Take(Unsigned()));
    }

    /// <summary>Enters a list and returns how many elements it has: never more than bytes are left.</summary>
    public int List(ThriftType type, out ThriftType element)
    {
        if (type is not (ThriftType.List or ThriftType.Set))
        {
            throw Wrong($"its metadata holds a field of type {type} where a list is meant");
        }

        var head = Byte();
        element = (ThriftType)(head & 15);
        var count = head >> 4 == 15 ? Unsigned() : (ulong)(head >> 4);
        if (element is ThriftType.Stop or > ThriftType.Uuid)
        {
            throw Wrong($"its metadata holds a list of the unknown type {(int)element}");
        }

        return Count(count);
    }

    /// <summary>Enters a list whose elements are structs.</summary>
    public int Structs(ThriftType type)
    {
        var count = List(type, out var element);
        return count == 0 || element == ThriftType.Struct ? count : throw Wrong($"its metadata holds a list of {element} where structures are meant");
    }

    public readonly void ExpectStruct(ThriftType type)
    {
        if (type != ThriftType.Struct)
        {
            throw Wrong($"its metadata holds a field of type {type} where a structure is meant");
        }
    }

    public void Skip(ThriftType type) => Skip(type, inList: false, depth: 0);

    private void Skip(ThriftType type, bool inList, int depth)
    {
        if (depth > DeepestSkip)
        {
            throw Wrong($"its metadata nests deeper than {DeepestSkip} levels");
        }

        switch (type)
        {
            case ThriftType.True or ThriftType.False:
                // In a field the type is the value; in a list each takes a byte.
                if (inList)
                {
                    Byte();
                }

                break;
            case ThriftType.Byte:
                Byte();
                break;
            case ThriftType.Int16 or ThriftType.Int32 or ThriftType.Int64:
                Unsigned();
                break;
            case ThriftType.Double:
                Take(8);
                break;
            case ThriftType.Uuid:
                Take(16);
                break;
            case ThriftType.Binary:
                Take(Unsigned());
                break;
            case ThriftType.List or ThriftType.Set:
                for (var left = List(type, out var element); left > 0; left--)
                {
                    Skip(element, inList: true, depth + 1);
                }

                break;
            case ThriftType.Map:
                SkipMap(depth);
                break;
            default:
                var id = (short)0;
                while (Field(ref id, out var field))
                {
                    Skip(field, inList: false, depth + 1);
                }

                break;
        }
    }

    private void SkipMap(int depth)
    {
        var left = Count(Unsigned());
        if (left == 0)
        {
            return;
        }

        var types = Byte();
        for (; left > 0; left--)
        {
            Skip((ThriftType)(types >> 4), inList: true, depth + 1);
            Skip((ThriftType)(types & 15), inList: true, depth + 1);
        }
    }

    private int Count(ulong count)
    {
        if (count > (ulong)(_bytes.Length - At))
        {
            Ended = true;
            throw Wrong($"its metadata claims {count} entries where {_bytes.Length - At} bytes are left");
        }

        return (int)count;
    }

    private long Signed()
    {
        var value = Unsigned();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    private ulong Unsigned()
    {
        var value = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = Byte();
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw Wrong("its metadata holds an integer of more than ten bytes");
    }

    private byte Byte() => Take(1)[0];

    private ReadOnlySpan<byte> Take(ulong length)
    {
        if (length > (ulong)(_bytes.Length - At))
        {
            Ended = true;
            throw Wrong($"its metadata is cut short: {length} bytes are meant where {_bytes.Length - At} are left");
        }

        var taken = _bytes.Slice(At, (int)length);
        At += (int)length;
        return taken;
    }
}
