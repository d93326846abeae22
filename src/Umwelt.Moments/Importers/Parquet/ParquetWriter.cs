// Writes Parquet files: row groups of columns as ParquetValues, snappy, pages of the first version, then the footer.
// A file at a path appears whole or not at all. Equal input gives equal bytes.
using System.Buffers.Binary;
using System.Collections.Immutable;

using Umwelt.Storage;

namespace Umwelt.Moments.Importers.Parquet;

/// <summary>A Parquet file being written; nothing is there before <see cref="Finish"/>.</summary>
internal sealed class ParquetWriter : IDisposable
{
    private const string Creator = "umwelt version 1";
    private readonly AtomicFileWriter? _file;
    private readonly Stream _stream;
    private readonly ParquetCodec _codec;
    private readonly ColumnChunkWriter _chunks;
    private readonly List<ParquetField> _leaves = [];
    private readonly List<(long Rows, WrittenChunk[] Chunks)> _groups = [];
    private readonly SortedDictionary<string, string> _metadata = new(StringComparer.Ordinal);

    /// <summary>Writes to a stream that tells its position and stays open.</summary>
    public ParquetWriter(Stream stream, ImmutableArray<ParquetField> fields, ParquetCodec codec = ParquetCodec.Snappy)
    {
        if (codec is not (ParquetCodec.Snappy or ParquetCodec.Uncompressed))
        {
            throw new ArgumentOutOfRangeException(nameof(codec), codec, "Only snappy and no compression are written.");
        }

        _stream = stream;
        _codec = codec;
        _chunks = new ColumnChunkWriter(stream, codec);
        Root = ParquetField.Root("schema", fields, _leaves);
        stream.Write("PAR1"u8);
    }

    private ParquetWriter(AtomicFileWriter file, ImmutableArray<ParquetField> fields, ParquetCodec codec)
        : this(file.Stream, fields, codec) => _file = file;

    public ParquetField Root { get; }

    public IReadOnlyList<ParquetField> Leaves => _leaves;

    public long Rows { get; private set; }

    /// <summary>How many bytes are written so far.</summary>
    public long Length => _stream.Position;

    /// <summary>Pairs for the footer.</summary>
    public IDictionary<string, string> Metadata => _metadata;

