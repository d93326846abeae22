// The laws of safetensors files: what is written is read, layout depends on content alone, and every check has a file that breaks it.
using System.Buffers.Binary;
using System.Globalization;
using System.Text;

using Xunit;

namespace Umwelt.Storage.Tests;

public sealed class SafetensorsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_type_shape_and_name_comes_back()
    {
        var writer = new SafetensorsWriter();
        writer.Metadata["format"] = "umwelt";
        writer.Metadata["größe \" \n"] = "ünï\t";
        var expected = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var type in Enum.GetValues<SafetensorsType>())
        {
            foreach (long[] shape in new long[][] { [], [3], [2, 0, 5], [2, 3, 4] })
            {
                var name = $"{type}.{string.Join('x', shape)} \"ß\"";
                var bytes = new byte[shape.Aggregate(1L, (a, b) => a * b) * type.ByteSize()];
                new Random(expected.Count).NextBytes(bytes);
                expected.Add(name, bytes);
                writer.Add(name, type, shape, bytes);
            }
        }

        writer.Write(_folder["model.safetensors"]);
        using var file = SafetensorsFile.Open(_folder["model.safetensors"]);
        Assert.Equal(writer.Metadata, file.Metadata);
        Assert.Equal(expected.Keys.Order(StringComparer.Ordinal), file.Tensors.Keys.Order(StringComparer.Ordinal));
        foreach (var (name, bytes) in expected)
        {
            Assert.Equal(bytes, ReadAll(file, name));
            using var rented = file.Rent(name);
            Assert.True(rented.Memory.Span.SequenceEqual(bytes));
            if (bytes.Length > 2)
            {
                var part = new byte[bytes.Length - 2];
                file.Read(name, 1, part);
                Assert.Equal(bytes[1..^1], part);
            }
        }
    }

    [Fact]
    public unsafe void Native_memory_receives_the_same_bytes()
    {
        var writer = new SafetensorsWriter();
        byte[] data = [1, 2, 3, 4, 5, 6, 7, 8];
        writer.Add("a", SafetensorsType.Float32, [2], data);
        using var file = SafetensorsFile.Open(new MemoryStream(Bytes(writer)), "memory");
        var copy = stackalloc byte[8];
        file.Read("a", copy);
        Assert.True(new ReadOnlySpan<byte>(copy, 8).SequenceEqual(data));
    }

    [Fact]
    public void Order_of_adding_does_not_show_and_data_are_aligned()
    {
        var first = new SafetensorsWriter();
        first.Add("b", SafetensorsType.UInt8, [3], new byte[3]);
        first.Add("a", SafetensorsType.Float32, [1], new byte[4]);
        first.Add("c", SafetensorsType.Float64, [1], new byte[8]);
        var second = new SafetensorsWriter();
        second.Add("c", SafetensorsType.Float64, [1], new byte[8]);
        second.Add("b", SafetensorsType.UInt8, [3], new byte[3]);
        second.Add("a", SafetensorsType.Float32, [1], stream => stream.Write(new byte[4]));
        var bytes = Bytes(first);
        Assert.Equal(bytes, Bytes(second));
        Assert.Equal(0, BinaryPrimitives.ReadInt64LittleEndian(bytes) % 8);
        using var file = SafetensorsFile.Open(new MemoryStream(bytes), "memory");
        Assert.Equal(["c", "a", "b"], file.Tensors.Values.OrderBy(entry => entry.Begin).Select(entry => entry.Name));
        Assert.All(file.Tensors.Values, entry => Assert.Equal(0, entry.Begin % entry.Type.ByteSize()));
    }

    [Fact]
    public void A_writer_refuses_what_would_not_be_read()
    {
        var writer = new SafetensorsWriter();
        writer.Add("a", SafetensorsType.UInt8, [2], new byte[2]);
        Assert.Throws<ArgumentException>(() => writer.Add("a", SafetensorsType.UInt8, [2], new byte[2]));
        Assert.Throws<ArgumentException>(() => writer.Add("b", SafetensorsType.Float32, [2], new byte[2]));
        Assert.Throws<ArgumentException>(() => writer.Add("__metadata__", SafetensorsType.UInt8, [2], new byte[2]));
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.Add("c", SafetensorsType.UInt8, [-1], new byte[2]));
        foreach (var wrong in (int[])[1, 3])
        {
            var callback = new SafetensorsWriter();
            callback.Add("a", SafetensorsType.UInt8, [2], stream => stream.Write(new byte[wrong]));
            Assert.Contains("'a'", Assert.Throws<InvalidOperationException>(() => callback.Write(_folder["x"])).Message, StringComparison.Ordinal);
            Assert.False(File.Exists(_folder["x"]));
        }
    }

    [Fact]
    public void The_empty_file_of_no_tensors_and_white_space_around_are_legal()
    {
        using var empty = Open("{}", 0);
        Assert.Empty(empty.Tensors);
        using var spaced = Open("{ \"a\" : { \"shape\" : [ ] , \"dtype\" : \"U8\", \"data_offsets\":[0 , 1] } , \"z\": {\"dtype\":\"F64\",\"shape\":[0,9223372036854775807],\"data_offsets\":[1,1]}}   ", 1);
        Assert.Equal(1, spaced["a"].ElementCount);
        Assert.Equal(0, spaced["z"].ElementCount);
    }

    [Theory]
    [InlineData("[]", 0, "does not begin with '{'")]
    [InlineData(" {}", 0, "does not begin with '{'")]
    [InlineData("", 0, "does not begin with '{'")]
    [InlineData("{", 0, "JSON is broken")]
    [InlineData("{}x", 0, "follows the end")]
    [InlineData("{} {}", 0, "follows the end")]
    [InlineData("{/**/}", 0, "JSON is broken")]
    [InlineData("{\"a\":1}", 0, "'a' should be an object but is a number")]
    [InlineData("{\"a\":{}}", 0, "lacks its dtype")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"data_offsets\":[0,1]}}", 1, "lacks its shape")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[]}}", 1, "lacks its data_offsets")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[0,1],\"x\":1}}", 1, "unexpected key 'x'")]
    [InlineData("{\"a\":{\"dtype\":\"F4\",\"shape\":[],\"data_offsets\":[0,1]}}", 1, "unknown dtype 'F4'")]
    [InlineData("{\"a\":{\"dtype\":8,\"shape\":[],\"data_offsets\":[0,1]}}", 1, "should be a string but is a number")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[0,1]}}", 1, "key 'dtype' twice")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[],\"shape\":[],\"data_offsets\":[0,1]}}", 1, "key 'shape' twice")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[0,1],\"data_offsets\":[0,1]}}", 1, "key 'data_offsets' twice")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[0,1]},\"\\u0061\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[0,1]}}", 1, "'a' appears twice")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[1.0],\"data_offsets\":[0,1]}}", 1, "whole number from 0 on, not '1.0'")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[1e0],\"data_offsets\":[0,1]}}", 1, "not '1e0'")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[-1],\"data_offsets\":[0,1]}}", 1, "not '-1'")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[\"1\"],\"data_offsets\":[0,1]}}", 1, "should be a number but is a string")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[[1]],\"data_offsets\":[0,1]}}", 1, "should be a number but is an array")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[9223372036854775808],\"data_offsets\":[0,1]}}", 1, "too large")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[18446744073709551617],\"data_offsets\":[0,1]}}", 1, "too large")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,1]}}", 1, "too large to count")]
    [InlineData("{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904],\"data_offsets\":[0,0]}}", 0, "too large to count")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,1]}}", 1, "needs 2 bytes but has 1")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,0]}}", 1, "before it begins")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0]}}", 1, "should hold 2 numbers")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1,2]}}", 1, "more than 2 numbers")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,2]}}", 2, "leave a gap")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[1,3]}}", 3, "overlap")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},\"b\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[2,3]}}", 3, "leave a gap")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},\"b\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[1,1]}}", 2, "overlap")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}}", 1, "cut short")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}}", 3, "something unknown follows")]
    [InlineData("{\"__metadata__\":{\"a\":1}}", 0, "'a' should be a string")]
    [InlineData("{\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"}}", 0, "'a' twice")]
    [InlineData("{\"__metadata__\":{},\"__metadata__\":{}}", 0, "appears twice")]
    [InlineData("{\"__metadata__\":[]}", 0, "should be an object")]
    [InlineData("{\"__metadata__\":{\"a\":\"\\ud800\"}}", 0, "surrogate")]
    [InlineData("{\"\\udc00\":{}}", 0, "surrogate")]
    [InlineData("{\"a\":[[[[[[[[[[[[]]]]]]]]]]]]}", 0, "should be an object")]
    public void Each_broken_header_is_refused_with_the_file_and_the_problem(string header, int dataLength, string problem)
    {
        var error = Assert.Throws<InvalidFileException>(() => Open(header, dataLength));
        Assert.Equal("broken.safetensors", error.Path);
        Assert.StartsWith("broken.safetensors: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Lengths_and_encodings_that_cannot_be_are_refused()
    {
        Refused([1, 2, 3], "too few");
        Refused(FileOf(100_000_001, "{}"), "100000000");
        Refused(FileOf(ulong.MaxValue, "{}"), "100000000");
        Refused(FileOf(3, "{}"), "cut short");
        Refused([.. FileOf(6, "{\""), 0xC3, 0x28, (byte)'"', (byte)'}'], "not valid UTF-8 (at byte 10)");
        Refused(FileOf(2, "{}"u8.ToArray(), [0xFF]), "something unknown follows");
        var deepShape = $"{{\"a\":{{\"dtype\":\"U8\",\"shape\":[{string.Join(',', Enumerable.Repeat(1, 65))}],\"data_offsets\":[0,1]}}}}";
        Refused(FileOf((ulong)deepShape.Length, Encoding.ASCII.GetBytes(deepShape), [0]), "more than 64 numbers");
        Refused(FileOf(2_000_000, Encoding.ASCII.GetBytes("{\"a\":" + new string('[', 1_999_995)), []), "should be an object");
    }

    [Fact]
    public void A_file_cut_under_the_reader_is_a_clear_error()
    {
        var path = _folder["model.safetensors"];
        var writer = new SafetensorsWriter();
        writer.Add("a", SafetensorsType.UInt8, [100_000], new byte[100_000]);
        writer.Write(path);
        using var file = SafetensorsFile.Open(path);
        using (var cutter = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete))
        {
            cutter.SetLength(1000);
        }

        var error = Assert.Throws<InvalidFileException>(() => ReadAll(file, "a"));
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
        Assert.Contains("short", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Many_threads_read_one_file_at_once()
    {
        var writer = new SafetensorsWriter();
        for (var i = 0; i < 16; i++)
        {
            writer.Add(i.ToString(CultureInfo.InvariantCulture), SafetensorsType.UInt8, [10_000], Enumerable.Repeat((byte)i, 10_000).ToArray());
        }

        writer.Write(_folder["a"]);
        using var file = SafetensorsFile.Open(_folder["a"]);
        using var stream = SafetensorsFile.Open(new MemoryStream(Bytes(writer)), "memory");
        Parallel.For(0, 256, i =>
        {
            var name = (i % 16).ToString(CultureInfo.InvariantCulture);
            var bytes = ReadAll(i % 2 == 0 ? file : stream, name);
            Assert.Equal(-1, bytes.AsSpan().IndexOfAnyExcept((byte)(i % 16)));
        });
    }

    [Fact]
    public void A_missing_tensor_or_a_wrong_length_is_named()
    {
        using var file = Open("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}", 1);
        Assert.Contains("'b'", Assert.Throws<InvalidFileException>(() => file["b"]).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => file.Read("a", new byte[2]));
        Assert.Throws<ArgumentOutOfRangeException>(() => file.Read("a", 1, new byte[1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => file.Read("a", -1, new byte[1]));
    }

    [Theory]
    [InlineData("\"a\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]},", false)]
    [InlineData("#\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]},", true)]
    [InlineData("\"__metadata__\":{@},", true)]
    public void A_hostile_header_allocates_little_beside_its_own_length(string repeated, bool numbered)
    {
        var text = new StringBuilder("{");
        if (repeated.Contains('@', StringComparison.Ordinal))
        {
            text.Append("\"__metadata__\":{").AppendJoin(',', Enumerable.Range(0, 90_000).Select(i => $"\"{i:x}\":\"\"")).Append("}}");
        }
        else
        {
            for (var i = 0; i < 100_000; i++)
            {
                text.Append(numbered ? "\"" + i.ToString("x", CultureInfo.InvariantCulture) + repeated[1..] : repeated);
            }

            text.Length--;
            text.Append('}');
        }

        var bytes = FileOf((ulong)text.Length, text.ToString());
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            using var file = SafetensorsFile.Open(new MemoryStream(bytes), "hostile");
        }
        catch (InvalidFileException)
        {
            // Refusing is as good an outcome as reading.
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, (16L * bytes.Length) + 65536);
    }

    internal static byte[] Bytes(SafetensorsWriter writer)
    {
        var stream = new MemoryStream();
        writer.Write(stream);
        return stream.ToArray();
    }

    private static byte[] ReadAll(SafetensorsFile file, string name)
    {
        var bytes = new byte[file[name].ByteLength];
        file.Read(name, bytes);
        return bytes;
    }

    private static byte[] FileOf(ulong length, string header) => FileOf(length, Encoding.UTF8.GetBytes(header), []);

    private static byte[] FileOf(ulong length, byte[] header, byte[] data)
    {
        var prefix = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(prefix, length);
        return [.. prefix, .. header, .. data];
    }

    private static SafetensorsFile Open(string header, int dataLength) => SafetensorsFile.Open(
        new MemoryStream(FileOf((ulong)header.Length, Encoding.UTF8.GetBytes(header), new byte[dataLength])), "broken.safetensors");

    private static void Refused(byte[] file, string problem) => Assert.Contains(
        problem,
        Assert.Throws<InvalidFileException>(() => SafetensorsFile.Open(new MemoryStream(file), "broken")).Message,
        StringComparison.Ordinal);
}
