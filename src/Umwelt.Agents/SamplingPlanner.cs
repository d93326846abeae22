// Planners that draw whole plans, try them side by side and look at what they brought. They differ in how the next plans follow
// from those: not at all, by the best few, by all according to their scores. Whatever was tried is never forgotten within a
// decision, so more budget never gives a plan that was thought worse.
using Umwelt.Agents.Internal;
using Umwelt.Moments;
using Umwelt.Storage;

namespace Umwelt.Agents;

/// <summary>A planner that draws plans and tries them.</summary>
public abstract class SamplingPlanner : Planner
{
    private const int FewestOfRound = 8;
    private const int FewestOfElite = 3;
    private const int MostOfRound = 512;

    // A share of what was thought before stays, so that a few plans don't rule anything out.
    private const float Kept = 0.1f;

    // The best of earlier rounds count on, but most of a guess comes from what it led to.
    private const double Remembered = 0.3;
    private readonly Guess[] _guesses;
    private readonly Guess _wide;
    private readonly bool[] _isFollowed;
    private readonly World _futures;
    private readonly MomentBatch _moments;
    private readonly MomentBatch _commands;
    private readonly bool[] _running;
    private readonly int[] _places;
    private readonly double[] _scores;
    private readonly double[] _sums;
    private readonly List<(float[] Plan, double Score)> _good = [];
    private readonly List<(float[] Plan, double Score)> _round = [];
    private readonly Stack<float[]> _spare = new();

    private protected SamplingPlanner(Imagination imagination, PlannerOptions options, bool improves)
        : base(imagination, options)
    {
        Improves = improves;
        _guesses = new Guess[imagination.Count];
        _wide = new Guess(Commands, options);
        _isFollowed = new bool[imagination.Count];
        for (var row = 0; row < _guesses.Length; row++)
        {
            _guesses[row] = new Guess(Commands, options);
        }

        // A budget for a single plan needs no more than one row.
        var rows = Math.Clamp(options.Budget / options.Horizon, 1, options.Rows);
        _futures = imagination.CreateFutures(rows);
        _moments = new MomentBatch(imagination.Schema, rows);
        _commands = new MomentBatch(imagination.Schema.Motor, rows);
        _running = new bool[rows];
        _scores = new double[rows];
        _sums = new double[rows];
        _places = [.. Enumerable.Range(0, rows)];
    }

    private bool Improves { get; }

    /// <summary>Weights of the best plans, best first, by their scores; they sum to 1.</summary>
    private protected abstract void Weigh(ReadOnlySpan<double> scores, Span<double> weights);

    /// <summary>Whether the best plan tried is done, or the middle of what is thought good.</summary>
    private protected abstract bool DoesBest { get; }

    private protected sealed override void Forget(int row)
    {
        _guesses[row].Forget();
        _isFollowed[row] = false;
    }

    private protected sealed override (double Promise, int Length) Plan(int row, int since, long seed, Span<float> plan)
    {
        var guess = _guesses[row];
        guess.Shift(since);
        var random = RandomStream.Of(seed);
        var horizon = Math.Min(Options.Horizon, Options.Budget);
        var left = Options.Budget / horizon;
        var round = Math.Clamp(left / (Improves ? Options.Rounds : 1), Math.Min(FewestOfRound, left), MostOfRound);
        round = Options.Time is null ? round : Math.Min(round, _futures.Count);
        for (var isFirst = true; left > 0 && (isFirst || !IsLate()); isFirst = false)
        {
            var count = Math.Min(left, round);
            for (var i = 0; i < count; i++)
            {
                var drawn = _spare.TryPop(out var used) ? used : new float[plan.Length];
                if (i == 0 && (!isFirst || _isFollowed[row]))
                {
                    guess.Middle(drawn);
                }
                else
                {
                    (Improves ? guess : _wide).Draw(drawn, (float)Options.Persistence, ref random);
                }

                _round.Add((drawn, 0));
            }

            left -= count;
            if (!Try(row, horizon, isFirst))
            {
                break;
            }

            Learn(guess);
        }

        _isFollowed[row] = true;
        var (best, promise) = _good[0];
        if (!Improves)
        {
            guess.MoveTo([best], [1], 0);
        }

        best.CopyTo(plan);
        if (!DoesBest)
        {
            guess.Middle(plan);
        }

        Spare(_good);
        return (promise, horizon);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _futures.Dispose();
        }