    /// <summary>Writes a file, which replaces what stood at the path once finished.</summary>
    public static ParquetWriter Create(string path, ImmutableArray<ParquetField> fields, ParquetCodec codec = ParquetCodec.Snappy)
    {
        var file = AtomicFile.Create(path);
        try
        {
            return new ParquetWriter(file, fields, codec);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Writes some rows: the values of each leaf, in the order of the leaves.</summary>
    public void WriteRowGroup(params ReadOnlySpan<ParquetValues> columns)
    {
        if (columns.Length != _leaves.Count)
        {
            throw new ArgumentException($"{_leaves.Count} columns are wanted, {columns.Length} are given.", nameof(columns));
        }

        var rows = columns[0].Rows;
        var chunks = new WrittenChunk[columns.Length];
        for (var i = 0; i < columns.Length; i++)
        {
            if (columns[i].Leaf != _leaves[i] || columns[i].Rows != rows)
            {
                throw new ArgumentException(
                    $"Column '{columns[i].Leaf.DottedPath}' has {columns[i].Rows} rows; '{_leaves[i].DottedPath}' with {rows} is due.", nameof(columns));
            }
        }

        for (var i = 0; i < columns.Length; i++)
        {
            chunks[i] = _chunks.Write(columns[i]);
        }

        _groups.Add((rows, chunks));
        Rows += rows;
    }

    /// <summary>Writes the footer; a file at a path is then there.</summary>
    public void Finish()
    {
        var footer = new ThriftWriter();
        footer.Int32(1, 2);
        WriteSchema(footer);
        footer.Int64(3, Rows);
        footer.List(4, ThriftType.Struct, _groups.Count);
        foreach (var (rows, chunks) in _groups)
        {
            WriteGroup(footer, rows, chunks);
        }

        if (_metadata.Count > 0)
        {
            footer.List(5, ThriftType.Struct, _metadata.Count);
            foreach (var (key, value) in _metadata)
            {
                footer.Struct();
                footer.Text(1, key);
                footer.Text(2, value);
                footer.End();
            }
        }

        footer.Text(6, Creator);
        footer.End();
        _stream.Write(footer.Written);
        Span<byte> tail = stackalloc byte[8];
        BinaryPrimitives.WriteInt32LittleEndian(tail, footer.Written.Length);
        "PAR1"u8.CopyTo(tail[4..]);
        _stream.Write(tail);
        _file?.Commit();
    }

    public void Dispose() => _file?.Dispose();

    private static int Elements(ParquetField field)
    {
        var sum = 1;
        foreach (var child in field.Children)
        {
            sum += Elements(child);
        }

        return sum;
    }

    private static void WriteField(ThriftWriter footer, ParquetField field, bool root)
    {
        footer.Struct();
        if (field.Type is { } type)
        {
            footer.Int32(1, (int)type);
            if (type == ParquetType.FixedLenByteArray)
            {
                footer.Int32(2, field.TypeLength);
            }
        }

        if (!root)
        {
            footer.Int32(3, (int)field.Repetition);
        }

        footer.Text(4, field.Name);
        if (!field.IsLeaf)
        {
            footer.Int32(5, field.Children.Length);
        }

        WriteLogical(footer, field.Logical);
        footer.End();
        foreach (var child in field.Children)
        {
            WriteField(footer, child, root: false);
        }
    }

    // Both the old and the new way of saying it, since readers differ in which they know.
    private static void WriteLogical(ThriftWriter footer, ParquetLogicalType logical)
    {
        switch (logical.Meaning)
        {
            case ParquetMeaning.String:
                footer.Int32(6, 0);
                footer.Struct(10);
                footer.EmptyStruct(1);
                footer.End();
                break;
            case ParquetMeaning.List:
                footer.Int32(6, 3);
                footer.Struct(10);
                footer.EmptyStruct(3);
                footer.End();
                break;
            case ParquetMeaning.Integer:
                footer.Int32(6, (logical.Signed ? 15 : 11) + System.Numerics.BitOperations.Log2((uint)logical.Bits) - 3);
                footer.Struct(10);
                footer.Struct(10);
                footer.Int8(1, (sbyte)logical.Bits);
                footer.Boolean(2, logical.Signed);
                footer.End();
                footer.End();
                break;
            case ParquetMeaning.None:
                break;
            default:
                throw new ArgumentException($"Values meant as {logical.Meaning} are not written.");
        }
    }

    private void WriteSchema(ThriftWriter footer)
    {
        footer.List(2, ThriftType.Struct, Elements(Root));
        WriteField(footer, Root, root: true);
    }

    private void WriteGroup(ThriftWriter footer, long rows, WrittenChunk[] chunks)
    {
        footer.Struct();
        footer.List(1, ThriftType.Struct, chunks.Length);
        long unpacked = 0, packed = 0;
        for (var i = 0; i < chunks.Length; i++)
        {
            WriteChunk(footer, _leaves[i], chunks[i]);
            unpacked += chunks[i].UnpackedBytes;
            packed += chunks[i].PackedBytes;
        }

        footer.Int64(2, unpacked);
        footer.Int64(3, rows);
        footer.Int64(5, chunks[0].Start);
        footer.Int64(6, packed);
        footer.End();
    }

    private void WriteChunk(ThriftWriter footer, ParquetField leaf, WrittenChunk chunk)
    {
        footer.Struct();
        footer.Int64(2, 0);
        footer.Struct(3);
        footer.Int32(1, (int)leaf.Type!.Value);
        footer.List(2, ThriftType.Int32, chunk.Dictionary ? 3 : 2);
        footer.Element((int)ParquetEncoding.Plain);
        footer.Element((int)ParquetEncoding.Rle);
        if (chunk.Dictionary)
        {
            footer.Element((int)ParquetEncoding.RleDictionary);
        }

        footer.List(3, ThriftType.Binary, leaf.Path.Length);
        foreach (var name in leaf.Path)
        {
            footer.Element(name);
        }

        footer.Int32(4, (int)_codec);
        footer.Int64(5, chunk.Entries);
        footer.Int64(6, chunk.UnpackedBytes);
        footer.Int64(7, chunk.PackedBytes);
        footer.Int64(9, chunk.DataStart);
        if (chunk.Dictionary)
        {
            footer.Int64(11, chunk.Start);
        }

        footer.End();
        footer.End();
    }
}
