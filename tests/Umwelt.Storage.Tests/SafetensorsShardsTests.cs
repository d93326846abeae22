// The laws of sharded models: shards and one file read alike, a rewrite switches at the index, and no index leads out of its folder.
using System.Globalization;
using System.Text;

using Xunit;

namespace Umwelt.Storage.Tests;

public sealed class SafetensorsShardsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Shards_hold_what_was_written_and_keep_their_size()
    {
        SafetensorsShards.Write(_folder.Path, Model(1), 100);
        var files = Directory.GetFiles(_folder.Path, "*.safetensors");
        Assert.True(files.Length > 2);
        foreach (var path in files)
        {
            using var file = SafetensorsFile.Open(path);
            Assert.True(file.Tensors.Count == 1 || file.Tensors.Values.Sum(entry => entry.ByteLength) <= 100);
        }

        Assert.Equal(1 + (9 * 40) + 400, SafetensorsIndex.Read(_folder[SafetensorsIndex.FileName]).TotalSize);
        Check(1);
    }

    [Fact]
    public void A_single_file_and_a_folder_of_one_open_alike()
    {
        Model(3).Write(_folder["model.safetensors"]);
        Check(3);
        using var single = SafetensorsShards.Open(_folder["model.safetensors"]);
        Assert.Equal(11, single.Names.Count);
    }

    [Fact]
    public void A_rewrite_replaces_the_model_and_removes_the_old_shards()
    {
        for (var value = 1; value <= 3; value++)
        {
            SafetensorsShards.Write(_folder.Path, Model(value), 100);
            Check(value);
        }

        var named = SafetensorsIndex.Read(_folder[SafetensorsIndex.FileName]).Files.Values.Distinct(StringComparer.Ordinal);
        Assert.Equal(named.Count() + 1, Directory.GetFiles(_folder.Path).Length);
    }

    [Fact]
    public void A_rewrite_that_fails_leaves_the_old_model()
    {
        SafetensorsShards.Write(_folder.Path, Model(1), 100);
        var broken = Model(2);
        broken.Add("zzz", SafetensorsType.UInt8, [1], _ => throw new InvalidDataException("killed here"));
        Assert.Throws<InvalidDataException>(() => SafetensorsShards.Write(_folder.Path, broken, 100));
        Check(1);
    }

    [Theory]
    [InlineData("../model.safetensors")]
    [InlineData("/etc/model.safetensors")]
    [InlineData("sub/model.safetensors")]
    [InlineData("..\\\\model.safetensors")]
    [InlineData("C:model.safetensors")]
    [InlineData("..safetensors")]
    [InlineData(".safetensors")]
    [InlineData("")]
    [InlineData("model.bin")]
    [InlineData("a\\u0000.safetensors")]
    public void A_name_that_could_lead_elsewhere_is_refused(string name)
    {
        var error = Refused($"{{\"weight_map\":{{\"a\":\"{name}\"}}}}");
        Assert.Contains("plain name", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "does not begin")]
    [InlineData("{}", "lacks its weight_map")]
    [InlineData("{\"weight_map\":[]}", "should be an object")]
    [InlineData("{\"weight_map\":{\"a\":1}}", "'a' should be a string")]
    [InlineData("{\"weight_map\":{\"a\":\"x.safetensors\",\"a\":\"y.safetensors\"}}", "'a' twice")]
    [InlineData("{\"weight_map\":{},\"weight_map\":{}}", "'weight_map' appears twice")]
    [InlineData("{\"metadata\":{},\"metadata\":{},\"weight_map\":{}}", "'metadata' appears twice")]
    [InlineData("{\"metadata\":{\"a\":{}},\"weight_map\":{}}", "plain value")]
    [InlineData("{\"metadata\":{\"a\":1,\"a\":1},\"weight_map\":{}}", "'a' twice")]
    [InlineData("{\"metadata\":{\"total_size\":99999999999999999999},\"weight_map\":{}}", "too large")]
    [InlineData("{\"other\":1,\"weight_map\":{}}", "'other' is unexpected")]
    public void Each_broken_index_is_refused_with_the_file_and_the_problem(string text, string problem)
    {
        var error = Refused(text);
        Assert.StartsWith("broken.json: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Shards_that_are_missing_or_lack_a_tensor_are_named()
    {
        SafetensorsShards.Write(_folder.Path, Model(1), 100);
        var index = SafetensorsIndex.Read(_folder[SafetensorsIndex.FileName]);
        var shard = index.Files["tensor.3"];
        var other = index.Files.Values.First(name => !string.Equals(name, shard, StringComparison.Ordinal));
        var kept = File.ReadAllBytes(_folder[shard]);
        File.Copy(_folder[other], _folder[shard], overwrite: true);
        Assert.Contains("but it is not", Assert.Throws<InvalidFileException>(() => SafetensorsShards.Open(_folder.Path)).Message, StringComparison.Ordinal);
        File.Delete(_folder[shard]);
        var missing = Assert.Throws<InvalidFileException>(() => SafetensorsShards.Open(_folder.Path)).Message;
        Assert.Contains(shard, missing, StringComparison.Ordinal);
        Assert.Contains("missing", missing, StringComparison.Ordinal);
        File.WriteAllBytes(_folder[shard], kept);
        Check(1);
    }

    [Fact]
    public void A_folder_without_a_model_says_what_it_lacks() => Assert.Contains(
        "holds neither", Assert.Throws<FileNotFoundException>(() => SafetensorsShards.Open(_folder.Path)).Message, StringComparison.Ordinal);

    private static SafetensorsWriter Model(int value)
    {
        var writer = new SafetensorsWriter();
        for (var i = 0; i < 9; i++)
        {
            writer.Add(string.Create(CultureInfo.InvariantCulture, $"tensor.{i}"), SafetensorsType.Float32, [10], Enumerable.Repeat((byte)(value + i), 40).ToArray());
        }

        writer.Add("large", SafetensorsType.Float32, [100], Enumerable.Repeat((byte)value, 400).ToArray());
        writer.Add("bool", SafetensorsType.Bool, [], new byte[] { 1 });
        return writer;
    }

    private static InvalidFileException Refused(string text) => Assert.Throws<InvalidFileException>(
        () => SafetensorsIndex.Read(new MemoryStream(Encoding.UTF8.GetBytes(text)), "broken.json"));

    private void Check(int value)
    {
        using var shards = SafetensorsShards.Open(_folder.Path);
        Assert.Equal(11, shards.Names.Count);
        var bytes = new byte[40];
        for (var i = 0; i < 9; i++)
        {
            shards.Read(string.Create(CultureInfo.InvariantCulture, $"tensor.{i}"), bytes);
            Assert.Equal(-1, bytes.AsSpan().IndexOfAnyExcept((byte)(value + i)));
        }

        using var large = shards.Rent("large");
        Assert.Equal(-1, large.Memory.Span.IndexOfAnyExcept((byte)value));
        Assert.Equal(SafetensorsType.Bool, shards["bool"].Type);
    }
}
