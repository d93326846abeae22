// The laws of the Parquet writer: what it writes is read back equal, however deep the lists, wherever the gaps, in whatever stretches;
// equal input gives equal bytes; and an unfinished file is not there.
using Umwelt.Moments.Importers.Parquet;
using Umwelt.Storage;

using Xunit;

namespace Umwelt.Moments.Tests.Parquet;

public sealed class ParquetRoundTripTests
{
    public static TheoryData<int, bool> Cases => new(from seed in Enumerable.Range(0, 12) from packed in new[] { false, true } select (seed, packed));

    [Theory]
    [MemberData(nameof(Cases))]
    public void What_is_written_is_read_back_equal(int seed, bool packed)
    {
        var random = RandomStream.Of(2026, seed);
        var depth = seed % 5;
        var field = Nested(depth, Element(seed));
        using var stream = new MemoryStream();
        using var writer = new ParquetWriter(stream, [field], packed ? ParquetCodec.Snappy : ParquetCodec.Uncompressed);
        var groups = new List<ParquetValues>();
        for (var group = 0; group < 3; group++)
        {
            groups.Add(Make(writer.Leaves[0], 1 + random.NextInt32(200), depth, ref random));
            writer.WriteRowGroup(groups[^1]);
        }

        writer.Finish();
        using var file = ParquetFile.Open(new MemoryStream(stream.ToArray()), "written");
        Assert.Equal(groups.Sum(group => group.Rows), file.Rows);
        for (var group = 0; group < 3; group++)
        {
            using var whole = file.Read(file.Leaves[0], group, 1);
            ExpectEqual(groups[group], whole.Read(int.MaxValue)!);
            Assert.Null(whole.Read(1));
        }

        var rows = ParquetForeignTests.ReadAll(file, file.Leaves[0], int.MaxValue);
        Assert.Equal(file.Rows, rows.Count);
        foreach (var stretch in new[] { 1, 3, 64 })
        {
            Assert.Equal(rows, ParquetForeignTests.ReadAll(file, file.Leaves[0], stretch));
        }
    }

    [Fact]
    public void Pages_end_between_rows_and_are_joined_again()
    {
        const int Rows = 300_000;
        using var stream = new MemoryStream();
        using var writer = new ParquetWriter(stream, [ParquetField.List("state", ParquetField.Leaf("element", ParquetType.Float))]);
        var values = Enumerable.Range(0, Rows * 3).Select(i => i * 0.5f).ToArray();
        writer.WriteRowGroup(ParquetColumns.Lists(writer.Leaves[0], values, Rows, 3));
        writer.Finish();
        using var file = ParquetFile.Open(stream, "written", leaveOpen: true);
        using var reader = file.Read(file.Leaves[0]);
        var read = new List<float>();
        while (reader.Read(int.MaxValue, mostValues: 100_000) is { } stretch)
        {
            Assert.InRange(stretch.Count, 1, 100_002);
            read.AddRange(stretch.Single);
        }

        Assert.Equal(values, read);
    }

    [Fact]
    public void No_rows_at_all_are_a_file_too()
    {
        using var stream = new MemoryStream();
        using var writer = new ParquetWriter(stream, [ParquetField.Text("task")]);
        writer.WriteRowGroup(ParquetColumns.Text(writer.Leaves[0], []));
        writer.Finish();
        using var file = ParquetFile.Open(stream, "written");
        using var reader = file.Read(file.Leaves[0]);
        Assert.Equal(0, file.Rows);
        Assert.Null(reader.Read(1));
    }

