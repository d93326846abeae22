// What a safetensors header says about one tensor. Its numbers have been checked against each other and the file:
// the element count times the element's size is exactly the length of the byte range, which lies in the file.
using System.Collections.Immutable;

namespace Umwelt.Storage;

/// <summary>One tensor of a safetensors file: its name, type, shape and place.</summary>
public sealed class SafetensorsEntry
{
    internal SafetensorsEntry(string name, SafetensorsType type, ImmutableArray<long> shape, long begin, long end)
    {
        Name = name;
        Type = type;
        Shape = shape;
        Begin = begin;
        End = end;
    }

    /// <summary>The tensor's name.</summary>
    public string Name { get; }

    /// <summary>The type of its elements.</summary>
    public SafetensorsType Type { get; }

    /// <summary>Its dimensions; empty for a single value, and a dimension may be 0.</summary>
    public ImmutableArray<long> Shape { get; }

    /// <summary>The first byte, counted from the end of the header.</summary>
    public long Begin { get; }

    /// <summary>The byte after the last, counted from the end of the header.</summary>
    public long End { get; }

    /// <summary>The length of its data.</summary>
    public long ByteLength => End - Begin;

    /// <summary>The number of its elements.</summary>
    public long ElementCount => ByteLength / Type.ByteSize();
}
