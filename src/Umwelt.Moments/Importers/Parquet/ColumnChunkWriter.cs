// Writes one column of one row group: data pages of the first version in rows of about a megabyte, text by dictionary where that is shorter.
using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Umwelt.Moments.Importers.Parquet;

/// <summary>What the footer says of a chunk that was written.</summary>
internal sealed record WrittenChunk(long Start, long DataStart, long Entries, long UnpackedBytes, long PackedBytes, bool Dictionary);

internal sealed class ColumnChunkWriter(Stream stream, ParquetCodec codec)
{
    private const int PageBytes = 1 << 20;
    private const int MostDictionaryBytes = 1 << 20;
    private readonly ArrayBufferWriter<byte> _page = new();
    private byte[] _packed = [];
    private long _unpackedBytes;

    public WrittenChunk Write(ParquetValues values)
    {
        var start = stream.Position;
        _unpackedBytes = 0;
        var indices = Dictionary(values, out var dictionary);
        if (indices is not null)
        {
            _page.ResetWrittenCount();
            foreach (var entry in dictionary)
            {
                Bytes(entry.Span, prefixed: true);
            }

            WritePage(PageKind.Dictionary, dictionary.Count, ParquetEncoding.Plain);
        }

        var dataStart = stream.Position;
        var entries = 0L;
        var width = indices is null ? 0 : dictionary.Count <= 1 ? 0 : BitOperations.Log2((uint)dictionary.Count - 1) + 1;
        var levels = new LevelWriter(values);
        var row = 0;
        do
        {
            levels.Clear();
            var firstSlot = row < values.Rows ? values.Row(row).First : values.Count;
            var slot = firstSlot;
            for (var bytes = 0L; row < values.Rows && bytes < PageBytes; row++)
            {
                levels.Add(row);
                var (first, count) = values.Row(row);
                bytes += 4 + SizeOf(values, first, count);
                slot = first + count;
            }

            _page.ResetWrittenCount();
            Levels(levels.Repetitions, values.Leaf.MaxRepetition);
            Levels(levels.Definitions, values.Leaf.MaxDefinition);
            if (indices is null)
            {
                Plain(values, firstSlot, slot);
            }
            else
            {
                _page.GetSpan(1)[0] = (byte)width;
                _page.Advance(1);
                RunWriter.Write(_page, PresentIndices(values, indices, firstSlot, slot), width);
            }

            WritePage(PageKind.Data, levels.Definitions.Count, indices is null ? ParquetEncoding.Plain : ParquetEncoding.RleDictionary);
            entries += levels.Definitions.Count;
        }
        while (row < values.Rows);

        return new WrittenChunk(start, dataStart, entries, _unpackedBytes, stream.Position - start, indices is not null);
    }

    private static long SizeOf(ParquetValues values, int first, int count)
    {
        if (values.Values is not ReadOnlyMemory<byte>[] bytes)
        {
            return 8L * count;
        }

        var sum = 0L;
        for (var i = first; i < first + count; i++)
        {
            sum += 4 + bytes[i].Length;
        }

        return sum;
    }

    // Text repeats; a dictionary pays where each entry is wanted twice on average. Numbers are left to the codec.
    private static int[]? Dictionary(ParquetValues values, out List<ReadOnlyMemory<byte>> dictionary)
    {
        dictionary = [];
        if (values.Leaf.Type != ParquetType.ByteArray || values.Leaf.Logical.Meaning != ParquetMeaning.String || values.Count < 2)
        {
            return null;
        }

        var known = new Dictionary<string, int>(StringComparer.Ordinal);
        var indices = new int[values.Count];
        var size = 0L;
        for (var i = 0; i < indices.Length; i++)
        {
            if (!values.Present[i])
            {
                continue;
            }

            // One character a byte: an exact key, whatever the bytes are.
            var key = System.Text.Encoding.Latin1.GetString(values.Bytes[i].Span);
            if (!known.TryGetValue(key, out indices[i]))
            {
                indices[i] = dictionary.Count;
                known.Add(key, dictionary.Count);
                dictionary.Add(values.Bytes[i]);
                size += key.Length;
                if (size > MostDictionaryBytes || dictionary.Count > (indices.Length / 2) + 1)
                {
                    return null;
                }
            }
        }

        return dictionary.Count > 0 ? indices : null;
    }

