// How Parquet stores values (physical types, repetitions, codecs, encodings) and what they are meant as (logical types).
// The numbers are the format's own; source: parquet.thrift of Apache Parquet format 2.11.
namespace Umwelt.Moments.Importers.Parquet;

internal enum ParquetType
{
    Boolean = 0,
    Int32 = 1,
    Int64 = 2,
    Int96 = 3,
    Float = 4,
    Double = 5,
    ByteArray = 6,
    FixedLenByteArray = 7,
}

internal enum ParquetRepetition
{
    Required = 0,
    Optional = 1,
    Repeated = 2,
}

internal enum ParquetCodec
{
    Uncompressed = 0,
    Snappy = 1,
    Gzip = 2,
    Lzo = 3,
    Brotli = 4,
    Lz4 = 5,
    Zstd = 6,
    Lz4Raw = 7,
}

internal enum ParquetEncoding
{
    Plain = 0,
    PlainDictionary = 2,
    Rle = 3,
    BitPacked = 4,
    DeltaBinaryPacked = 5,
    DeltaLengthByteArray = 6,
    DeltaByteArray = 7,
    RleDictionary = 8,
    ByteStreamSplit = 9,
}

internal enum ParquetMeaning
{
    /// <summary>The stored value as it is, or a meaning that this reader does not know.</summary>
    None,
    String,
    Enumeration,
    Json,
    Bson,
    Uuid,
    Integer,
    Decimal,
    Float16,
    Date,
    Time,
    Timestamp,
    Interval,
    List,
    Map,
}

/// <summary>What a stored value is meant as. Time units are given by how many make a second; integers by width and sign.</summary>
internal readonly record struct ParquetLogicalType(ParquetMeaning Meaning, long UnitsPerSecond = 0, int Bits = 0, bool Signed = true)
{
    public static ParquetLogicalType OfConverted(int converted) => converted switch
    {
        0 => new(ParquetMeaning.String),
        1 or 2 => new(ParquetMeaning.Map),
        3 => new(ParquetMeaning.List),
        4 => new(ParquetMeaning.Enumeration),
        5 => new(ParquetMeaning.Decimal),
        6 => new(ParquetMeaning.Date),
        7 => new(ParquetMeaning.Time, 1000),
        8 => new(ParquetMeaning.Time, 1_000_000),
        9 => new(ParquetMeaning.Timestamp, 1000),
        10 => new(ParquetMeaning.Timestamp, 1_000_000),
        >= 11 and <= 14 => new(ParquetMeaning.Integer, 0, 8 << (converted - 11), false),
        >= 15 and <= 18 => new(ParquetMeaning.Integer, 0, 8 << (converted - 15), true),
        19 => new(ParquetMeaning.Json),
        20 => new(ParquetMeaning.Bson),
        21 => new(ParquetMeaning.Interval),
        _ => default,
    };

    public static ParquetLogicalType Read(ref ThriftReader reader)
    {
        var result = default(ParquetLogicalType);
        var id = (short)0;
        while (reader.Field(ref id, out var type))
        {
            switch (id)
            {
                case 7 or 8:
                    reader.ExpectStruct(type);
                    result = new(id == 7 ? ParquetMeaning.Time : ParquetMeaning.Timestamp, ReadTime(ref reader));
                    break;
                case 10:
                    reader.ExpectStruct(type);
                    result = ReadInteger(ref reader);
                    break;
                default:
                    result = new(id switch
                    {
                        1 => ParquetMeaning.String,
                        2 => ParquetMeaning.Map,
                        3 => ParquetMeaning.List,
                        4 => ParquetMeaning.Enumeration,
                        5 => ParquetMeaning.Decimal,
                        6 => ParquetMeaning.Date,
                        12 => ParquetMeaning.Json,
                        13 => ParquetMeaning.Bson,
                        14 => ParquetMeaning.Uuid,
                        15 => ParquetMeaning.Float16,
                        _ => ParquetMeaning.None,
                    });
                    reader.Skip(type);
                    break;
            }
        }

        return result;
    }

    private static long ReadTime(ref ThriftReader reader)
    {
        var units = 0L;
        var id = (short)0;
        while (reader.Field(ref id, out var type))
        {
            if (id == 2)
            {
                reader.ExpectStruct(type);
                var unit = (short)0;
                while (reader.Field(ref unit, out var inner))
                {
                    units = unit switch { 1 => 1000, 2 => 1_000_000, 3 => 1_000_000_000, _ => 0 };
                    reader.Skip(inner);
                }
            }
            else
            {
                reader.Skip(type);
            }
        }

        return units != 0 ? units : throw reader.Wrong("a time column names no unit that is known");
    }

    private static ParquetLogicalType ReadInteger(ref ThriftReader reader)
    {
        var bits = 0;
        var signed = true;
        var id = (short)0;
        while (reader.Field(ref id, out var type))
        {
            switch (id)
            {
                case 1:
                    bits = reader.Int32(type);
                    break;
                case 2:
                    signed = reader.Boolean(type);
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        return bits is 8 or 16 or 32 or 64
            ? new(ParquetMeaning.Integer, 0, bits, signed)
            : throw reader.Wrong($"an integer column claims {bits} bits");
    }
}
