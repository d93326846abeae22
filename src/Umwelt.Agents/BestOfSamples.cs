// Best of n: lets somebody who knows what to do imagine its own future again and again, each time by other chances, and does what
// went best. Who proposes is the model itself, which imitates whom it learnt from, or a policy learnt in its dreams; of copies of a
// world it is chance. What scores is the goal, and what the policy thinks the last moment is worth. More budget never gives a plan
// that was thought worse.
using Umwelt.Models;
using Umwelt.Moments;
using Umwelt.Storage;

namespace Umwelt.Agents;

/// <summary>A planner that tries what somebody else would do, and does the best of it.</summary>
public sealed class BestOfSamples : Planner
{
    private readonly DreamtPolicy? _policy;
    private readonly World _futures;
    private readonly Occupant? _chance;
    private readonly MomentBatch _moments;
    private readonly MomentBatch _commands;
    private readonly bool[] _running;
    private readonly int[] _places;
    private readonly double[] _scores;
    private readonly double[] _sums;
    private readonly float[][] _plans;

    /// <summary>A planner over an imagination.</summary>
    /// <param name="imagination">Stays the caller's and must live as long.</param>
    /// <param name="options">How it thinks.</param>
    /// <param name="policy">Who proposes, learnt in dreams of that model; null for the model itself. It stays the caller's.</param>
    /// <exception cref="ArgumentException">The policy acts elsewhere.</exception>
    public BestOfSamples(Imagination imagination, PlannerOptions? options = null, DreamtPolicy? policy = null)
        : base(imagination, options ?? new PlannerOptions())
    {
        if (policy is not null && !policy.Schema.Equals(imagination.Schema))
        {
            throw new ArgumentException($"The policy acts in ({policy.Schema}), not in ({imagination.Schema}).", nameof(policy));
        }

        _policy = policy;
        var rows = Math.Clamp(Options.Budget / Options.Horizon, 1, Options.Rows);
        _futures = imagination.CreateFutures(rows);
        if (_futures is not Dream)
        {
            if (policy is not null)
            {
                _futures.Dispose();
                throw new ArgumentException("A policy learnt in dreams proposes in dreams, not in copies of a world.", nameof(policy));
            }

            _chance = new RandomOccupant(imagination.Schema.Motor, rows);
        }

        _moments = new MomentBatch(imagination.Schema, rows);
        _commands = new MomentBatch(imagination.Schema.Motor, rows);
        (_running, _scores, _sums) = (new bool[rows], new double[rows], new double[rows]);
        _places = [.. Enumerable.Range(0, rows)];
        _plans = [.. _places.Select(_ => new float[Options.Horizon * Commands.Size])];
    }

    /// <inheritdoc/>
    internal override bool PromisesMore => base.PromisesMore || _policy is not null;

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _futures.Dispose();
        }

        base.Dispose(disposing);
    }

    private protected override (double Promise, int Length) Plan(int row, int since, long seed, Span<float> plan)
    {
        var horizon = Math.Min(Options.Horizon, Options.Budget);
        var best = double.NegativeInfinity;
        for (int tried = 0, all = Options.Budget / horizon; tried < all && (tried == 0 || !IsLate()); tried += _futures.Count)
        {
            var count = Math.Min(_futures.Count, all - tried);
            Begin(row, count, tried, seed);
            var (weight, isLate) = (1.0, false);
            for (var t = 0; t < horizon && !isLate && _running.AsSpan().Contains(true); t++, weight *= Options.Discount)
            {
                Step(t, weight);
                isLate = t < horizon - 1 && IsLate();
            }

            if (isLate && tried > 0)
            {
                // What was not lived to its end counts only where nothing else does.
                break;
            }

            AddWorth(weight);
            for (var i = 0; i < count; i++)
            {
                // What is no number is worth nothing at all; the first is done if all are.
                if (_sums[i] > best || (tried == 0 && i == 0))
                {
                    best = double.IsNaN(_sums[i]) ? double.NegativeInfinity : _sums[i];
                    _plans[i].CopyTo(plan);
                }
            }
        }

        return (best, horizon);
    }

    // The present as often as futures are tried, each with chances of its own.
    private void Begin(int row, int count, int tried, long seed)
    {
        Imagination.Branch(_futures, row, _places.AsSpan(0, count));
        for (var i = 0; i < _running.Length; i++)
        {
            (_running[i], _sums[i]) = (i < count, 0);
            if (i < count)
            {
                Array.Clear(_plans[i]);
                var stream = RandomStream.Of(seed, tried + i);
                var own = (long)(stream.NextUInt64() >> 1);
                (_futures as Dream)?.Reseed(i, own);
                _chance?.Reset(i, own);
                _policy?.Begin(i, stream);
            }
        }
    }

    private void Step(int t, double weight)
    {
        Propose();
        for (var i = 0; i < _running.Length; i++)
        {
            if (_running[i])
            {
                Commands.Read(_commands, i, _plans[i].AsSpan(t * Commands.Size, Commands.Size));
                Commands.Write(_plans[i].AsSpan(t * Commands.Size, Commands.Size), _commands, i);
                ImaginedMoments++;
            }
        }

        _futures.Step(_commands, _moments, _running);
        Goal(_moments, _running, _scores);
        for (var i = 0; i < _running.Length; i++)
        {
            if (_running[i])
            {
                _sums[i] += weight * _scores[i];
                _running[i] = _moments.Endings[i] == Ending.None;
            }
        }
    }

    private void Propose()
    {
        if (_policy is not null)
        {
            var wasSure = _policy.IsSure;
            _policy.IsSure = false;
            _policy.Choose((Dream)_futures, _commands, _running);
            _policy.IsSure = wasSure;
        }
        else if (_futures is Dream dream)
        {
            dream.Act(_commands);
        }
        else
        {
            _chance!.Act(_moments, _commands, _running);
        }
    }

    // What comes after the last moment of futures that still run.
    private void AddWorth(double weight)
    {
        if (Options.Value is { } value)
        {
            value(_moments, _running, _scores);
        }
        else if (_policy is not null)
        {
            _policy.Worth((Dream)_futures, _scores);
        }
        else
        {
            return;
        }

        for (var i = 0; i < _running.Length; i++)
        {
            _sums[i] += _running[i] ? weight * _scores[i] : 0;
        }
    }
}
