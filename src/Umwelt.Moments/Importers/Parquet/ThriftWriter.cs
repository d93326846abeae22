// Writes Thrift's compact protocol: what ThriftReader reads, made from values that are known to be sound.
using System.Buffers;
using System.Text;

namespace Umwelt.Moments.Importers.Parquet;

internal sealed class ThriftWriter
{
    private readonly ArrayBufferWriter<byte> _bytes = new();
    private readonly Stack<short> _outer = new();
    private short _last;

    public ReadOnlySpan<byte> Written => _bytes.WrittenSpan;

    public void Int32(short id, int value)
    {
        Head(id, ThriftType.Int32);
        Signed(value);
    }

    public void Int64(short id, long value)
    {
        Head(id, ThriftType.Int64);
        Signed(value);
    }

    public void Int8(short id, sbyte value)
    {
        Head(id, ThriftType.Byte);
        Byte((byte)value);
    }

    public void Boolean(short id, bool value) => Head(id, value ? ThriftType.True : ThriftType.False);

    public void Text(short id, string value)
    {
        Head(id, ThriftType.Binary);
        Element(value);
    }

    /// <summary>Opens a field that is a structure; <see cref="End"/> closes it.</summary>
    public void Struct(short id)
    {
        Head(id, ThriftType.Struct);
        Struct();
    }

    /// <summary>Opens a structure that is an element of a list.</summary>
    public void Struct()
    {
        _outer.Push(_last);
        _last = 0;
    }

    public void End()
    {
        Byte((byte)ThriftType.Stop);
        _last = _outer.Count > 0 ? _outer.Pop() : (short)0;
    }

    public void EmptyStruct(short id)
    {
        Struct(id);
        End();
    }

    public void List(short id, ThriftType element, int count)
    {
        Head(id, ThriftType.List);
        if (count < 15)
        {
            Byte((byte)((count << 4) | (int)element));
        }
        else
        {
            Byte((byte)(0xF0 | (int)element));
            Unsigned((uint)count);
        }
    }

    public void Element(int value) => Signed(value);

    public void Element(string value)
    {
        Unsigned((uint)Encoding.UTF8.GetByteCount(value));
        Encoding.UTF8.GetBytes(value, _bytes);
    }

    private void Head(short id, ThriftType type)
    {
        var step = id - _last;
        if (step is > 0 and < 16)
        {
            Byte((byte)((step << 4) | (int)type));
        }
        else
        {
            Byte((byte)type);
            Signed(id);
        }

        _last = id;
    }

    private void Signed(long value) => Unsigned((ulong)((value << 1) ^ (value >> 63)));

    private void Unsigned(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            Byte((byte)(value | 0x80));
        }

        Byte((byte)value);
    }

    private void Byte(byte value)
    {
        _bytes.GetSpan(1)[0] = value;
        _bytes.Advance(1);
    }
}
