// A network over a file is the network that was saved; what does not belong together is named before memory is taken for it.
using Umwelt.Storage;
using Umwelt.Tensors;
using Xunit;

namespace Umwelt.Networks.Tests;

public sealed class ParameterFileTests : IDisposable
{
    private readonly Engine _engine = new(new CpuBackend(1));
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.safetensors");

    public void Dispose()
    {
        _engine.Dispose();
        File.Delete(_path);
    }

    [Fact]
    public void A_network_over_its_file_has_its_weights()
    {
        var options = new StackOptions { Layers = "space, attention(bias: yes), retention, mamba, mlstm, slstm(feed: experts)", Width = 32, Heads = 2 };
        using var saved = new ParameterTree(_engine, seed: 3);
        _ = new LayerStack(saved, options);
        saved.Save(_path);
        using var file = SafetensorsFile.Open(_path);
        using var read = new ParameterTree(_engine, file);
        _ = new LayerStack(read, options);
        read.EndReading();
        Assert.Equal(saved.Parameters.Select(parameter => parameter.Key), read.Parameters.Select(parameter => parameter.Key));
        Assert.All(saved.Parameters.Zip(read.Parameters), pair => Assert.Equal(pair.First.Value.ToArray<float>(), pair.Second.Value.ToArray<float>()));
        Assert.All(read.Parameters, parameter => Assert.True(parameter.Value.RequiresGradient));
    }

    [Theory]
    [InlineData(32, true, "it lacks 'map.bias', which this network has")]
    [InlineData(16, false, "'map.weight' is F32 [8, 32], and this network has F32 [8, 16]")]
    [InlineData(1 << 27, false, "'map.weight' is F32 [8, 32]")]
    public void What_the_file_has_not_is_named(int inputs, bool bias, string problem)
    {
        Save();
        using var file = SafetensorsFile.Open(_path);
        using var tree = new ParameterTree(_engine, file);
        var error = Assert.Throws<InvalidFileException>(() => new Linear(tree.Under("map"), inputs, 8, bias));
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        Assert.StartsWith(_path, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_network_has_not_is_named()
    {
        Save();
        using var file = SafetensorsFile.Open(_path);
        using var tree = new ParameterTree(_engine, file);
        Assert.Contains("it holds 'map.weight', which this network has not", Assert.Throws<InvalidFileException>(tree.EndReading).Message, StringComparison.Ordinal);
    }

    private void Save()
    {
        using var saved = new ParameterTree(_engine);
        _ = new Linear(saved.Under("map"), 32, 8);
        saved.Save(_path);
    }
}
