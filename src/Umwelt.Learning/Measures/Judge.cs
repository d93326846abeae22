// A small network that reads something off pictures or sound: which command moved them, which room they show, what was heard.
// It is trained on real data alone and tested on real data before anything is said of dreams.
using Umwelt.Networks;
using Umwelt.Storage;
using Umwelt.Tensors;
using Umwelt.Tensors.Optimisers;

namespace Umwelt.Learning.Measures;

/// <summary>What a judge says, and how it is taught.</summary>
internal enum JudgeKind
{
    /// <summary>Numbers, by their squared error.</summary>
    Numbers,

    /// <summary>Scores of classes that exclude each other; the target is one of them.</summary>
    Classes,

    /// <summary>The logit of each of several things that may happen together; targets are 0 and 1.</summary>
    Events,
}

/// <summary>Writes one item: its input [height, width, channels] and, unless that is empty, its targets.</summary>
internal delegate void JudgeItem(int item, Span<float> input, Span<float> targets);

internal sealed class Judge : IDisposable
{
    private const int AtOnce = 64;
    private const int Narrow = 32;
    private const int Wide = 64;
    private const int Hidden = 128;
    private const float Rate = 2e-3f;
    private readonly Engine _engine = new(new CpuBackend());
    private readonly ParameterTree _parameters;
    private readonly Tensor[] _weights;
    private readonly Tensor[] _biases;
    private readonly Linear _hidden;
    private readonly Linear _outputs;
    private readonly JudgeKind _kind;
    private readonly int _height;
    private readonly int _width;
    private readonly int _channels;
    private readonly int _flat;
    private readonly long _seed;

    public Judge(int height, int width, int channels, int outputs, JudgeKind kind, long seed)
    {
        (_height, _width, _channels, Outputs, _kind, _seed) = (height, width, channels, outputs, kind, seed);
        _parameters = new ParameterTree(_engine, seed);
        ReadOnlySpan<int> sizes = [channels, Narrow, Wide, Wide];
        (_weights, _biases) = (new Tensor[sizes.Length - 1], new Tensor[sizes.Length - 1]);
        for (var i = 0; i < _weights.Length; i++)
        {
            _weights[i] = _parameters.Under("convolutions", i).Normal("weight", [3, 3, sizes[i], sizes[i + 1]], MathF.Sqrt(2f / (9 * sizes[i])));
            _biases[i] = _parameters.Under("convolutions", i).Constant("bias", [sizes[i + 1]], 0);
        }

        _flat = Half(Half(height)) * Half(Half(width)) * Wide;
        _hidden = new Linear(_parameters.Under("hidden"), _flat, Hidden, bias: true);
        _outputs = new Linear(_parameters.Under("outputs"), Hidden, outputs, bias: true, kind: ParameterKind.Table);

        static int Half(int size) => (size + 1) / 2;
    }

    /// <summary>How many numbers it says of each item.</summary>
    public int Outputs { get; }

    private int Targets => _kind == JudgeKind.Classes ? 1 : Outputs;

    /// <summary>Teaches it items drawn at random.</summary>
    public void Train(int items, int steps, JudgeItem item, Action<int>? progress = null, CancellationToken cancellation = default)
    {
        using var optimiser = new AdamW(_parameters.Groups(), new AdamWOptions { LearningRate = Rate, WeightDecay = 0.05f });
        var random = RandomStream.Of(_seed, 0x6a75646765);
        var size = _height * _width * _channels;
        var (inputs, targets) = (new float[AtOnce * size], new float[AtOnce * Targets]);
        for (var step = 0; step < steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            for (var i = 0; i < AtOnce; i++)
            {
                item(random.NextInt32(items), inputs.AsSpan(i * size, size), targets.AsSpan(i * Targets, Targets));
            }

            using var scope = _engine.Scope();
            optimiser.ClearGradients();
            optimiser.SetLearningRate(Rate * Math.Min(1, (step + 1) / 50f) * (1 - (step / (float)steps)));
            var said = Apply(_engine.From<float>(inputs, [AtOnce, _height, _width, _channels]));
            Loss(said, targets).Backward();
            optimiser.Step();
            progress?.Invoke(step + 1);
        }
    }

    /// <summary>What it says of items, [item, output].</summary>
    public float[] Say(int items, JudgeItem item)
    {
        using var unrecorded = _engine.NoGradient();
        var size = _height * _width * _channels;
        var inputs = new float[AtOnce * size];
        var said = new float[items * Outputs];
        for (var first = 0; first < items; first += AtOnce)
        {
            using var scope = _engine.Scope();
            var count = Math.Min(AtOnce, items - first);
            for (var i = 0; i < count; i++)
            {
                item(first + i, inputs.AsSpan(i * size, size), []);
            }

            Apply(_engine.From<float>(inputs.AsSpan(0, count * size), [count, _height, _width, _channels])).Read(said.AsSpan(first * Outputs, count * Outputs));
        }

        return said;
    }

    public void Dispose()
    {
        _hidden.Dispose();
        _outputs.Dispose();
        _parameters.Dispose();
        _engine.Dispose();
    }

    private Tensor Apply(Tensor x)
    {
        // [n, height, width, channels]
        for (var i = 0; i < _weights.Length; i++)
        {
            x = x.Convolve(_weights[i], _biases[i], ConvolutionOptions.Of(stride: i == 0 ? 1 : 2, padding: 1)).Relu();
        }

        return _outputs.Apply(_hidden.Apply(x.Reshape(x.Shape[0], _flat), Activation.Relu));
    }

    private Tensor Loss(Tensor said, float[] targets)
    {
        if (_kind == JudgeKind.Classes)
        {
            return said.CrossEntropy(_engine.From<int>(Array.ConvertAll(targets, static target => (int)target), [AtOnce]));
        }

        var wanted = _engine.From<float>(targets, [AtOnce, Outputs]);
        return _kind == JudgeKind.Numbers ? (said - wanted).Square().Mean() : (said.Softplus() - (wanted * said)).Mean();
    }
}
