// The law of the Parquet reader towards others: it reads what arrow-rs, hyparquet and parquetjs write (Golden/make.mjs), value for value,
// whatever the page version, codec and encoding; and what it does not read it refuses by name.
using Umwelt.Moments.Importers.Parquet;
using Umwelt.Storage;

using Xunit;

namespace Umwelt.Moments.Tests.Parquet;

public sealed class ParquetForeignTests
{
    private const int Rows = 40;

    [Theory]
    [InlineData("arrow-v1-snappy")]
    [InlineData("arrow-v2-snappy")]
    [InlineData("arrow-v1-plain")]
    [InlineData("arrow-v1-gzip")]
    public void What_arrow_writes_is_read_value_for_value(string name)
    {
        using var file = Open(name);
        Assert.Equal(Rows, file.Rows);
        Assert.Equal(2, file.RowGroups.Length);
        Assert.Equal("by arrow", file.Metadata["made"]);
        foreach (var stretch in new[] { 1, 7, 25, 1000 })
        {
            ExpectScalars(file, stretch);
            ExpectLists(file, stretch);
        }
    }

    [Fact]
    public void What_hyparquet_writes_is_read_value_for_value()
    {
        using var file = Open("hyparquet");
        var single = ReadAll(file, file.OnlyLeaf("single"), 9);
        var text = ReadAll(file, file.OnlyLeaf("text"), 9);
        var integers = ReadAll(file, file.OnlyLeaf("long"), 9);
        for (var i = 0; i < Rows; i++)
        {
            Assert.Equal([(object)(i / 8.0)], single[i]);
            Assert.Equal([$"word {i % 6} ä"], text[i]);
            Assert.Equal([(object)(i * -1000000007.0)], integers[i]);
        }
    }

    [Fact]
    public void Lists_of_two_levels_are_read_as_lists()
    {
        using var file = Open("parquetjs");
        var pair = ReadAll(file, file.OnlyLeaf("pair"), 9);
        var names = ReadAll(file, file.Leaf("many.name"), 9);
        var sizes = ReadAll(file, file.Leaf("many.size"), 9);
        var flags = ReadAll(file, file.OnlyLeaf("flag"), 9);
        for (var i = 0; i < Rows; i++)
        {
            Assert.Equal(Enumerable.Range(0, i % 4).Select(k => (object)(i + (k / 4.0))), pair[i]);
            Assert.Equal(Enumerable.Range(0, i % 3).Select(k => $"m{i}.{k}"), names[i]);
            Assert.Equal(Enumerable.Range(0, i % 3).Select(k => k % 2 == 1 ? null : (object)(double)k), sizes[i]);
            Assert.Equal([(object)(i % 3 == 0 ? 1.0 : 0.0)], flags[i]);
        }
    }

    [Theory]
    [InlineData("arrow-v1-zstd", "single", "zstd")]
    [InlineData("arrow-v2-delta", "single", "BYTE_STREAM_SPLIT")]
    [InlineData("arrow-v2-delta", "long", "DELTA_BINARY_PACKED")]
    [InlineData("arrow-v2-delta", "text", "DELTA_BYTE_ARRAY")]
    public void What_is_not_read_is_refused_by_name(string name, string column, string what)
    {
        using var file = Open(name);
        using var reader = file.Read(file.OnlyLeaf(column));
        var error = Assert.Throws<InvalidFileException>(() => reader.Read(1));
        Assert.Contains($"column '{column}'", error.Message, StringComparison.Ordinal);
        Assert.Contains(what, error.Message, StringComparison.Ordinal);
        Assert.Contains("write the file again", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    private static ParquetFile Open(string name) => ParquetFile.Open(Path.Combine(AppContext.BaseDirectory, "Parquet", "Golden", name + ".parquet"));

    private static void ExpectScalars(ParquetFile file, int stretch)
    {
        Dictionary<string, Func<int, object?>> expected = new(StringComparer.Ordinal)
        {
            ["flag"] = i => i % 3 == 0 ? 1.0 : 0.0,
            ["small"] = i => i - 20.0,
            ["byte"] = i => 255.0 - i,
            ["word"] = i => 4294967295.0 - i,
            ["long"] = i => i * -1000000007.0,
            ["single"] = i => i % 7 == 6 ? null : i / 8.0,
            ["double"] = i => i / 3.0,
            ["text"] = i => i % 5 == 4 ? null : $"word {i % 6} ä",
            ["time"] = i => (1700000000000.0 + i) * 1000,
        };
        foreach (var (name, value) in expected)
        {
            var rows = ReadAll(file, file.OnlyLeaf(name), stretch);
            Assert.Equal(Rows, rows.Count);
            for (var i = 0; i < Rows; i++)
            {
                Assert.Equal([value(i)], rows[i]);
            }
        }
    }

    private static void ExpectLists(ParquetFile file, int stretch)
    {
        var pair = ReadAll(file, file.OnlyLeaf("pair"), stretch);
        var deep = ReadAll(file, file.OnlyLeaf("deep"), stretch);
        var names = ReadAll(file, file.Leaf("body.name"), stretch);
        var sizes = ReadAll(file, file.Leaf("body.size"), stretch);
        for (var i = 0; i < Rows; i++)
        {
            Assert.Equal(i % 4 == 3 ? null : Enumerable.Range(0, i % 4).Select(k => (object)(i + (k / 4.0))), pair[i]);
            List<object?>[] lists = [[(double)i], [], null!, [(double)i, null, -(double)i]];
            Assert.Equal(i % 5 == 0 ? [] : lists[..(i % 5)], deep[i]);
            Assert.Equal([i % 6 == 5 ? null : $"n{i}"], names[i]);
            Assert.Equal([i % 6 == 5 || i % 2 == 0 ? null : (object)(double)i], sizes[i]);
        }
    }

    // Each row as nested lists: a value stands as a list of one, an absent list as null.
    internal static List<List<object?>?> ReadAll(ParquetFile file, ParquetField leaf, int stretch)
    {
        var rows = new List<List<object?>?>();
        using var reader = file.Read(leaf);
        while (reader.Read(stretch) is { } values)
        {
            Assert.InRange(values.Rows, 1, stretch);
            for (var row = 0; row < values.Rows; row++)
            {
                rows.Add(values.Lists.Length == 0 ? [Value(values, row)] : List(values, 0, row));
            }
        }

        return rows;
    }

    private static List<object?>? List(ParquetValues values, int level, int slot)
    {
        var lists = values.Lists[level];
        var result = new List<object?>();
        for (var i = lists.Offsets[slot]; i < lists.Offsets[slot + 1]; i++)
        {
            result.Add(level == values.Lists.Length - 1 ? Value(values, i) : List(values, level + 1, i));
        }

        return lists.Present[slot] ? result : null;
    }

    private static object? Value(ParquetValues values, int index) =>
        !values.Present[index] ? null
        : ParquetValues.IsNumeric(values.Leaf) ? values.Number(index)
        : values.Leaf.Type == ParquetType.FixedLenByteArray ? Convert.ToHexString(values.Bytes[index].Span)
        : values.Text(index);
}