    [Fact]
    public void An_unfinished_file_is_not_there()
    {
        var folder = Directory.CreateTempSubdirectory("parquet-tests-").FullName;
        try
        {
            var path = Path.Combine(folder, "a.parquet");
            using (var writer = ParquetWriter.Create(path, [ParquetField.Text("task")]))
            {
                writer.WriteRowGroup(ParquetColumns.Text(writer.Leaves[0], ["a"]));
            }

            Assert.Empty(Directory.GetFiles(folder));
            using (var writer = ParquetWriter.Create(path, [ParquetField.Text("task")]))
            {
                writer.WriteRowGroup(ParquetColumns.Text(writer.Leaves[0], ["a"]));
                writer.Finish();
            }

            using var file = ParquetFile.Open(path);
            Assert.Equal(1, file.Rows);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static ParquetField Element(int seed) => (seed % 7) switch
    {
        0 => ParquetField.Leaf("element", ParquetType.Float),
        1 => ParquetField.Leaf("element", ParquetType.Double),
        2 => ParquetField.Leaf("element", ParquetType.Int32, logical: new(ParquetMeaning.Integer, 0, 16, true)),
        3 => ParquetField.Leaf("element", ParquetType.Int64),
        4 => ParquetField.Leaf("element", ParquetType.Boolean),
        5 => ParquetField.Text("element"),
        _ => ParquetField.Leaf("element", ParquetType.FixedLenByteArray, logical: default, typeLength: 5),
    };

    private static ParquetField Nested(int depth, ParquetField element)
    {
        for (var i = 0; i < depth; i++)
        {
            element = ParquetField.List("element", element);
        }

        return element;
    }

    private static ParquetValues Make(ParquetField leaf, int rows, int depth, ref RandomStream random)
    {
        var lists = new ParquetLists[depth];
        var count = rows;
        for (var level = 0; level < depth; level++)
        {
            var offsets = new int[count + 1];
            var there = new bool[count];
            for (var i = 0; i < count; i++)
            {
                there[i] = random.NextInt32(6) != 0;
                offsets[i + 1] = offsets[i] + (there[i] ? random.NextInt32(4) : 0);
            }

            lists[level] = new ParquetLists(offsets, there);
            count = offsets[^1];
        }

        var present = new bool[count];
        for (var i = 0; i < count; i++)
        {
            present[i] = random.NextInt32(5) != 0;
        }

        return new ParquetValues(leaf, rows, count, lists, present, Values(leaf, present, ref random));
    }

    // Absent values are zeros, as the reader leaves them; runs are common.
    private static Array Values(ParquetField leaf, bool[] present, ref RandomStream random)
    {
        var numbers = new long[present.Length];
        var last = 0L;
        for (var i = 0; i < numbers.Length; i++)
        {
            last = random.NextInt32(4) == 0 ? (long)random.NextUInt64() : last;
            numbers[i] = present[i] ? last : 0;
        }

        return leaf.Type switch
        {
            ParquetType.Float => Array.ConvertAll(numbers, number => number * 1e-9f),
            ParquetType.Double => Array.ConvertAll(numbers, number => number * 1e-9),
            ParquetType.Int32 => Array.ConvertAll(numbers, number => (int)number),
            ParquetType.Int64 => numbers,
            ParquetType.Boolean => Array.ConvertAll(numbers, number => (number & 1) != 0),
            ParquetType.ByteArray => Array.ConvertAll(numbers, number => number == 0 ? default : (ReadOnlyMemory<byte>)System.Text.Encoding.UTF8.GetBytes($"ä{number % 9}")),
            _ => Array.ConvertAll(numbers, number => number == 0 ? new ReadOnlyMemory<byte>(new byte[5]) : (ReadOnlyMemory<byte>)BitConverter.GetBytes(number)[..5]),
        };
    }

    private static void ExpectEqual(ParquetValues expected, ParquetValues actual)
    {
        Assert.Equal(expected.Rows, actual.Rows);
        Assert.Equal(expected.Present, actual.Present);
        for (var level = 0; level < expected.Lists.Length; level++)
        {
            Assert.Equal(expected.Lists[level].Offsets, actual.Lists[level].Offsets);
            Assert.Equal(expected.Lists[level].Present, actual.Lists[level].Present);
        }

        if (expected.Values is not ReadOnlyMemory<byte>[] bytes)
        {
            Assert.Equal(expected.Values, actual.Values);
            return;
        }

        for (var i = 0; i < bytes.Length; i++)
        {
            Assert.True(!expected.Present[i] || bytes[i].Span.SequenceEqual(actual.Bytes[i].Span));
        }
    }
}
