// Broken Parquet files: sound ones of a fixed stock with pages struck in place, so that offsets stay true, or with the footer struck
// and its length mostly made right again. Much of the stock is not compressed, so that damage reaches levels, runs and values.
using System.Buffers.Binary;
using System.IO.Compression;

using Umwelt.Moments.Importers.Parquet;
using Umwelt.Storage;

namespace Umwelt.Fuzzing;

internal sealed class ParquetFuzz : FuzzTarget
{
    private const int Rows = 40;

    // As the importers read, only less at a time: what a file may cost follows from these, whatever it claims.
    private const int MostRows = 16;
    private const int MostValues = 256;
    private const int MostStretches = 4;
    private static readonly ParquetLimits Limits = new() { MostPageBytes = 1 << 16, MostFooterBytes = 1 << 20, MostRowValues = 512 };
    private static readonly byte[][] Stock = MakeStock();

    public override string Name => "parquet";

    public override byte[] Make(ref RandomStream random)
    {
        var sound = Stock[random.NextInt32(Stock.Length)];
        var footerAt = sound.Length - 8 - BinaryPrimitives.ReadInt32LittleEndian(sound.AsSpan(sound.Length - 8));
        var pages = new List<byte>(sound[..footerAt]);
        var footer = new List<byte>(sound[footerAt..^8]);
        for (var strikes = 1 + random.NextInt32(3); strikes > 0; strikes--)
        {
            if (random.NextInt32(2) == 0)
            {
                Damage.Strike(footer, ref random);
            }
            else
            {
                StrikeInPlace(pages, ref random);
            }
        }

        var length = random.NextInt32(50) == 0 ? (uint)Damage.Extreme(ref random) : (uint)footer.Count;
        var file = new List<byte>(PageFile.WithFooter(pages.ToArray(), footer.ToArray(), length));
        if (random.NextInt32(20) == 0)
        {
            Damage.Strike(file, ref random);
        }

        return file.ToArray();
    }

    protected override void Read(byte[] file, string name)
    {
        using var opened = ParquetFile.Open(new MemoryStream(file), name, limits: Limits);
        foreach (var leaf in opened.Leaves)
        {
            using var column = opened.Read(leaf);
            for (var stretch = 0; stretch < MostStretches && column.Read(MostRows, MostValues) is { } values; stretch++)
            {
                Check(values);
            }
        }
    }

    // For the rows asked for, and for the pages that many columns may share.
    protected override long Extra(byte[] file) => (2 << 20) + (256L * file.Length);

    private static void Check(ParquetValues values)
    {
        var slots = values.Rows;
        foreach (var level in values.Lists)
        {
            if (level.Count != slots || level.Offsets.Length != slots + 1 || level.Offsets[0] != 0)
            {
                throw new InvalidOperationException("Lists do not stand at the elements above them.");
            }

            for (var i = 0; i < slots; i++)
            {
                if (level.Offsets[i] > level.Offsets[i + 1] || (!level.Present[i] && level.Offsets[i] != level.Offsets[i + 1]))
                {
                    throw new InvalidOperationException("A list runs backwards, or is absent and has elements.");
                }
            }

            slots = level.Offsets[slots];
        }

        if (slots != values.Count || values.Present.Length != slots || values.Values.Length != slots || values.Rows > MostRows)
        {
            throw new InvalidOperationException("Values do not stand at the elements of the innermost lists.");
        }

        for (var i = 0; i < slots; i++)
        {
            if (values.Values is ReadOnlyMemory<byte>[] && values.Leaf.Logical.Meaning == ParquetMeaning.String)
            {
                values.Text(i);
            }
            else if (ParquetValues.IsNumeric(values.Leaf))
            {
                values.Number(i);
            }
        }
    }

    private static void StrikeInPlace(List<byte> pages, ref RandomStream random)
    {
        if (pages.Count == 0 || random.NextInt32(8) == 0)
        {
            Damage.Strike(pages, ref random);
            return;
        }

        var at = random.NextInt32(pages.Count);
        pages[at] = random.NextInt32(3) switch
        {
            0 => (byte)(pages[at] ^ (1 << random.NextInt32(8))),
            1 => (byte)Damage.Extreme(ref random),
            _ => (byte)random.NextUInt32(),
        };
    }

