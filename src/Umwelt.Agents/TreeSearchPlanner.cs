// Monte-Carlo tree search: a tree of what could be done, grown where it is promising or little known. Several leaves are grown
// at once, so that futures are stepped together; while a leaf is being tried its path counts as tried and bad, which spreads
// the others. Where no value is given, a leaf is worth what acting by chance from there brings. Futures of one present follow
// from the commands alone, so what was lived once can be had: the best of all lives is done, whether it lies in the tree or not.
// Sources: Kocsis and Szepesvári, Bandit based Monte-Carlo Planning, 2006; the best beside the mean as in Schadd et al.,
// Single-player Monte-Carlo tree search, 2008; scores scaled to the tree's own as in Schrittwieser et al., 2020, appendix B.
using Umwelt.Agents.Internal;
using Umwelt.Moments;
using Umwelt.Storage;

namespace Umwelt.Agents;

/// <summary>Monte-Carlo tree search over commands that can be counted; numbers take a few levels each.</summary>
public sealed class TreeSearchPlanner : Planner
{
    private const int MostCommands = 1024;
    private const int MostAtOnce = 8;
    private const int MostNodes = 4096;
    private readonly float[][] _every;
    private readonly Futures _kept;
    private readonly Futures _chance;
    private readonly List<Node> _nodes = [];
    private readonly List<Node> _leaves = [];
    private readonly double[] _weights;
    private readonly int[][] _wandered;
    private readonly bool[] _isCut;
    private readonly List<int> _bestPath = [];
    private readonly int[][] _followed;
    private double _best;
    private double _least;
    private double _most;

    /// <summary>A planner over an imagination, which stays the caller's.</summary>
    public TreeSearchPlanner(Imagination imagination, PlannerOptions? options = null)
        : base(imagination, options ?? new PlannerOptions())
    {
        _every = Commands.Every(Options.Levels, MostCommands);
        _kept = new Futures(Imagination, Math.Min(Options.Budget, MostNodes) + 1);
        _chance = new Futures(Imagination, Math.Min(Math.Min(MostAtOnce, Options.Rows), Options.Budget));
        _isCut = new bool[_chance.World.Count];
        _wandered = [.. _isCut.Select(_ => new int[Options.Horizon])];
        _followed = [.. Enumerable.Range(0, imagination.Count).Select(static _ => Array.Empty<int>())];
        _weights = new double[Options.Horizon + 1];
        for (var i = 0; i < _weights.Length; i++)
        {
            _weights[i] = Math.Pow(Options.Discount, i);
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _kept.World.Dispose();
            _chance.World.Dispose();
        }

        base.Dispose(disposing);
    }

    private protected override (double Promise, int Length) Plan(int row, int since, long seed, Span<float> plan)
    {
        var random = RandomStream.Of(seed);
        _nodes.Clear();
        _bestPath.Clear();
        (_least, _most, _best) = (double.PositiveInfinity, double.NegativeInfinity, double.NegativeInfinity);
        Imagination.Branch(_kept.World, row, [0]);
        _nodes.Add(new Node(null, -1, 0, 0, _every.Length));
        var left = Options.Budget - Follow(_followed[row].AsSpan(Math.Min(since, _followed[row].Length)), ref random);
        while (left > 0 && _nodes.Count < _kept.World.Count && (_bestPath.Count == 0 || !IsLate()))
        {
            var spent = Grow(ref random, left);
            if (spent == 0)
            {
                break;
            }

            left -= spent;
        }

        for (var t = 0; t < _bestPath.Count; t++)
        {
            _every[_bestPath[t]].CopyTo(plan[(t * Commands.Size)..]);
        }

        _followed[row] = [.. _bestPath];
        return (_best, _bestPath.Count);
    }

    private protected override void Forget(int row) => _followed[row] = [];

    // What is left of the last plan is lived first, so that no plan is ever worse than going on.
    private int Follow(ReadOnlySpan<int> path, ref RandomStream random)
    {
        var (node, spent) = (_nodes[0], 0);
        for (var t = 0; t < path.Length && spent < Options.Budget && !node.IsOver; t++)
        {
            var leaf = node.Children[path[t]] = new Node(node, path[t], node.Depth + 1, _nodes.Count, _every.Length);
            _nodes.Add(leaf);
            _leaves.Clear();
            _leaves.Add(leaf);
            spent += Step();
            node = leaf;
        }

        if (spent > 0)
        {
            for (var at = node; at is not null; at = at.Parent)
            {
                at.Pending++;
            }

            spent += Value(ref random, Options.Budget - spent);
        }

        return spent;
    }

