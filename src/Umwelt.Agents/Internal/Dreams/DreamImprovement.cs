// Makes a policy better by what comes of it in dreams: futures are imagined from moments that were lived, what went better than
// thought becomes more probable, and what moments are worth is learnt from what came. Nothing is rendered, nothing really done.
// An improvement is a function of the weights before it, its number, the model and the recordings.
// Sources: Hafner et al., Mastering Diverse Domains through World Models, 2023, equations 7 to 12; how far a future may be learnt
// from again, Schulman et al., Proximal Policy Optimization Algorithms, 2017, equation 7.
using Umwelt.Agents.Internal.Learning;
using Umwelt.Models;
using Umwelt.Moments;
using Umwelt.Storage;
using Umwelt.Tensors;
using Umwelt.Tensors.Optimisers;

namespace Umwelt.Agents.Internal.Dreams;

internal sealed class DreamImprovement : IDisposable
{
    private const int Starts = 1;
    private const int Commands = 2;
    private const int Batches = 3;
    private readonly DreamtPolicy _policy;
    private readonly DreamingOptions _options;
    private readonly long _seed;
    private readonly MomentScores? _goal;
    private readonly Future _future;
    private readonly double[] _scores;
    private readonly float[] _ends;
    private readonly bool[] _all;
    private RecordedStarts _starts = null!;
    private LivedRange _range = null!;
    private MomentScores _scoring = null!;
    private Dream? _dream;
    private MomentBatch _moments = null!;
    private MomentBatch _commands = null!;

    /// <summary>Improves a policy, which stays the caller's.</summary>
    public DreamImprovement(DreamtPolicy policy, DreamingOptions options, long seed, MomentScores? goal)
    {
        (_policy, _options, _seed, _goal) = (policy, options, seed, goal);
        Optimiser = new AdamW(policy.Network.Parameters.Groups(), new AdamWOptions { LearningRate = (float)options.Rate, Epsilon = 1e-5f, WeightDecay = 0 });
        _future = new Future(options.Horizon, options.Rows, policy.FeatureCount, policy.Commands.Size);
        (_scores, _ends, _all) = (new double[options.Rows], new float[options.Rows], new bool[options.Rows]);
        Array.Fill(_all, true);
    }

    public AdamW Optimiser { get; }

    public ReturnScale Scale { get; } = new();

    /// <summary>How undecided the policy was in the last futures, in nats.</summary>
    public double Entropy { get; private set; }

    /// <summary>What moments of the last futures turned out to be worth, in the mean.</summary>
    public double Worth { get; private set; }

    /// <summary>The share of the last futures' moments that did not count, since the model knows nothing of them or the episode was over.</summary>
    public double Discounted { get; private set; }

    internal Future Future => _future;

    /// <summary>Dreams by the policy's model from now on, from what these recordings hold.</summary>
    public void Follow(IReadOnlyList<Recording> recordings)
    {
        _starts = new RecordedStarts(recordings, _options.Prime);
        _range = new LivedRange(recordings, _options.Beyond);
        Forget();
        var model = _policy.Model;
        _dream = model.Dream(_seed, _options.Rows);
        _dream.Renders = false;
        _moments = new MomentBatch(model.Schema, _options.Rows);
        _commands = new MomentBatch(model.Schema.Motor, _options.Rows);
        _scoring = _goal ?? Goals.Reward(model.Schema);
    }

    /// <summary>One improvement.</summary>
    /// <param name="number">The how-manieth it is: it names every choice.</param>
    public void Step(long number)
    {
        Begin(number);
        Imagine(number);
        Judge();
        Improve(number);
    }

    /// <summary>Gives up the dream, whose model is about to go.</summary>
    public void Forget()
    {
        _dream?.Dispose();
        _dream = null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Forget();
        Optimiser.Dispose();
    }

    /// <summary>What is minimised, of chosen moments of the last futures: its gradient with regard to what to do is that of the return.</summary>
    internal Tensor Loss(ReadOnlySpan<int> which, out Tensor undecided)
    {
        var (network, engine) = (_policy.Network, _policy.Network.Engine);
        var features = engine.From(Samples.Of(_future.Features, which, _policy.FeatureCount), [which.Length, _policy.FeatureCount]);
        var (numbers, categories) = Samples.Commands(engine, _policy.Commands, _future.Commands, which);
        var (logarithm, entropy) = network.Probability(network.Act(features), numbers, categories);
        float[] weights = Samples.Of(_future.Weights, which), returns = Samples.Of(_future.Returns, which), values = Samples.Of(_future.Values, which);
        var better = new float[which.Length];
        for (var i = 0; i < better.Length; i++)
        {
            better[i] = (returns[i] - values[i]) / (float)Scale.Size;
        }

        var ratio = (logarithm - Of(Samples.Of(_future.Logarithms, which))).Exp();
        var (clip, advantages, counts) = ((float)_options.Clip, Of(better), Of(weights));
        var gain = ((ratio * advantages).Minimum(ratio.Clamp(1 - clip, 1 + clip) * advantages) * counts).Mean();
        undecided = (entropy * counts).Mean();
        var shares = engine.From(WorthLevels.Encode(returns), [which.Length, WorthLevels.Count]);
        var miss = (WorthLevels.Miss(network.Levels(features), shares) * counts).Mean();
        return (miss * (float)_options.ValueShare) - gain - (undecided * (float)_options.Entropy);

        Tensor Of(float[] all) => engine.From(all, [all.Length]);
    }

