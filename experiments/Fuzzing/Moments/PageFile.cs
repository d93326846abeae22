// A Parquet file of one column, put together page by page from whatever bytes and claims one likes: the second path by which
// tests make pages that our writer never makes (version two, gzip, runs of truth values, claims that cannot be).
using System.Buffers.Binary;

using Umwelt.Moments.Importers.Parquet;

namespace Umwelt.Fuzzing;

internal sealed record PageFile(ParquetField Field)
{
    private readonly List<byte> _pages = [.. "PAR1"u8];

    public long Rows { get; init; }

    public long Values { get; init; }

    public int Codec { get; init; }

    public PageFile Page(PageKind kind, int values, int encoding, ReadOnlySpan<byte> body, int? unpacked = null, int definitionBytes = 0, int repetitionBytes = 0, bool packed = false)
    {
        var header = new ThriftWriter();
        header.Int32(1, (int)kind);
        header.Int32(2, unpacked ?? body.Length);
        header.Int32(3, body.Length);
        header.Struct(kind switch { PageKind.DataV2 => 8, PageKind.Dictionary => 7, _ => 5 });
        header.Int32(1, values);
        if (kind == PageKind.DataV2)
        {
            header.Int32(4, encoding);
            header.Int32(5, definitionBytes);
            header.Int32(6, repetitionBytes);
            header.Boolean(7, packed);
        }
        else
        {
            header.Int32(2, encoding);
            header.Int32(3, (int)ParquetEncoding.Rle);
            header.Int32(4, (int)ParquetEncoding.Rle);
        }

        header.End();
        header.End();
        _pages.AddRange(header.Written);
        _pages.AddRange(body);
        return this;
    }

    public byte[] Assemble()
    {
        var leaves = new List<ParquetField>();
        ParquetField.Root("schema", [Field], leaves);
        var leaf = leaves[0];
        var footer = new ThriftWriter();
        footer.Int32(1, 1);
        footer.List(2, ThriftType.Struct, leaf.Path.Length + 1);
        footer.Struct();
        footer.Text(4, "schema");
        footer.Int32(5, 1);
        footer.End();
        for (var field = Field; ; field = field.Children[0])
        {
            footer.Struct();
            if (field.Type is { } type)
            {
                footer.Int32(1, (int)type);
                footer.Int32(2, field.TypeLength);
            }

            footer.Int32(3, (int)field.Repetition);
            footer.Text(4, field.Name);
            if (!field.IsLeaf)
            {
                footer.Int32(5, field.Children.Length);
            }

            footer.End();
            if (field.IsLeaf)
            {
                break;
            }
        }

        footer.Int64(3, Rows);
        footer.List(4, ThriftType.Struct, 1);
        footer.Struct();
        footer.List(1, ThriftType.Struct, 1);
        footer.Struct();
        footer.Struct(3);
        footer.Int32(1, (int)leaf.Type!.Value);
        footer.List(3, ThriftType.Binary, leaf.Path.Length);
        foreach (var name in leaf.Path)
        {
            footer.Element(name);
        }

        footer.Int32(4, Codec);
        footer.Int64(5, Values);
        footer.Int64(7, _pages.Count - 4);
        footer.Int64(9, 4);
        footer.End();
        footer.End();
        footer.Int64(3, Rows);
        footer.End();
        footer.End();
        return WithFooter([.. _pages], footer.Written);
    }

    public static byte[] WithFooter(ReadOnlySpan<byte> pages, ReadOnlySpan<byte> footer, uint? claimed = null)
    {
        var tail = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(tail, claimed ?? (uint)footer.Length);
        return [.. pages, .. footer, .. tail, .. "PAR1"u8];
    }
}
