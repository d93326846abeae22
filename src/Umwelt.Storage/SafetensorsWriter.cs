// Writes safetensors files: tensors are named first, then written in one pass, so that big ones need not lie in memory together.
// The layout depends on names, types and shapes alone: larger element types first, then by name; the header is padded to 8 bytes.
using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;

using Umwelt.Storage.Internal;

namespace Umwelt.Storage;

/// <summary>Gathers tensors and writes them as one safetensors file, or as several with an index.</summary>
public sealed class SafetensorsWriter
{
    private readonly Dictionary<string, Pending> _tensors = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, string> _metadata = new(StringComparer.Ordinal);

    /// <summary>Pairs for <c>__metadata__</c>.</summary>
    public IDictionary<string, string> Metadata => _metadata;

    /// <summary>Adds a tensor whose bytes lie in memory; they are read when writing.</summary>
    public void Add(string name, SafetensorsType type, ReadOnlySpan<long> shape, ReadOnlyMemory<byte> data)
    {
        var length = ByteLength(name, type, shape);
        if (data.Length != length)
        {
            throw new ArgumentException($"Tensor {Quoted.Of(name)} needs {length} bytes, {data.Length} are given.", nameof(data));
        }

        Add(name, type, shape, stream => stream.Write(data.Span));
    }

    /// <summary>Adds a tensor whose bytes <paramref name="write"/> writes when its turn comes: exactly as many as its shape needs.</summary>
    public void Add(string name, SafetensorsType type, ReadOnlySpan<long> shape, Action<Stream> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        var length = ByteLength(name, type, shape);
        if (string.Equals(name, SafetensorsHeader.MetadataKey, StringComparison.Ordinal))
        {
            throw new ArgumentException($"A tensor cannot be called {name}.", nameof(name));
        }

        if (!_tensors.TryAdd(name, new Pending(name, type, ImmutableArray.Create(shape), length, write)))
        {
            throw new ArgumentException($"Tensor {Quoted.Of(name)} is already there.", nameof(name));
        }
    }

    /// <summary>Writes all tensors as one file, atomically.</summary>
    public void Write(string path) => AtomicFile.Write(path, Write);

    /// <summary>Writes all tensors to a stream.</summary>
    public void Write(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        Write(stream, InOrder());
    }

    internal List<Pending> InOrder()
    {
        var ordered = new List<Pending>(_tensors.Values);
        ordered.Sort(static (a, b) =>
        {
            var size = b.Type.ByteSize().CompareTo(a.Type.ByteSize());
            return size != 0 ? size : string.CompareOrdinal(a.Name, b.Name);
        });
        return ordered;
    }

    internal void Write(Stream stream, List<Pending> ordered)
    {
        WriteHeader(stream, ordered);
        foreach (var tensor in ordered)
        {
            using var counted = new CountedStream(stream, tensor.Length, $"Tensor {Quoted.Of(tensor.Name)}");
            tensor.Write(counted);
            counted.ExpectFull();
        }
    }

    private static long ByteLength(string name, SafetensorsType type, ReadOnlySpan<long> shape)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (shape.Length > SafetensorsHeader.MostDimensions)
        {
            throw new ArgumentException($"Tensor {Quoted.Of(name)} has {shape.Length} dimensions, more than {SafetensorsHeader.MostDimensions}.", nameof(shape));
        }

        var length = 1L;
        foreach (var dimension in shape)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(dimension, nameof(shape));
            length = checked(length * dimension);
        }

        return checked(length * type.ByteSize());
    }

    private void WriteHeader(Stream stream, List<Pending> ordered)
    {
        var text = new ArrayBufferWriter<byte>(256 + (ordered.Count * 128));
        using (var json = new Utf8JsonWriter(text, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            if (_metadata.Count > 0)
            {
                json.WriteStartObject(SafetensorsHeader.MetadataKey);
                foreach (var (key, value) in _metadata)
                {
                    json.WriteString(key, value);
                }

                json.WriteEndObject();
            }

            var at = 0L;
            foreach (var tensor in ordered)
            {
                WriteEntry(json, tensor, at);
                at = checked(at + tensor.Length);
            }

            json.WriteEndObject();
        }

        var padded = (text.WrittenCount + 7) & ~7;
        text.GetSpan(8)[..(padded - text.WrittenCount)].Fill((byte)' ');
        text.Advance(padded - text.WrittenCount);
        if (padded > SafetensorsHeader.LongestHeader)
        {
            throw new InvalidOperationException($"The header needs {padded} bytes, more than the format's {SafetensorsHeader.LongestHeader}.");
        }

        Span<byte> prefix = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(prefix, padded);
        stream.Write(prefix);
        stream.Write(text.WrittenSpan);
    }

    private static void WriteEntry(Utf8JsonWriter json, Pending tensor, long begin)
    {
        json.WriteStartObject(tensor.Name);
        json.WriteString("dtype"u8, tensor.Type.FormatName());
        json.WriteStartArray("shape"u8);
        foreach (var dimension in tensor.Shape)
        {
            json.WriteNumberValue(dimension);
        }

        json.WriteEndArray();
        json.WriteStartArray("data_offsets"u8);
        json.WriteNumberValue(begin);
        json.WriteNumberValue(begin + tensor.Length);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    internal sealed record Pending(string Name, SafetensorsType Type, ImmutableArray<long> Shape, long Length, Action<Stream> Write);
}
