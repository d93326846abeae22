// A small GPT on the tensor engine alone: pre-norm blocks, learned positions, exact GELU, an untied head. It is what the
// training benchmark measures. Source: Radford et al. 2019.
using Umwelt.Storage;
using Umwelt.Tensors;

namespace Umwelt.Cli.Gpt;

internal sealed record GptSizes(int Vocabulary, int Context, int Width, int Layers, int Heads);

internal sealed class GptModel : IDisposable
{
    private readonly Engine _engine;
    private readonly List<(string Name, Tensor Value)> _parameters = [];
    private readonly Tensor _token;
    private readonly Tensor _position;
    private readonly Block[] _blocks;
    private readonly Norm _norm;
    private readonly Tensor _head;

    /// <summary>Weights are normal with deviation 0.02, those that end a residual branch smaller by √(2 layers).</summary>
    public GptModel(Engine engine, GptSizes sizes, ulong seed)
    {
        _engine = engine;
        Sizes = sizes;
        var stream = new RandomStream(seed, 0);
        _token = Add("token", ref stream, 0.02f, sizes.Vocabulary, sizes.Width);
        _position = Add("position", ref stream, 0.02f, sizes.Context, sizes.Width);
        _blocks = new Block[sizes.Layers];
        var last = 0.02f / MathF.Sqrt(2 * sizes.Layers);
        for (var i = 0; i < sizes.Layers; i++)
        {
            var name = $"blocks.{i}";
            _blocks[i] = new Block(
                AddNorm($"{name}.norm1"),
                AddLinear($"{name}.join", ref stream, 0.02f, sizes.Width, 3 * sizes.Width),
                AddLinear($"{name}.output", ref stream, last, sizes.Width, sizes.Width),
                AddNorm($"{name}.norm2"),
                AddLinear($"{name}.up", ref stream, 0.02f, sizes.Width, 4 * sizes.Width),
                AddLinear($"{name}.down", ref stream, last, 4 * sizes.Width, sizes.Width));
        }

        _norm = AddNorm("norm");
        _head = Add("head", ref stream, 0.02f, sizes.Vocabulary, sizes.Width);
    }

    public GptSizes Sizes { get; }

    /// <summary>In the order of the flow: embeddings, blocks, last norm, head.</summary>
    public IReadOnlyList<(string Name, Tensor Value)> Parameters => _parameters;

    public long Count => _parameters.Sum(parameter => parameter.Value.Count);

    /// <summary>The mean cross-entropy of the next token, over tokens and targets [batch, time].</summary>
    public Tensor Loss(Tensor tokens, Tensor targets) => Logits(tokens).CrossEntropy(targets);

    /// <summary>Scores of the next token [batch, time, vocabulary] for tokens [batch, time].</summary>
    public Tensor Logits(Tensor tokens)
    {
        var x = _token.Embedding(tokens) + _position.Slice(0, 0, tokens.Shape[1]);
        foreach (var block in _blocks)
        {
            // Each block has a scope of its own: what no gradient needs is gone before the next begins.
            using var scope = _engine.Scope();
            x = scope.Keep(Apply(block, x));
        }

        return _norm.Apply(x).Linear(_head);
    }

    public void Dispose()
    {
        foreach (var (_, value) in _parameters)
        {
            value.Dispose();
        }
    }

    private Tensor Apply(in Block block, Tensor x)
    {
        var shape = x.Shape; // [batch, time, width]
        var size = shape[2] / Sizes.Heads;
        var joined = block.Join.Apply(block.Norm1.Apply(x)).Reshape(shape[0], shape[1], 3, Sizes.Heads, size);
        var seen = joined.Select(2, 0).Attention(joined.Select(2, 1), joined.Select(2, 2), AttentionOptions.CausalMask);
        x += block.Output.Apply(seen.Reshape(shape));
        return x + block.Down.Apply(block.Up.Apply(block.Norm2.Apply(x), Activation.Gelu));
    }

    private Tensor Add(string name, ref RandomStream stream, float deviation, params ReadOnlySpan<int> lengths)
    {
        var shape = Shape.Of(lengths);
        var values = new float[shape.Count];
        stream.FillNormal(values);
        for (var i = 0; i < values.Length; i++)
        {
            values[i] *= deviation;
        }

        return Add(name, values, shape);
    }

    private Tensor Add(string name, float[] values, Shape shape)
    {
        var parameter = _engine.Parameter(values, shape);
        _parameters.Add((name, parameter));
        return parameter;
    }

    private Layer AddLinear(string name, ref RandomStream stream, float deviation, int inputs, int outputs) => new(
        Add($"{name}.weight", ref stream, deviation, outputs, inputs),
        Add($"{name}.bias", new float[outputs], [outputs]));

    private Norm AddNorm(string name)
    {
        var ones = new float[Sizes.Width];
        Array.Fill(ones, 1f);
        return new(Add($"{name}.weight", ones, [Sizes.Width]), Add($"{name}.bias", new float[Sizes.Width], [Sizes.Width]));
    }

    private readonly record struct Layer(Tensor Weight, Tensor Bias)
    {
        public Tensor Apply(Tensor x, Activation activation = Activation.None) => x.Linear(Weight, Bias, activation);
    }

    private readonly record struct Norm(Tensor Weight, Tensor Bias)
    {
        public Tensor Apply(Tensor x) => x.LayerNorm(Weight, Bias);
    }

    private readonly record struct Block(Norm Norm1, Layer Join, Layer Output, Norm Norm2, Layer Up, Layer Down);
}