    private static byte[][] MakeStock()
    {
        var stock = new List<byte[]>();
        foreach (var codec in new[] { ParquetCodec.Uncompressed, ParquetCodec.Snappy })
        {
            stock.Add(Ours(codec));
        }

        var number = ParquetField.Leaf("number", ParquetType.Int32);
        byte[] levels = [Rows << 1, 1];
        var values = new byte[4 * Rows];
        stock.Add(new PageFile(number) { Rows = Rows, Values = Rows }
            .Page(PageKind.DataV2, Rows, (int)ParquetEncoding.Plain, [.. levels, .. values], definitionBytes: levels.Length).Assemble());
        stock.Add(new PageFile(number) { Rows = Rows, Values = Rows }
            .Page(PageKind.Dictionary, 2, (int)ParquetEncoding.Plain, new byte[8])
            .Page(PageKind.DataV2, Rows, (int)ParquetEncoding.RleDictionary, [.. levels, 1, 11, 1, 2, 3, 4, 5], definitionBytes: levels.Length).Assemble());
        var packed = Gzip([2, 0, 0, 0, .. levels, .. values]);
        stock.Add(new PageFile(number) { Rows = Rows, Values = Rows, Codec = (int)ParquetCodec.Gzip }
            .Page(PageKind.Data, Rows, (int)ParquetEncoding.Plain, packed, 6 + values.Length).Assemble());
        var flag = ParquetField.Leaf("flag", ParquetType.Boolean, ParquetRepetition.Required);
        stock.Add(new PageFile(flag) { Rows = Rows, Values = Rows }
            .Page(PageKind.Data, Rows, (int)ParquetEncoding.Rle, [2, 0, 0, 0, Rows << 1, 1]).Assemble());
        var old = ParquetField.Leaf("old", ParquetType.Int96, ParquetRepetition.Repeated);
        stock.Add(new PageFile(old) { Rows = 2, Values = 4 }
            .Page(PageKind.Data, 4, (int)ParquetEncoding.Plain, [2, 0, 0, 0, 3, 0b0110, 2, 0, 0, 0, 4 << 1, 1, .. new byte[48]]).Assemble());
        return [.. stock];
    }

    private static byte[] Ours(ParquetCodec codec)
    {
        using var stream = new MemoryStream();
        using var writer = new ParquetWriter(
            stream,
            [
                ParquetField.Leaf("flag", ParquetType.Boolean),
                ParquetField.Leaf("small", ParquetType.Int32, logical: new(ParquetMeaning.Integer, 0, 8, false)),
                ParquetField.Leaf("index", ParquetType.Int64, ParquetRepetition.Required),
                ParquetField.Text("task"),
                ParquetField.List("state", ParquetField.Leaf("element", ParquetType.Float)),
                ParquetField.List("grid", ParquetField.List("element", ParquetField.Leaf("element", ParquetType.Double))),
                ParquetField.Struct("image", ParquetField.Leaf("bytes", ParquetType.ByteArray), ParquetField.Text("path")),
            ],
            codec);
        writer.Metadata["pandas"] = "{}";
        var leaves = writer.Leaves;
        var even = Enumerable.Range(0, Rows).Select(i => i % 2 == 0).ToArray();
        for (var group = 0; group < 2; group++)
        {
            writer.WriteRowGroup(
                ParquetColumns.Flat(leaves[0], even),
                ParquetColumns.Flat(leaves[1], Enumerable.Range(0, Rows).ToArray(), even),
                ParquetColumns.Flat(leaves[2], Enumerable.Range(0, Rows).Select(i => (long)i).ToArray()),
                ParquetColumns.Text(leaves[3], [.. Enumerable.Range(0, Rows).Select(i => i % 7 == 0 ? null : $"task {i % 3}")]),
                ParquetColumns.Lists(leaves[4], new float[Rows * 2], Rows, 2),
                ParquetColumns.Lists(leaves[5], new double[Rows * 2], Rows, 2, 1),
                ParquetColumns.Flat(leaves[6], Enumerable.Range(0, Rows).Select(i => new ReadOnlyMemory<byte>(new byte[i % 5])).ToArray()),
                ParquetColumns.Text(leaves[7], new string?[Rows]));
        }

        writer.Finish();
        return stream.ToArray();
    }

    private static byte[] Gzip(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal))
        {
            gzip.Write(bytes);
        }

        return packed.ToArray();
    }
}