    private static int[] PresentIndices(ParquetValues values, int[] indices, int first, int end)
    {
        var present = new int[values.Present.AsSpan(first, end - first).Count(true)];
        var to = 0;
        for (var i = first; i < end; i++)
        {
            if (values.Present[i])
            {
                present[to++] = indices[i];
            }
        }

        return present;
    }

    private void Levels(List<int> levels, int most)
    {
        if (most == 0)
        {
            return;
        }

        var runs = new ArrayBufferWriter<byte>();
        RunWriter.Write(runs, CollectionsMarshal.AsSpan(levels), BitOperations.Log2((uint)most) + 1);
        BinaryPrimitives.WriteInt32LittleEndian(_page.GetSpan(4), runs.WrittenCount);
        _page.Advance(4);
        _page.Write(runs.WrittenSpan);
    }

    private void Plain(ParquetValues values, int first, int end)
    {
        var present = values.Present.AsSpan(first, end - first);
        switch (values.Values)
        {
            case bool[] booleans:
                Bits(booleans.AsSpan(first, end - first), present);
                break;
            case int[] integers:
                Numbers<int>(integers.AsSpan(first, end - first), present);
                break;
            case long[] integers:
                Numbers<long>(integers.AsSpan(first, end - first), present);
                break;
            case float[] numbers:
                Numbers<float>(numbers.AsSpan(first, end - first), present);
                break;
            case double[] numbers:
                Numbers<double>(numbers.AsSpan(first, end - first), present);
                break;
            default:
                for (var i = first; i < end; i++)
                {
                    if (values.Present[i])
                    {
                        Bytes(values.Bytes[i].Span, values.Leaf.Type == ParquetType.ByteArray);
                    }
                }

                break;
        }
    }

    private void Bits(ReadOnlySpan<bool> values, ReadOnlySpan<bool> present)
    {
        var bytes = (present.Count(true) + 7) / 8;
        var span = _page.GetSpan(Math.Max(1, bytes))[..bytes];
        span.Clear();
        var bit = 0;
        for (var i = 0; i < values.Length; i++)
        {
            if (present[i])
            {
                span[bit >> 3] |= (byte)((values[i] ? 1 : 0) << (bit & 7));
                bit++;
            }
        }

        _page.Advance(bytes);
    }

    private void Numbers<T>(ReadOnlySpan<T> values, ReadOnlySpan<bool> present)
        where T : unmanaged
    {
        if (!BitConverter.IsLittleEndian)
        {
            throw new PlatformNotSupportedException("Parquet files are written on little-endian machines only.");
        }

        while (!values.IsEmpty)
        {
            var run = present.IndexOf(false);
            run = run < 0 ? present.Length : run;
            _page.Write(MemoryMarshal.AsBytes(values[..run]));
            run = Math.Min(run + 1, values.Length);
            values = values[run..];
            present = present[run..];
        }
    }

    private void Bytes(ReadOnlySpan<byte> bytes, bool prefixed)
    {
        if (prefixed)
        {
            BinaryPrimitives.WriteInt32LittleEndian(_page.GetSpan(4), bytes.Length);
            _page.Advance(4);
        }

        _page.Write(bytes);
    }

    private void WritePage(PageKind kind, int count, ParquetEncoding encoding)
    {
        var unpacked = _page.WrittenSpan;
        var packed = unpacked;
        if (codec == ParquetCodec.Snappy)
        {
            var room = Snappy.MostPacked(unpacked.Length);
            if (_packed.Length < room)
            {
                _packed = GC.AllocateUninitializedArray<byte>(room);
            }

            packed = _packed.AsSpan(0, Snappy.Pack(unpacked, _packed));
        }

        var header = new ThriftWriter();
        header.Int32(1, (int)kind);
        header.Int32(2, unpacked.Length);
        header.Int32(3, packed.Length);
        header.Struct(kind == PageKind.Dictionary ? (short)7 : (short)5);
        header.Int32(1, count);
        header.Int32(2, (int)encoding);
        if (kind == PageKind.Data)
        {
            header.Int32(3, (int)ParquetEncoding.Rle);
            header.Int32(4, (int)ParquetEncoding.Rle);
        }

        header.End();
        header.End();
        stream.Write(header.Written);
        stream.Write(packed);
        _unpackedBytes += header.Written.Length + unpacked.Length;
    }
}
