// Reads Parquet files: the footer is read and checked whole on opening, columns are read leaf by leaf, a stretch of rows at a time.
// Memory is bounded by the rows a caller asks for and by one page; whatever breaks the format is an InvalidFileException in one line.
// Source: github.com/apache/parquet-format (README.md, Encodings.md, parquet.thrift), version 2.11.
using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Immutable;

using Umwelt.Storage;

namespace Umwelt.Moments.Importers.Parquet;

/// <summary>An open Parquet file. One thread at a time uses it and its columns.</summary>
internal sealed class ParquetFile : IDisposable
{
    private const int TailBytes = 8;
    private readonly Stream _stream;
    private readonly bool _leaveOpen;
    private readonly ParquetFooter _footer;

    private ParquetFile(Stream stream, string name, bool leaveOpen, ParquetLimits limits)
    {
        _stream = stream;
        _leaveOpen = leaveOpen;
        Path = name;
        Limits = limits;
        Length = stream.Length;
        _footer = ReadFooter();
    }

    /// <summary>The file, or the name given to the stream.</summary>
    public string Path { get; }

    public ParquetLimits Limits { get; }

    public long Rows => _footer.Rows;

    /// <summary>The unnamed group above the columns.</summary>
    public ParquetField Root => _footer.Root;

    /// <summary>The top-level columns.</summary>
    public ImmutableArray<ParquetField> Fields => _footer.Root.Children;

    public ImmutableArray<ParquetField> Leaves => _footer.Leaves;

    public ImmutableArray<ParquetRowGroup> RowGroups => _footer.RowGroups;

    /// <summary>The writer's own pairs, for instance <c>pandas</c> or <c>huggingface</c>.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _footer.Metadata;

    public string CreatedBy => _footer.CreatedBy;

    internal long Length { get; }

    /// <summary>Opens a file and checks its footer.</summary>
    public static ParquetFile Open(string path, ParquetLimits? limits = null) =>
        Open(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 1), path, limits: limits);

    /// <summary>Opens a seekable stream, which belongs to the result unless <paramref name="leaveOpen"/>; <paramref name="name"/> is used in errors.</summary>
    public static ParquetFile Open(Stream stream, string name, bool leaveOpen = false, ParquetLimits? limits = null)
    {
        try
        {
            return stream.CanSeek
                ? new ParquetFile(stream, name, leaveOpen, limits ?? ParquetLimits.Default)
                : throw new InvalidFileException(name, "is not a regular file (a pipe or a device cannot be read at offsets)");
        }
        catch when (!leaveOpen)
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>The top-level column of this name; a name the file lacks is an <see cref="InvalidFileException"/>.</summary>
    public ParquetField Field(string name) =>
        Root.Child(name) ?? throw new InvalidFileException(Path, $"has no column {ParquetPlace.Quote(name)}; it has {ColumnNames()}");

    /// <summary>The leaf of this dotted path, for instance <c>action.list.element</c>.</summary>
    public ParquetField Leaf(string dottedPath)
    {
        foreach (var leaf in Leaves)
        {
            if (string.Equals(leaf.DottedPath, dottedPath, StringComparison.Ordinal))
            {
                return leaf;
            }
        }

        throw new InvalidFileException(Path, $"has no column {ParquetPlace.Quote(dottedPath)}; it has {ColumnNames()}");
    }

    /// <summary>The one leaf of a top-level column, or an error that says that it has several.</summary>
    public ParquetField OnlyLeaf(string name) =>
        Field(name).OnlyLeaf() ?? throw new InvalidFileException(Path, $"column {ParquetPlace.Quote(name)} is a structure of several columns where values are meant");

    /// <summary>Reads a leaf from the first row on.</summary>
    public ParquetColumnReader Read(ParquetField leaf) => Read(leaf, 0, RowGroups.Length);

    /// <summary>Reads a leaf over some row groups.</summary>
    public ParquetColumnReader Read(ParquetField leaf, int firstGroup, int groups) => new(this, leaf, firstGroup, groups);

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        if (!_leaveOpen)
        {
            _stream.Dispose();
        }
    }

    internal void Read(long offset, Span<byte> destination)
    {
        _stream.Position = offset;
        while (destination.Length > 0)
        {
            var read = _stream.Read(destination);
            if (read <= 0)
            {
                throw new InvalidFileException(Path, $"ends here, {destination.Length} bytes short; it had {Length} bytes when it was opened", offset);
            }

            offset += read;
            destination = destination[read..];
        }
    }

    private ParquetFooter ReadFooter()
    {
        Span<byte> tail = stackalloc byte[TailBytes];
        if (Length < TailBytes + 4)
        {
            throw new InvalidFileException(Path, $"has {Length} bytes, too few for a Parquet file", 0);
        }

        Read(0, tail[..4]);
        var head = BinaryPrimitives.ReadUInt32LittleEndian(tail);
        Read(Length - TailBytes, tail);
        var magic = tail[4..];
        if (magic.SequenceEqual("PARE"u8))
        {
            throw new InvalidFileException(Path, "is encrypted, which is not supported; write it again without encryption", Length - 4);
        }

        if (head != BinaryPrimitives.ReadUInt32LittleEndian("PAR1"u8) || !magic.SequenceEqual("PAR1"u8))
        {
            throw new InvalidFileException(
                Path,
                head == BinaryPrimitives.ReadUInt32LittleEndian("PAR1"u8)
                    ? "does not end as a Parquet file ends: it is cut short, or was never finished"
                    : "is not a Parquet file (it does not begin with 'PAR1')",
                head == BinaryPrimitives.ReadUInt32LittleEndian("PAR1"u8) ? Length - 4 : 0);
        }

        var length = BinaryPrimitives.ReadUInt32LittleEndian(tail);
        if (length > Length - TailBytes - 4 || length > Limits.MostFooterBytes)
        {
            throw new InvalidFileException(
                Path,
                $"its footer claims {length} bytes; {Math.Min(Length - TailBytes - 4, Limits.MostFooterBytes)} are possible",
                Length - TailBytes);
        }

        var start = Length - TailBytes - length;
        var bytes = ArrayPool<byte>.Shared.Rent((int)length);
        try
        {
            Read(start, bytes.AsSpan(0, (int)length));
            return ParquetFooter.Read(bytes.AsSpan(0, (int)length), new ParquetPlace(Path), start);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    private string ColumnNames()
    {
        const int Most = 20;
        var names = string.Join(", ", Fields.Take(Most).Select(field => ParquetPlace.Quote(field.Name)));
        return Fields.Length > Most ? $"{names} and {Fields.Length - Most} more" : names;
    }
}
