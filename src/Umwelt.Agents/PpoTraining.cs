// Proximal policy optimisation: lives a while in many rows, then makes what went better than thought more probable, never much
// more at once. It knows no model: the measure of what one must beat. Running out of time is no end: what would have come counts.
// Sources: Schulman et al., Proximal Policy Optimization Algorithms, 2017, equations 7 and 9; the details that make it work,
// Engstrom et al., Implementation Matters in Deep Policy Gradients, 2020.
using Umwelt.Agents.Internal.Learning;
using Umwelt.Moments;
using Umwelt.Storage;
using Umwelt.Tensors;
using Umwelt.Tensors.Optimisers;

namespace Umwelt.Agents;

/// <summary>How far a training is.</summary>
/// <param name="Moments">Real moments lived.</param>
/// <param name="Episodes">Episodes that stopped.</param>
/// <param name="Return">The mean return of the last episodes, at most a hundred; NaN before one has stopped.</param>
/// <param name="Length">Their mean length.</param>
/// <param name="Entropy">How undecided the policy is, in nats.</param>
/// <param name="Divergence">How far the last improvement moved it, in nats.</param>
public readonly record struct PpoProgress(long Moments, long Episodes, double Return, double Length, double Entropy, double Divergence);

/// <summary>Learns a policy from the rewards of a world.</summary>
public sealed class PpoTraining : IDisposable
{
    private const int RememberedEpisodes = 100;
    private const float FarthestReward = 10;
    private const int Batches = 1;
    private const int Commands = 2;
    private readonly Engine _engine;
    private readonly World _world;
    private readonly PpoOptions _options;
    private readonly long _seed;
    private readonly MomentScores _goal;
    private readonly AdamW _optimiser;
    private readonly Rollout _rollout;
    private readonly MomentBatch _moments;
    private readonly MomentBatch _commands;
    private readonly RandomStream[] _streams;
    private readonly float[] _present;
    private readonly double[] _scores;
    private readonly bool[] _all;
    private readonly double[] _returns;
    private readonly long[] _lengths;
    private readonly float[] _discounted;
    private readonly RunningScale _rewardScale = new(1);
    private readonly Queue<(double Return, long Length)> _episodes = new();
    private long _begun;
    private long _stopped;
    private long _lived;
    private double _entropy;
    private double _divergence;

    /// <summary>A training that has not begun.</summary>
    /// <param name="engine">Learns; it stays the caller's.</param>
    /// <param name="world">With as many rows as the options say; it stays the caller's.</param>
    /// <param name="options">How it learns.</param>
    /// <param name="seed">Where all randomness comes from.</param>
    /// <param name="goal">What is wanted; null for the world's reward.</param>
    public PpoTraining(Engine engine, World world, PpoOptions options, long seed = 1, MomentScores? goal = null)
    {
        ArgumentNullException.ThrowIfNull(engine);
        ArgumentNullException.ThrowIfNull(world);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        ArgumentOutOfRangeException.ThrowIfNotEqual(world.Count, options.Rows, nameof(world));
        (_engine, _world, _options, _seed) = (engine, world, options, seed);
        _goal = goal ?? Goals.Reward(world.Schema);
        Policy = new LearntPolicy(engine, world.Schema, options.Senses, options.Hidden, options.LogDeviation, seed);
        _optimiser = new AdamW(Policy.Network.Parameters.Groups(), new AdamWOptions { LearningRate = (float)options.Rate, Epsilon = 1e-5f, WeightDecay = 0 });
        var rows = options.Rows;
        _rollout = new Rollout(options.Length, rows, Policy.Features.Count, Policy.Commands.Size);
        _moments = new MomentBatch(world.Schema, rows);
        _commands = new MomentBatch(world.Schema.Motor, rows);
        _streams = [.. Enumerable.Range(0, rows).Select(row => RandomStream.Of(seed, Commands, row))];
        _present = new float[rows * Policy.Features.Count];
        _scores = new double[rows];
        _all = new bool[rows];
        Array.Fill(_all, true);
        (_returns, _lengths, _discounted) = (new double[rows], new long[rows], new float[rows]);
    }

    /// <summary>What is learnt; the training's own until it is disposed.</summary>
    public LearntPolicy Policy { get; }

