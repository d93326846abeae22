// The footer of a Parquet file: schema, row groups, the place of each column chunk, and the writer's own pairs.
// All of it is checked against the file's length before anything else is read, and row groups must agree with the file's count.
using System.Collections.Immutable;

namespace Umwelt.Moments.Importers.Parquet;

/// <summary>The pages of one column in one row group: where they lie and how they are packed.</summary>
internal readonly record struct ParquetChunk(long Start, long Length, long Values, int Codec);

/// <summary>Some rows of the file, with a chunk for each leaf.</summary>
internal sealed record ParquetRowGroup(long Rows, ImmutableArray<ParquetChunk> Chunks)
{
    /// <summary>The bytes that the group takes in the file.</summary>
    public long StoredBytes
    {
        get
        {
            var sum = 0L;
            foreach (var chunk in Chunks)
            {
                sum += chunk.Length;
            }

            return sum;
        }
    }
}

internal sealed class ParquetFooter
{
    private const int MagicBytes = 4;

    private ParquetFooter(ParquetField root, ImmutableArray<ParquetField> leaves)
    {
        Root = root;
        Leaves = leaves;
    }

    public ParquetField Root { get; }

    public ImmutableArray<ParquetField> Leaves { get; }

    public long Rows { get; private set; }

    public ImmutableArray<ParquetRowGroup> RowGroups { get; private set; } = [];

    public Dictionary<string, string> Metadata { get; } = new(StringComparer.Ordinal);

    public string CreatedBy { get; private set; } = "";

    /// <summary>Reads the footer's bytes; <paramref name="start"/> is where they begin in the file, and where the pages must have ended.</summary>
    public static ParquetFooter Read(ReadOnlySpan<byte> bytes, ParquetPlace place, long start)
    {
        var reader = new ThriftReader(bytes, place, start);
        var leaves = new List<ParquetField>();
        ParquetFooter? footer = null;
        var rows = -1L;
        var grouped = false;
        var id = (short)0;
        while (reader.Field(ref id, out var type))
        {
            switch (id)
            {
                case 2 when footer is null:
                    footer = new ParquetFooter(ParquetSchemaReader.Read(ref reader, type, leaves), [.. leaves]);
                    break;
                case 3:
                    rows = reader.Int64(type);
                    break;
                case 4 when footer is not null && !grouped:
                    grouped = true;
                    footer.ReadRowGroups(ref reader, type, start);
                    break;
                case 5 when footer is not null:
                    footer.ReadMetadata(ref reader, type);
                    break;
                case 6 when footer is not null:
                    footer.CreatedBy = reader.Text(type);
                    break;
                case 8:
                    throw place.Wrong("is encrypted, which is not supported; write it again without encryption", start);
                default:
                    reader.Skip(type);
                    break;
            }
        }

        if (footer is null || rows < 0 || !grouped)
        {
            throw place.Wrong($"its footer lacks {(footer is null ? "a schema" : rows < 0 ? "the number of rows" : "row groups")}", start);
        }

        footer.Rows = rows;
        var sum = 0L;
        foreach (var group in footer.RowGroups)
        {
            // Each is below 2^62 and the sum is compared at once, so that it cannot wrap.
            sum += group.Rows;
            if (sum > rows)
            {
                break;
            }
        }

        return sum == rows ? footer : throw place.Wrong($"its footer claims {rows} rows, which is not the sum over its row groups", start);
    }

    private void ReadMetadata(ref ThriftReader reader, ThriftType type)
    {
        for (var left = reader.Structs(type); left > 0; left--)
        {
            string? key = null;
            var value = "";
            var id = (short)0;
            while (reader.Field(ref id, out var inner))
            {
                switch (id)
                {
                    case 1:
                        key = reader.Text(inner);
                        break;
                    case 2:
                        value = reader.Text(inner);
                        break;
                    default:
                        reader.Skip(inner);
                        break;
                }
            }

            Metadata[key ?? throw reader.Wrong("a pair of its metadata has no key")] = value;
        }
    }

