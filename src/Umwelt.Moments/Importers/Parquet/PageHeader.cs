// The header before each page: what kind it is, how many values it claims, how long it is packed and unpacked.
namespace Umwelt.Moments.Importers.Parquet;

internal enum PageKind
{
    Data = 0,
    Index = 1,
    Dictionary = 2,
    DataV2 = 3,
}

internal struct PageHeader
{
    public int Kind;
    public int UnpackedBytes;
    public int PackedBytes;
    public uint? Checksum;
    public int Values;
    public int Encoding;
    public int DefinitionEncoding;
    public int RepetitionEncoding;
    public int DefinitionBytes;
    public int RepetitionBytes;
    public bool Packed;

    public static PageHeader Read(ref ThriftReader reader)
    {
        var header = new PageHeader { Kind = -1, UnpackedBytes = -1, PackedBytes = -1, Values = -1, Encoding = -1, DefinitionEncoding = 3, RepetitionEncoding = 3, Packed = true };
        var id = (short)0;
        while (reader.Field(ref id, out var type))
        {
            switch (id)
            {
                case 1:
                    header.Kind = reader.Int32(type);
                    break;
                case 2:
                    header.UnpackedBytes = reader.Int32(type);
                    break;
                case 3:
                    header.PackedBytes = reader.Int32(type);
                    break;
                case 4:
                    header.Checksum = (uint)reader.Int32(type);
                    break;
                case 5 or 7:
                    reader.ExpectStruct(type);
                    header.ReadFirst(ref reader);
                    break;
                case 8:
                    reader.ExpectStruct(type);
                    header.ReadSecond(ref reader);
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        return header.UnpackedBytes < 0 || header.PackedBytes < 0
            ? throw reader.Wrong("a page does not say how long it is")
            : header.Kind != (int)PageKind.Index && (header.Values < 0 || header.Encoding < 0 || header.DefinitionBytes < 0 || header.RepetitionBytes < 0)
            ? throw reader.Wrong("a page does not say what it holds")
            : header;
    }

    // Data pages of the first version and dictionaries begin alike.
    private void ReadFirst(ref ThriftReader reader)
    {
        var id = (short)0;
        while (reader.Field(ref id, out var type))
        {
            switch (id)
            {
                case 1:
                    Values = reader.Int32(type);
                    break;
                case 2:
                    Encoding = reader.Int32(type);
                    break;
                case 3 when type is ThriftType.Int32:
                    DefinitionEncoding = reader.Int32(type);
                    break;
                case 4:
                    RepetitionEncoding = reader.Int32(type);
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }
    }

    private void ReadSecond(ref ThriftReader reader)
    {
        var id = (short)0;
        while (reader.Field(ref id, out var type))
        {
            switch (id)
            {
                case 1:
                    Values = reader.Int32(type);
                    break;
                case 4:
                    Encoding = reader.Int32(type);
                    break;
                case 5:
                    DefinitionBytes = reader.Int32(type);
                    break;
                case 6:
                    RepetitionBytes = reader.Int32(type);
                    break;
                case 7:
                    Packed = reader.Boolean(type);
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }
    }
}
