// Adapters begin as nothing, mean the same merged and unmerged, never touch their base, and know which base is theirs.
using Umwelt.Networks.Tests.Mixers;
using Umwelt.Storage;
using Umwelt.Tensors;
using Xunit;

namespace Umwelt.Networks.Tests.Adapters;

public sealed class LowRankAdaptersTests : IDisposable
{
    private const int Width = 12;
    private readonly Engine _engine = new(new CpuBackend(2));
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.safetensors");

    [Fact]
    public void Adapters_begin_as_nothing()
    {
        var network = new Network(_engine, 1);
        var before = network.Run();
        using var adapters = new LowRankAdapters(network.Tree, new LowRankOptions());
        Assert.Equal(before, network.Run());
    }

    [Fact]
    public void Merged_they_mean_what_they_meant_and_unmerged_the_base_has_its_bits()
    {
        var network = new Network(_engine, 1);
        var (weights, plain) = (network.Weights(), network.Run());
        using var adapters = new LowRankAdapters(network.Tree, new LowRankOptions(Rank: 3));
        Change(adapters);
        var adapted = network.Run();
        Assert.NotEqual(plain, adapted);
        Assert.Equal(weights, network.Weights());
        adapters.Merge();
        Assert.NotEqual(weights, network.Weights());
        Workbench.Near(adapted, network.Run(), 1e-5);
        adapters.Unmerge();
        Assert.Equal(weights, network.Weights());
        Assert.Equal(adapted, network.Run());
        adapters.Merge();
        adapters.Dispose();
        Assert.Equal(weights, network.Weights());
        Assert.Equal(plain, network.Run());
    }

    [Fact]
    public void Training_moves_the_adapters_alone()
    {
        var network = new Network(_engine, 1);
        var weights = network.Weights();
        using var adapters = new LowRankAdapters(network.Tree, new LowRankOptions { Targets = ["up"] });
        using (_engine.Scope())
        {
            network.Apply(network.Input()).Square().Sum().Backward();
        }

        Assert.All(network.Tree.Parameters, parameter => Assert.True(parameter.Value.Gradient.IsDefault));
        Assert.All(adapters.Tree.Parameters, parameter => Assert.False(parameter.Value.Gradient.IsDefault));
        Assert.Equal(["up.down", "up.up"], adapters.Tree.Parameters.Select(parameter => parameter.Key));
        Assert.Equal(weights, network.Weights());
    }

    [Fact]
    public void A_file_brings_them_back_to_their_base_and_no_other()
    {
        var network = new Network(_engine, 1);
        float[] adapted;
        using (var adapters = new LowRankAdapters(network.Tree, new LowRankOptions(Rank: 2, Alpha: 3) { Targets = ["up"] }))
        {
            Change(adapters);
            adapters.Save(_path);
            adapted = network.Run();
        }

        Assert.NotEqual(adapted, network.Run());
        using (LowRankAdapters.Load(_path, network.Tree))
        {
            Assert.Equal(adapted, network.Run());
        }

        var stranger = new Network(_engine, 2);
        Assert.Contains("another network", Assert.Throws<InvalidFileException>(() => LowRankAdapters.Load(_path, stranger.Tree)).Message, StringComparison.Ordinal);
        Rewrite("rank", "1000000000");
        Assert.Contains("rank 1000000000", Assert.Throws<InvalidFileException>(() => LowRankAdapters.Load(_path, network.Tree)).Message, StringComparison.Ordinal);
        Rewrite("alpha", "NaN");
        Assert.Contains("no number", Assert.Throws<InvalidFileException>(() => LowRankAdapters.Load(_path, network.Tree)).Message, StringComparison.Ordinal);
        network.Tree.Save(_path);
        Assert.Contains("no adapters", Assert.Throws<InvalidFileException>(() => LowRankAdapters.Load(_path, network.Tree)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_layer_that_is_not_there_or_is_adapted_already_is_refused()
    {
        var network = new Network(_engine, 1);
        Assert.Contains("there are up, down", Assert.Throws<ArgumentException>(() => new LowRankAdapters(network.Tree, new LowRankOptions { Targets = ["side"] })).Message, StringComparison.Ordinal);
        using var adapters = new LowRankAdapters(network.Tree, new LowRankOptions { Targets = ["down"] });
        Assert.Throws<InvalidOperationException>(() => new LowRankAdapters(network.Tree, new LowRankOptions()));
    }

    [Fact]
    public void A_network_that_can_not_be_adapted_goes_on_learning()
    {
        var network = new Network(_engine, 1);
        Assert.Throws<ArgumentException>(() => new LowRankAdapters(network.Tree, new LowRankOptions { Targets = ["side"] }));
        Assert.All(network.Tree.Parameters, parameter => Assert.True(parameter.Value.RequiresGradient));
    }

    public void Dispose()
    {
        File.Delete(_path);
        _engine.Dispose();
    }

    // The same file with another word in what it says of itself.
    private void Rewrite(string key, string value)
    {
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        var tensors = new List<KeyValuePair<string, Tensor>>();
        using (var file = SafetensorsFile.Open(_path))
        {
            foreach (var (name, text) in file.Metadata)
            {
                metadata[name] = text;
            }

            foreach (var (name, entry) in file.Tensors)
            {
                tensors.Add(KeyValuePair.Create(name, _engine.Zeros(Shape.Of([.. entry.Shape.Select(length => (int)length)]))));
            }
        }

        metadata[key] = value;
        TensorFile.Save(_path, tensors, metadata);
    }

    private static void Change(LowRankAdapters adapters)
    {
        foreach (var (name, tensor) in adapters.Tree.Parameters)
        {
            var values = new float[tensor.Count];
            RandomStream.Of(name.Length, tensor.Count).FillNormal(values);
            tensor.Write<float>(values);
        }
    }

    private sealed class Network
    {
        private readonly FeedForward _layers;

        public Network(Engine engine, long seed)
        {
            Tree = new ParameterTree(engine, seed);
            _layers = new FeedForward(Tree, Width, 20);
        }

        public ParameterTree Tree { get; }

        public Tensor Apply(Tensor x) => _layers.Apply(x);

        public Tensor Input()
        {
            var values = new float[5 * Width];
            RandomStream.Of(5).FillNormal(values);
            return Tree.Engine.From(values, [5, Width]);
        }

        public float[] Run()
        {
            using var scope = Tree.Engine.Scope();
            using var unrecorded = Tree.Engine.NoGradient();
            return Apply(Input()).ToArray<float>();
        }

        public float[] Weights() => [.. Tree.Parameters.SelectMany(parameter => parameter.Value.ToArray<float>())];
    }
}
