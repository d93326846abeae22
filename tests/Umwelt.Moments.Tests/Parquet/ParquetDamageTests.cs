// The law of all readers, for Parquet: every outcome is data or an InvalidFileException that names the file, soon and in bounded memory,
// whatever a file claims. A fixed corpus of damage by seed (the experiment fuzz-readers makes a million), and the nastiest by hand.
using Umwelt.Fuzzing;
using Umwelt.Moments.Importers.Parquet;
using Umwelt.Storage;

using Xunit;

namespace Umwelt.Moments.Tests.Parquet;

public sealed class ParquetDamageTests
{
    private const int FilesOfDamage = 1500;
    private static readonly ParquetField Number = ParquetField.Leaf("number", ParquetType.Int32);

    [Fact]
    public void Damaged_files_give_data_or_a_clear_error()
    {
        var target = new ParquetFuzz();
        var refused = 0;
        for (var number = 0; number < FilesOfDamage; number++)
        {
            var outcome = target.Try(seed: 20260101, number);
            Assert.Null(outcome.Failure);
            refused += outcome.Refused ? 1 : 0;
        }

        // Both outcomes occur often, or the damage is too weak or too strong to reach the checks.
        Assert.InRange(refused, FilesOfDamage / 4, FilesOfDamage * 95 / 100);
    }

    [Fact]
    public void Any_bytes_at_all_give_data_or_a_clear_error()
    {
        var target = new ParquetFuzz();
        var files = new List<byte[]> { Array.Empty<byte>(), new byte[12], new byte[70_000] };
        foreach (var footer in new[] { [], [0], new byte[1000], Enumerable.Repeat((byte)0x1C, 100_000).ToArray(), Enumerable.Repeat((byte)0xF9, 50_000).ToArray(), [0x29, 0xFC, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F] })
        {
            files.Add(PageFile.WithFooter("PAR1"u8, footer));
            files.Add(PageFile.WithFooter("PAR1"u8, footer, uint.MaxValue));
        }

        foreach (var file in files)
        {
            var outcome = target.Judge(file, $"{file.Length} bytes");
            Assert.Null(outcome.Failure);
            Assert.True(outcome.Refused);
        }
    }

    [Fact]
    public void A_run_of_two_billion_costs_only_the_rows_asked_for()
    {
        byte[] endless = [0xFE, 0xFF, 0xFF, 0xFF, 0x0F, 1];
        var file = new PageFile(Number) { Rows = int.MaxValue, Values = int.MaxValue }
            .Page(PageKind.Dictionary, 1, (int)ParquetEncoding.Plain, [7, 0, 0, 0])
            .Page(PageKind.DataV2, int.MaxValue, (int)ParquetEncoding.RleDictionary, [.. endless, 1, .. endless[..^1], 0], definitionBytes: endless.Length)
            .Assemble();
        using var opened = ParquetFile.Open(new MemoryStream(file), "bomb");
        using var reader = opened.Read(opened.Leaves[0]);
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var values = reader.Read(1000)!;
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - allocated, 0, 100_000);
        Assert.Equal(1000, values.Rows);
        Assert.All(values.Int32, value => Assert.Equal(7, value));
    }

    [Fact]
    public void A_row_of_endless_lists_is_refused()
    {
        byte[] once = [2, 0], endless = [0xFE, 0xFF, 0xFF, 0xFF, 0x07, 1];
        var list = ParquetField.Leaf("list", ParquetType.Int32, ParquetRepetition.Repeated);
        var file = new PageFile(list) { Rows = 1, Values = int.MaxValue }
            .Page(PageKind.Dictionary, 1, (int)ParquetEncoding.Plain, [7, 0, 0, 0])
            .Page(PageKind.DataV2, int.MaxValue, (int)ParquetEncoding.RleDictionary, [.. once, .. endless, .. endless, 0, .. endless[..^1], 0], definitionBytes: 6, repetitionBytes: 8)
            .Assemble();
        using var opened = ParquetFile.Open(new MemoryStream(file), "bomb", limits: new ParquetLimits { MostRowValues = 10_000 });
        using var reader = opened.Read(opened.Leaves[0]);
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var error = Assert.Throws<InvalidFileException>(() => reader.Read(1));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - allocated, 0, 1_000_000);
        Assert.Contains("a row holds more than 10000 values", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData((int)ParquetCodec.Snappy)]
    [InlineData((int)ParquetCodec.Gzip)]
    [InlineData((int)ParquetCodec.Uncompressed)]
    public void A_page_that_claims_what_its_bytes_cannot_hold_is_refused_before_memory_is_taken(int codec)
    {
        var file = new PageFile(Number) { Rows = 1, Values = 1, Codec = codec }
            .Page(PageKind.Data, 1, (int)ParquetEncoding.Plain, new byte[100], unpacked: 200_000_000).Assemble();
        using var opened = ParquetFile.Open(new MemoryStream(file), "bomb");
        using var reader = opened.Read(opened.Leaves[0]);
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var error = Assert.Throws<InvalidFileException>(() => reader.Read(1));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - allocated, 0, 100_000);
        Assert.Contains("cannot be", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_page_longer_than_the_limit_is_refused()
    {
        var file = new PageFile(Number) { Rows = 1, Values = 1 }.Page(PageKind.Data, 1, (int)ParquetEncoding.Plain, new byte[5000]).Assemble();
        using var opened = ParquetFile.Open(new MemoryStream(file), "long", limits: new ParquetLimits { MostPageBytes = 4096 });
        using var reader = opened.Read(opened.Leaves[0]);
        Assert.Contains("the most that is read is 4096", Assert.Throws<InvalidFileException>(() => reader.Read(1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_that_a_row_group_claims_and_a_column_lacks_are_an_error()
    {
        byte[] three = [2, 0, 0, 0, 6, 1, .. new byte[12]];
        var file = new PageFile(Number) { Rows = 4, Values = 4 }.Page(PageKind.Data, 3, (int)ParquetEncoding.Plain, three).Assemble();
        using var opened = ParquetFile.Open(new MemoryStream(file), "short");
        using var reader = opened.Read(opened.Leaves[0]);
        Assert.Contains("ends 1 values short", Assert.Throws<InvalidFileException>(() => reader.Read(10)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_cut_at_any_byte_is_refused()
    {
        byte[] one = [2, 0, 0, 0, 2, 1, 9, 0, 0, 0];
        var file = new PageFile(Number) { Rows = 1, Values = 1 }.Page(PageKind.Data, 1, (int)ParquetEncoding.Plain, one).Assemble();
        for (var length = 0; length < file.Length; length++)
        {
            Assert.Throws<InvalidFileException>(() => ParquetFile.Open(new MemoryStream(file[..length]), "cut"));
        }
    }
}