    // Grows some leaves and learns what they are worth; gives the moments that took.
    private int Grow(ref RandomStream random, int left)
    {
        _leaves.Clear();
        var cost = Options.Value is null ? Options.Horizon : 1;
        var (spent, most) = (0, Math.Min(_chance.World.Count, Math.Min(Math.Max(1, left / cost), _kept.World.Count - _nodes.Count)));
        for (var tries = 0; tries < most && Descend(ref random) is var (node, command); tries++)
        {
            var leaf = node.Children[command] = new Node(node, command, node.Depth + 1, _nodes.Count, _every.Length);
            _nodes.Add(leaf);
            _leaves.Add(leaf);
            for (var at = leaf; at is not null; at = at.Parent)
            {
                at.Pending++;
            }
        }

        if (_leaves.Count > 0)
        {
            spent += Step();
            spent += Value(ref random, left - spent);
        }

        return spent;
    }

    // From the root to where the tree stops: a node and a command never tried there. Null where everything is known, or where it
    // stops at a leaf that is being tried, which nothing is known of yet.
    private (Node Node, int Command)? Descend(ref RandomStream random)
    {
        var node = _nodes[0];
        while (!node.IsKnown)
        {
            var untried = node.Children.Count(static child => child is null);
            if (untried > 0)
            {
                var skip = random.NextInt32(untried);
                for (var command = 0; ; command++)
                {
                    if (node.Children[command] is null && skip-- == 0)
                    {
                        return (node, command);
                    }
                }
            }

            node = Choose(node);
            if (node.Visits == 0)
            {
                return null;
            }
        }

        return null;
    }

    private Node Choose(Node node)
    {
        // What is wholly known needs no more tries.
        var (best, bestScore) = (node.Children.First(static child => !child!.IsKnown)!, double.NegativeInfinity);
        var log = Math.Log(node.Visits + node.Pending + 1);
        foreach (var child in node.Children)
        {
            if (child!.IsKnown)
            {
                continue;
            }

            var tries = child.Visits + child.Pending;
            var range = _most - _least;
            var worth = child.Visits == 0 ? 0 : range > 0 ? (child.Worth(Options.Discount) - _least) / range : 0.5;
            var score = (worth * child.Visits / Math.Max(1, tries)) + (Options.Curiosity * Math.Sqrt(log / Math.Max(1, tries)));
            if (score > bestScore)
            {
                (best, bestScore) = (child, score);
            }
        }

        return best;
    }

    // Steps the leaves from where their parents stand.
    private int Step()
    {
        ((IForkable)_kept.World).CopyRows(_kept.World, [.. _leaves.Select(leaf => leaf.Parent!.Row)], [.. _leaves.Select(leaf => leaf.Row)]);
        Array.Clear(_kept.Rows);
        foreach (var leaf in _leaves)
        {
            _kept.Rows[leaf.Row] = true;
            Commands.Write(_every[leaf.Command], _kept.Commands, leaf.Row);
        }

        _kept.World.Step(_kept.Commands, _kept.Moments, _kept.Rows);
        Goal(_kept.Moments, _kept.Rows, _kept.Scores);
        foreach (var leaf in _leaves)
        {
            var reward = _kept.Scores[leaf.Row];
            leaf.Reward = double.IsNaN(reward) ? 0 : reward;
            leaf.IsOver = _kept.Moments.Endings[leaf.Row] != Ending.None;
        }

        ImaginedMoments += _leaves.Count;
        return _leaves.Count;
    }

    // What the new leaves are worth: what they are said to be, or what chance makes of them.
    private int Value(ref RandomStream random, int left)
    {
        if (Options.Value is { } value)
        {
            for (var i = 0; i < _leaves.Count; i++)
            {
                _kept.Rows[_leaves[i].Row] = !_leaves[i].IsOver;
            }

            value(_kept.Moments, _kept.Rows, _kept.Scores);
            foreach (var leaf in _leaves)
            {
                _kept.Scores[leaf.Row] = double.IsNaN(_kept.Scores[leaf.Row]) ? 0 : _kept.Scores[leaf.Row];
            }
        }

        Array.Clear(_isCut);
        var worth = new double[_leaves.Count];
        var lengths = new int[_leaves.Count];
        var spent = Options.Value is null ? Wander(worth, lengths, ref random, left) : 0;
        for (var i = 0; i < _leaves.Count; i++)
        {
            var leaf = _leaves[i];
            for (var at = leaf; at is not null; at = at.Parent)
            {
                at.Pending--;
            }

            // A life that was cut off for want of budget or time says nothing, unless nothing else is known.
            if (!_isCut[i])
            {
                Note(leaf, i, lengths[i], Learn(leaf, leaf.IsOver ? 0 : Options.Value is null ? worth[i] : _kept.Scores[leaf.Row]));
            }
            else if (_bestPath.Count == 0)
            {
                Note(leaf, i, lengths[i], 0);
            }
        }

        return spent;
    }