        base.Dispose(disposing);
    }

    // Takes the best of this round and of those before, and guesses again.
    private void Learn(Guess guess)
    {
        var elite = Math.Clamp((int)Math.Ceiling(Options.Elite * _round.Count), Math.Min(FewestOfElite, _round.Count), _round.Count);
        var remembered = (int)Math.Ceiling(Remembered * _good.Count);
        for (var i = remembered; i < _good.Count; i++)
        {
            _spare.Push(_good[i].Plan);
        }

        _good.RemoveRange(remembered, _good.Count - remembered);
        _good.AddRange(_round);
        _round.Clear();

        // What scores alike stays in the order in which it was tried.
        var sorted = _good.OrderByDescending(tried => tried.Score).ToList();
        for (var i = elite; i < sorted.Count; i++)
        {
            _spare.Push(sorted[i].Plan);
        }

        _good.Clear();
        _good.AddRange(sorted.Take(elite));
        if (Improves)
        {
            Span<double> weights = new double[_good.Count];
            Weigh([.. _good.Select(tried => tried.Score)], weights);
            guess.MoveTo([.. _good.Select(tried => tried.Plan)], weights, Kept);
        }
    }

    private void Spare(List<(float[] Plan, double Score)> plans)
    {
        foreach (var (plan, _) in plans)
        {
            _spare.Push(plan);
        }

        plans.Clear();
    }

    // Lives all plans of the round; false where time ran out before they were lived. The first round always says something: where
    // time runs out in it, the plans that are being lived are judged by what came so far, and the others not at all.
    private bool Try(int row, int horizon, bool mustSay)
    {
        for (var start = 0; start < _round.Count; start += _futures.Count)
        {
            var count = Math.Min(_futures.Count, _round.Count - start);
            Imagination.Branch(_futures, row, _places.AsSpan(0, count));
            for (var i = 0; i < _running.Length; i++)
            {
                (_running[i], _sums[i]) = (i < count, 0);
            }

            var (weight, isLate) = (1.0, false);
            for (var t = 0; t < horizon && !isLate && _running.AsSpan().Contains(true); t++, weight *= Options.Discount)
            {
                Step(start, count, t, weight);
                isLate = t < horizon - 1 && IsLate();
            }

            if (isLate && !(mustSay && start == 0))
            {
                // What was lived to its end in this round counts only where nothing else does.
                Drop(mustSay ? start : 0);
                return mustSay;
            }

            if (Options.Value is { } value && _running.AsSpan().Contains(true))
            {
                value(_moments, _running, _scores);
                Add(count, weight);
            }

            for (var i = 0; i < count; i++)
            {
                // What is no number is worth nothing at all.
                _round[start + i] = (_round[start + i].Plan, double.IsNaN(_sums[i]) ? double.NegativeInfinity : _sums[i]);
            }

            if (isLate || (start + count < _round.Count && IsLate()))
            {
                Drop(mustSay ? start + count : 0);
                return mustSay;
            }
        }

        return true;
    }

    // Forgets the plans of a round from one on.
    private void Drop(int from)
    {
        for (var i = from; i < _round.Count; i++)
        {
            _spare.Push(_round[i].Plan);
        }

        _round.RemoveRange(from, _round.Count - from);
    }

    private void Step(int start, int count, int t, double weight)
    {
        for (var i = 0; i < count; i++)
        {
            if (_running[i])
            {
                Commands.Write(_round[start + i].Plan.AsSpan(t * Commands.Size, Commands.Size), _commands, i);
                ImaginedMoments++;
            }
        }

        _futures.Step(_commands, _moments, _running);
        Goal(_moments, _running, _scores);
        Add(count, weight);
        for (var i = 0; i < count; i++)
        {
            _running[i] = _running[i] && _moments.Endings[i] == Ending.None;
        }
    }

    private void Add(int count, double weight)
    {
        for (var i = 0; i < count; i++)
        {
            _sums[i] += _running[i] ? weight * _scores[i] : 0;
        }
    }
}

/// <summary>Random shooting: draws plans by chance and does the best of them.</summary>
public sealed class RandomShooting : SamplingPlanner
{
    /// <summary>A planner over an imagination, which stays the caller's.</summary>
    public RandomShooting(Imagination imagination, PlannerOptions? options = null)
        : base(imagination, options ?? new PlannerOptions(), improves: false)
    {
    }

    private protected override bool DoesBest => true;

    private protected override void Weigh(ReadOnlySpan<double> scores, Span<double> weights) => weights.Fill(1.0 / weights.Length);
}

/// <summary>
/// The cross-entropy method: draws around the best plans, again and again. With persistent noise, the best kept from round to
/// round and the guess carried on from decision to decision (Pinneri et al., Sample-efficient Cross-Entropy Method, 2020).
/// </summary>
public sealed class CrossEntropyPlanner : SamplingPlanner
{
    /// <summary>A planner over an imagination, which stays the caller's.</summary>
    public CrossEntropyPlanner(Imagination imagination, PlannerOptions? options = null)
        : base(imagination, options ?? new PlannerOptions(), improves: true)
    {
    }

    private protected override bool DoesBest => true;

    private protected override void Weigh(ReadOnlySpan<double> scores, Span<double> weights) => weights.Fill(1.0 / weights.Length);
}

/// <summary>
/// Path-integral planning (MPPI): the middle of the good plans, weighed by the exponential of their scores
/// (Williams et al., Model Predictive Path Integral Control, 2015; with a spread that adapts as in Hansen et al., 2022).
/// </summary>
public sealed class PathIntegralPlanner : SamplingPlanner
{
    /// <summary>A planner over an imagination, which stays the caller's.</summary>
    public PathIntegralPlanner(Imagination imagination, PlannerOptions? options = null)
        : base(imagination, options ?? new PlannerOptions(), improves: true)
    {
    }

    private protected override bool DoesBest => false;

    private protected override void Weigh(ReadOnlySpan<double> scores, Span<double> weights)
    {
        double sum = 0, square = 0;
        var finite = 0;
        foreach (var score in scores)
        {
            if (double.IsFinite(score))
            {
                (sum, square, finite) = (sum + score, square + (score * score), finite + 1);
            }
        }

        var deviation = finite == 0 ? 0 : Math.Sqrt(Math.Max(0, (square / finite) - (sum / finite * (sum / finite))));
        var total = 0.0;
        for (var i = 0; i < scores.Length; i++)
        {
            weights[i] = scores[i].Equals(scores[0]) ? 1 : Math.Exp((scores[i] - scores[0]) / Math.Max(1e-12, Options.Temperature * deviation));
            total += weights[i];
        }

        for (var i = 0; i < weights.Length; i++)
        {
            weights[i] /= total;
        }
    }
}