    /// <summary>Brings every row to where its future begins.</summary>
    internal void Begin(long number) => _starts.Begin(_dream!, RandomStream.Of(_seed, Starts, number));

    /// <summary>Lets every row dream its future from where it is.</summary>
    internal void Imagine(long number)
    {
        var (rows, width, size, network) = (_options.Rows, _policy.FeatureCount, _policy.Commands.Size, _policy.Network);
        var deviations = network.Deviations();
        var streams = new RandomStream[rows];
        for (var row = 0; row < rows; row++)
        {
            streams[row] = RandomStream.Of(_seed, Commands, number, row);
        }

        for (var t = 0; t < _options.Horizon; t++)
        {
            var first = t * rows;
            var features = _future.Features.AsSpan(first * width, rows * width);
            _dream!.ReadFeatures(features);
            var outputs = Outputs(features);
            for (var row = 0; row < rows; row++)
            {
                var command = _future.Commands.AsSpan((first + row) * size, size);
                _future.Logarithms[first + row] = (float)network.Draw(outputs.AsSpan(row * network.Outputs, network.Outputs), deviations, isSure: false, ref streams[row], command);
                _policy.Commands.Write(command, _commands, row);
            }

            Go(first);
        }

        _dream!.ReadFeatures(_future.Features.AsSpan(_options.Horizon * rows * width, rows * width));
    }

    /// <summary>Says what moments were thought to be worth, and what they turned out to be.</summary>
    internal void Judge()
    {
        var network = _policy.Network;
        using (network.Engine.NoGradient())
        using (network.Engine.Scope())
        {
            var features = network.Engine.From(_future.Features, [_future.Count + _options.Rows, _policy.FeatureCount]);
            WorthLevels.Decode(network.Levels(features).ToArray<float>()).CopyTo(_future.Values, 0);
        }

        _future.Judge(_options.Discount, _options.Trace);
        Scale.Add(_future.Returns, _future.Weights);
        Worth = _future.Returns.Take(_options.Rows).Average(static worth => (double)worth);
        Discounted = 1 - _future.Weights.Average(static weight => (double)weight);
    }

    private float[] Outputs(ReadOnlySpan<float> features)
    {
        var engine = _policy.Network.Engine;
        using var unrecorded = engine.NoGradient();
        using var scope = engine.Scope();
        return _policy.Network.Act(engine.From(features, [_options.Rows, _policy.FeatureCount])).ToArray<float>();
    }

    // The commands lead to the next moments, as if no episode ended; how probable it is that none did is kept.
    private void Go(int first)
    {
        var schema = _moments.Schema;
        _moments.Clear();
        for (var row = 0; row < _options.Rows; row++)
        {
            for (var m = 0; m < schema.Motors.Length; m++)
            {
                _moments.Copy(_commands, m, row, schema.Motors[m], row);
            }
        }

        _dream!.GoOnAlive(_moments, _ends);
        _scoring(_moments, _all, _scores);
        for (var row = 0; row < _options.Rows; row++)
        {
            var reward = (float)_scores[row];
            if (!float.IsFinite(reward))
            {
                throw new InvalidOperationException($"The score of a dreamed moment is {reward}; learning needs numbers.");
            }

            (_future.Rewards[first + row], _future.GoesOn[first + row], _future.IsLost[first + row]) = (reward, 1 - _ends[row], _range.IsLeftBy(_moments, row));
        }
    }

    private void Improve(long number)
    {
        var order = Enumerable.Range(0, _future.Count).ToArray();
        var batch = Math.Min(_options.Batch, order.Length);
        for (var epoch = 0; epoch < _options.Epochs; epoch++)
        {
            var random = RandomStream.Of(_seed, Batches, number, epoch);
            random.Shuffle<int>(order);
            for (var start = 0; start + batch <= order.Length; start += batch)
            {
                using var scope = _policy.Network.Engine.Scope();
                var loss = Loss(order.AsSpan(start, batch), out var undecided);
                Entropy = undecided.Item();
                Optimiser.ClearGradients();
                loss.Backward();
                Optimiser.ClipGradients((float)_options.GradientNorm);
                Optimiser.Step();
                Optimiser.ClearGradients();
            }
        }
    }
}