    // Remembers the best life so far: the path to a leaf, and what chance did from there.
    private void Note(Node leaf, int place, int length, double total)
    {
        if (_bestPath.Count > 0 && !(total > _best))
        {
            return;
        }

        _best = total;
        _bestPath.Clear();
        for (var at = leaf; at.Parent is not null; at = at.Parent)
        {
            _bestPath.Insert(0, at.Command);
        }

        _bestPath.AddRange(_wandered[place].AsSpan(0, length));
    }

    // Acts by chance from each leaf up to the horizon.
    private int Wander(double[] worth, int[] lengths, ref RandomStream random, int left)
    {
        // Chance goes on with what was done for a while, so that it gets somewhere.
        Array.Clear(_chance.Rows);
        var (places, sources) = (new List<int>(), new List<int>());
        for (var i = 0; i < _leaves.Count; i++)
        {
            if (!_leaves[i].IsOver && _leaves[i].Depth < Options.Horizon)
            {
                _chance.Rows[i] = true;
                places.Add(i);
                sources.Add(_leaves[i].Row);
            }
        }

        if (places.Count > 0)
        {
            ((IForkable)_chance.World).CopyRows(_kept.World, [.. sources], [.. places]);
        }

        var spent = 0;
        for (var t = 0; _chance.Rows.AsSpan().Contains(true); t++)
        {
            var running = _chance.Rows.AsSpan().Count(true);
            if (spent + running > left || IsLate())
            {
                _chance.Rows.CopyTo(_isCut, 0);
                break;
            }

            spent += running;
            ImaginedMoments += running;
            for (var i = 0; i < _leaves.Count; i++)
            {
                if (_chance.Rows[i])
                {
                    var last = t == 0 ? _leaves[i].Command : _wandered[i][t - 1];
                    _wandered[i][t] = random.NextDouble() < Options.Persistence ? last : random.NextInt32(_every.Length);
                    lengths[i] = t + 1;
                    Commands.Write(_every[_wandered[i][t]], _chance.Commands, i);
                }
            }

            _chance.World.Step(_chance.Commands, _chance.Moments, _chance.Rows);
            Goal(_chance.Moments, _chance.Rows, _chance.Scores);
            for (var i = 0; i < _leaves.Count; i++)
            {
                if (_chance.Rows[i])
                {
                    worth[i] += double.IsNaN(_chance.Scores[i]) ? 0 : _weights[t] * _chance.Scores[i];
                    _chance.Rows[i] = _chance.Moments.Endings[i] == Ending.None && _leaves[i].Depth + t + 1 < Options.Horizon;
                }
            }
        }

        return spent;
    }

    // What a node turned out to be worth goes up to all it follows from; gives what the whole life brought.
    private double Learn(Node node, double worth)
    {
        for (var at = node; ; at = at.Parent)
        {
            at.Learn(worth);
            if (at.Parent is null)
            {
                at.IsKnown = Array.TrueForAll(at.Children, static child => child is { IsKnown: true });
                return worth;
            }

            at.IsKnown = at.IsOver || at.Depth == Options.Horizon || Array.TrueForAll(at.Children, static child => child is { IsKnown: true });
            worth = at.Reward + (Options.Discount * worth);
            (_least, _most) = (Math.Min(_least, at.Worth(Options.Discount)), Math.Max(_most, at.Worth(Options.Discount)));
        }
    }

    /// <summary>Rows that futures live in, with what they do and what follows.</summary>
    private sealed class Futures(Imagination imagination, int count)
    {
        public World World { get; } = imagination.CreateFutures(count);

        public MomentBatch Moments { get; } = new(imagination.Schema, count);

        public MomentBatch Commands { get; } = new(imagination.Schema.Motor, count);

        public double[] Scores { get; } = new double[count];

        public bool[] Rows { get; } = new bool[count];
    }

    private sealed class Node(Node? parent, int command, int depth, int row, int commands)
    {
        public Node? Parent => parent;

        public int Command => command;

        public int Depth => depth;

        public int Row => row;

        public Node?[] Children { get; } = new Node?[commands];

        public double Reward { get; set; }

        public bool IsOver { get; set; }

        /// <summary>Whether everything that can follow was tried.</summary>
        public bool IsKnown { get; set; }

        public int Visits { get; private set; }

        public int Pending { get; set; }

        /// <summary>The best that was seen after it.</summary>
        public double Best { get; private set; } = double.NegativeInfinity;

        private double Sum { get; set; }

        public void Learn(double worth)
        {
            Visits++;
            Sum += worth;
            Best = Math.Max(Best, worth);
        }

        /// <summary>What it brings with all that follows: midway between what it brought at best and what on average.</summary>
        public double Worth(double discount) => Reward + (discount * ((Sum / Visits) + Best) / 2);
    }
}