    /// <summary>Learns to the end.</summary>
    /// <exception cref="OperationCanceledException">Somebody stopped it; the policy is what it was at the last improvement.</exception>
    public PpoProgress Run(IProgress<PpoProgress>? progress = null, CancellationToken cancellation = default)
    {
        for (var row = 0; row < _options.Rows; row++)
        {
            Begin(row);
        }

        See();
        var rounds = _options.Moments / _rollout.Count;
        for (var round = 0L; round < rounds; round++)
        {
            cancellation.ThrowIfCancellationRequested();
            var left = 1 - ((double)round / rounds);
            Live();
            Improve(round, _options.Rate * (_options.RateFalls ? left : 1), _options.Clip * (_options.ClipFalls ? left : 1));
            progress?.Report(Progress());
        }

        return Progress();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _optimiser.Dispose();
        Policy.Dispose();
    }

    private PpoProgress Progress() => new(
        _lived,
        _stopped,
        _episodes.Count == 0 ? double.NaN : _episodes.Average(static episode => episode.Return),
        _episodes.Count == 0 ? double.NaN : _episodes.Average(static episode => episode.Length),
        _entropy,
        _divergence);

    private void Begin(int row)
    {
        _world.Reset(row, Recorder.EpisodeSeed(_seed, 0, _begun++), _moments);
        (_returns[row], _lengths[row], _discounted[row]) = (0, 0, 0);
    }

    // Looks at the present moments of all rows.
    private void See()
    {
        var width = Policy.Features.Count;
        for (var row = 0; row < _options.Rows; row++)
        {
            Policy.Features.Write(_moments, row, _present.AsSpan(row * width, width));
        }

        for (var row = 0; row < _options.Rows && _options.ScalesSenses; row++)
        {
            Policy.Scale.Add(_present.AsSpan(row * width, width));
        }

        Scale(_present);
    }

    private void Scale(Span<float> features)
    {
        for (var at = 0; at < features.Length && _options.ScalesSenses; at += Policy.Features.Count)
        {
            Policy.Scale.Apply(features.Slice(at, Policy.Features.Count));
        }
    }

    private void Live()
    {
        var (rows, width, size) = (_options.Rows, Policy.Features.Count, Policy.Commands.Size);
        var deviations = Policy.Network.Deviations();
        for (var t = 0; t < _rollout.Length; t++)
        {
            var first = t * rows;
            _present.CopyTo(_rollout.Features, first * width);
            var (outputs, values) = Ask(_present, acts: true);
            values.CopyTo(_rollout.Values, first);
            for (var row = 0; row < rows; row++)
            {
                var command = _rollout.Commands.AsSpan((first + row) * size, size);
                _rollout.Logarithms[first + row] = (float)Policy.Network.Draw(
                    outputs.AsSpan(row * Policy.Network.Outputs, Policy.Network.Outputs), deviations, isSure: false, ref _streams[row], command);
                Policy.Commands.Write(command, _commands, row);
            }

            _world.Step(_commands, _moments);
            _lived += rows;
            Reward(first);
            Stop(first);
            See();
        }

        _rollout.Judge(Ask(_present, acts: false).Values, _options.Discount, _options.Trace);
    }

    private void Reward(int first)
    {
        _goal(_moments, _all, _scores);
        for (var row = 0; row < _options.Rows; row++)
        {
            var reward = (float)_scores[row];
            if (!float.IsFinite(reward))
            {
                throw new InvalidOperationException($"The score of row {row} is {reward} after {_lived:N0} moments; learning needs numbers.");
            }

            _returns[row] += reward;
            _lengths[row]++;
            _discounted[row] = (float)((_options.Discount * _discounted[row]) + reward);
            if (_options.ScalesRewards)
            {
                _rewardScale.Add(_discounted.AsSpan(row, 1));
                reward = Math.Clamp(reward / (float)_rewardScale.Deviation(0), -FarthestReward, FarthestReward);
            }

            _rollout.Rewards[first + row] = reward;
        }
    }