    private void ReadRowGroups(ref ThriftReader reader, ThriftType type, long pagesEnd)
    {
        var groups = ImmutableArray.CreateBuilder<ParquetRowGroup>();
        for (var left = reader.Structs(type); left > 0; left--)
        {
            var chunks = ImmutableArray<ParquetChunk>.Empty;
            var rows = -1L;
            var id = (short)0;
            while (reader.Field(ref id, out var inner))
            {
                switch (id)
                {
                    case 1:
                        chunks = ReadChunks(ref reader, inner, pagesEnd);
                        break;
                    case 3:
                        rows = reader.Int64(inner);
                        break;
                    default:
                        reader.Skip(inner);
                        break;
                }
            }

            if (rows is < 0 or > long.MaxValue / 4)
            {
                throw reader.Wrong($"row group {groups.Count} {(rows < 0 ? "does not say how many rows it has" : $"claims {rows} rows")}");
            }

            groups.Add(chunks.IsEmpty ? throw reader.Wrong($"row group {groups.Count} has no columns") : new ParquetRowGroup(rows, chunks));
        }

        RowGroups = groups.DrainToImmutable();
    }

    private ImmutableArray<ParquetChunk> ReadChunks(ref ThriftReader reader, ThriftType type, long pagesEnd)
    {
        var count = reader.Structs(type);
        if (count != Leaves.Length)
        {
            throw reader.Wrong($"a row group has {count} columns where the schema has {Leaves.Length}");
        }

        var chunks = ImmutableArray.CreateBuilder<ParquetChunk>(count);
        for (var i = 0; i < count; i++)
        {
            ParquetChunk? chunk = null;
            var id = (short)0;
            while (reader.Field(ref id, out var inner))
            {
                switch (id)
                {
                    case 1:
                        var other = reader.Text(inner);
                        if (other.Length > 0)
                        {
                            throw reader.Wrong($"its column {ParquetPlace.Quote(Leaves[i].DottedPath)} lies in another file, {ParquetPlace.Quote(other)}, which is not supported");
                        }

                        break;
                    case 3:
                        reader.ExpectStruct(inner);
                        chunk = ReadChunk(ref reader, Leaves[i], pagesEnd);
                        break;
                    case 8 or 9:
                        throw reader.Wrong($"its column {ParquetPlace.Quote(Leaves[i].DottedPath)} is encrypted, which is not supported; write it again without encryption");
                    default:
                        reader.Skip(inner);
                        break;
                }
            }

            chunks.Add(chunk ?? throw reader.Wrong($"a row group does not say where its column {ParquetPlace.Quote(Leaves[i].DottedPath)} lies"));
        }

        return chunks.DrainToImmutable();
    }

    private static ParquetChunk ReadChunk(ref ThriftReader reader, ParquetField leaf, long pagesEnd)
    {
        long values = -1, length = -1, data = -1, dictionary = -1;
        int codec = -1, stored = -1;
        var id = (short)0;
        while (reader.Field(ref id, out var type))
        {
            switch (id)
            {
                case 1:
                    stored = reader.Int32(type);
                    break;
                case 3:
                    ExpectPath(ref reader, type, leaf);
                    break;
                case 4:
                    codec = reader.Int32(type);
                    break;
                case 5:
                    values = reader.Int64(type);
                    break;
                case 7:
                    length = reader.Int64(type);
                    break;
                case 9:
                    data = reader.Int64(type);
                    break;
                case 11:
                    dictionary = reader.Int64(type);
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        var name = ParquetPlace.Quote(leaf.DottedPath);
        if (stored != (int)leaf.Type!.Value)
        {
            throw reader.Wrong($"column {name} is of type {stored} in a row group and of type {(int)leaf.Type.Value} in the schema");
        }

        // Some writers leave the dictionary's place at 0 where there is none.
        var start = dictionary >= MagicBytes && dictionary < data ? dictionary : data;
        if (values < 0 || length < 0 || start < MagicBytes || start > pagesEnd || length > pagesEnd - start)
        {
            throw reader.Wrong($"column {name} claims {values} values in {length} bytes from byte {start} on, outside of the file's {pagesEnd} bytes of pages");
        }

        return new ParquetChunk(start, length, values, codec);
    }

    private static void ExpectPath(ref ThriftReader reader, ThriftType type, ParquetField leaf)
    {
        var count = reader.List(type, out var element);
        if (count != leaf.Path.Length)
        {
            throw reader.Wrong($"a row group has a column of {count} names where the schema has {ParquetPlace.Quote(leaf.DottedPath)}");
        }

        foreach (var expected in leaf.Path)
        {
            var name = reader.Text(element);
            if (!string.Equals(name, expected, StringComparison.Ordinal))
            {
                throw reader.Wrong($"a row group has a column {ParquetPlace.Quote(name)} where the schema has {ParquetPlace.Quote(leaf.DottedPath)}");
            }
        }
    }
}