    // Begins anew where episodes stopped; where only time ran out, what would have come is counted in.
    private void Stop(int first)
    {
        float[]? values = null;
        for (var row = 0; row < _options.Rows; row++)
        {
            if (_moments.Endings[row] == Ending.None && _lengths[row] == _options.LongestEpisode)
            {
                _moments.Endings[row] = Ending.Truncation;
            }

            var ending = _moments.Endings[row];
            _rollout.Stops[first + row] = ending != Ending.None;
            if (ending == Ending.Truncation && values is null)
            {
                // All rows are looked at before any begins anew.
                var features = new float[_present.Length];
                for (var other = 0; other < _options.Rows; other++)
                {
                    Policy.Features.Write(_moments, other, features.AsSpan(other * Policy.Features.Count, Policy.Features.Count));
                }

                Scale(features);
                values = Ask(features, acts: false).Values;
            }
        }

        for (var row = 0; row < _options.Rows; row++)
        {
            var ending = _moments.Endings[row];
            if (ending == Ending.None)
            {
                continue;
            }

            if (ending == Ending.Truncation)
            {
                _rollout.Rewards[first + row] += (float)_options.Discount * values![row];
            }

            _stopped++;
            _episodes.Enqueue((_returns[row], _lengths[row]));
            if (_episodes.Count > RememberedEpisodes)
            {
                _episodes.Dequeue();
            }

            Begin(row);
        }
    }

    // What the network says of features of all rows.
    private (float[] Outputs, float[] Values) Ask(float[] features, bool acts)
    {
        using var unrecorded = _engine.NoGradient();
        using var scope = _engine.Scope();
        var seen = _engine.From(features, [_options.Rows, Policy.Features.Count]);
        return (acts ? Policy.Network.Act(seen).ToArray<float>() : [], Policy.Network.Value(seen).ToArray<float>());
    }

    private void Improve(long round, double rate, double clip)
    {
        _optimiser.SetLearningRate((float)rate);
        var order = Enumerable.Range(0, _rollout.Count).ToArray();
        (_entropy, _divergence) = (0, 0);
        for (var epoch = 0; epoch < _options.Epochs; epoch++)
        {
            var random = RandomStream.Of(_seed, Batches, round, epoch);
            random.Shuffle<int>(order);

            // What is left over is too little to be normalised; in another order it will be elsewhere.
            for (var start = 0; start + _options.Batch <= order.Length; start += _options.Batch)
            {
                Learn(order.AsSpan(start, _options.Batch), (float)clip, isLast: epoch == _options.Epochs - 1 && start + (2 * _options.Batch) > order.Length);
            }
        }
    }

    private void Learn(ReadOnlySpan<int> which, float clip, bool isLast)
    {
        var network = Policy.Network;
        using var scope = _engine.Scope();
        var features = _engine.From(Samples.Of(_rollout.Features, which, Policy.Features.Count), [which.Length, Policy.Features.Count]);
        var (numbers, categories) = Samples.Commands(_engine, Policy.Commands, _rollout.Commands, which);
        var (logarithm, entropy) = network.Probability(network.Act(features), numbers, categories);
        var old = Of(_rollout.Logarithms, which);
        var advantages = Of(Normal(Samples.Of(_rollout.Advantages, which)));
        var change = logarithm - old;
        var ratio = change.Exp();
        var gain = (ratio * advantages).Minimum(ratio.Clamp(1 - clip, 1 + clip) * advantages).Mean();
        var (values, returns) = (network.Value(features), Of(_rollout.Returns, which));
        var miss = (values - returns).Square();
        if (_options.ValueClip > 0)
        {
            var before = Of(_rollout.Values, which);
            var near = before + (values - before).Clamp(-(float)_options.ValueClip, (float)_options.ValueClip);
            miss = miss.Maximum((near - returns).Square());
        }

        var undecided = entropy.Mean();
        var loss = (miss.Mean() * (float)_options.ValueShare) - gain - (undecided * (float)_options.Entropy);
        if (isLast)
        {
            // An estimate without bias that is never negative: Schulman, Approximating KL Divergence, 2020.
            (_entropy, _divergence) = (undecided.Item(), (ratio - 1 - change).Mean().Item());
        }

        _optimiser.ClearGradients();
        loss.Backward();
        _optimiser.ClipGradients((float)_options.GradientNorm);
        _optimiser.Step();
        _optimiser.ClearGradients();
    }

    private Tensor Of(float[] all, ReadOnlySpan<int> which) => Of(Samples.Of(all, which));

    private Tensor Of(float[] values) => _engine.From(values, [values.Length]);

    private static float[] Normal(float[] values)
    {
        const double Least = 1e-8;
        var mean = values.Average(static value => (double)value);
        var deviation = Math.Sqrt(values.Average(value => (value - mean) * (value - mean)));
        return [.. values.Select(value => (float)((value - mean) / (deviation + Least)))];
    }
}
