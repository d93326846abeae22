// Chooses a token from scores. What is chosen depends on the scores, the options, the tokens before and one random number.
// It stands between one token and the next, so what goes over the whole vocabulary goes over it a register at a time, and only
// what a filter may keep is ever sorted.
using System.Numerics.Tensors;

namespace Umwelt.Models.Internal.Text;

internal sealed class TokenChoice
{
    private readonly SamplingOptions _options;
    private readonly float[] _scores;
    private readonly double[] _weights;
    private readonly int[] _order;
    private readonly int[] _seen;
    private readonly Comparison<int> _likelierFirst;
    private int _round;

    public TokenChoice(int vocabulary, SamplingOptions options)
    {
        _options = options;
        _scores = new float[vocabulary];
        _weights = new double[vocabulary];
        _order = new int[vocabulary];
        _seen = new int[vocabulary];
        _likelierFirst = (a, b) => _weights[a] != _weights[b] ? _weights[b].CompareTo(_weights[a]) : a.CompareTo(b);
    }

    /// <summary>A token. The scores are left as they are.</summary>
    /// <param name="scores">Of each token.</param>
    /// <param name="before">The text so far.</param>
    /// <param name="uniform">In [0, 1).</param>
    /// <exception cref="InvalidOperationException">A score is no number.</exception>
    public int Choose(ReadOnlySpan<float> scores, IReadOnlyList<int> before, double uniform)
    {
        scores.CopyTo(_scores);
        Penalise(before);
        var best = Likeliest();
        if (_options.Temperature == 0 || !float.IsFinite(_scores[best]))
        {
            return best;
        }

        // The likeliest has weight 1.
        TensorPrimitives.ConvertTruncating<float, double>(_scores, _weights);
        TensorPrimitives.Subtract<double>(_weights, _scores[best], _weights);
        TensorPrimitives.Divide<double>(_weights, _options.Temperature, _weights);
        TensorPrimitives.Exp<double>(_weights, _weights);
        return _options is { TopK: 0, TopP: 1, MinP: 0 } ? DrawFromAll(uniform) : Draw(Filter(), uniform);
    }

    // The first of the largest; where there is one that is no number, it is found first.
    private int Likeliest()
    {
        var best = TensorPrimitives.IndexOfMax<float>(_scores);
        return !float.IsNaN(_scores[best]) ? best
            : throw new InvalidOperationException($"The model's score of token {best} is no number: its weights are damaged, or its training has failed.");
    }

    // Each token once, however often it stands there.
    private void Penalise(IReadOnlyList<int> before)
    {
        if (_options.RepetitionPenalty == 1)
        {
            return;
        }

        var penalty = (float)_options.RepetitionPenalty;
        _round++;
        for (var i = Math.Max(0, before.Count - _options.RepetitionWindow); i < before.Count; i++)
        {
            var token = before[i];
            if (token < _scores.Length && _seen[token] != _round)
            {
                _seen[token] = _round;
                _scores[token] = _scores[token] > 0 ? _scores[token] / penalty : _scores[token] * penalty;
            }
        }
    }

    // Puts the tokens that are left first in the order, and says how many they are: top-k, then top-p, then min-p.
    private int Filter()
    {
        var count = _order.Length;
        for (var i = 0; i < count; i++)
        {
            _order[i] = i;
        }

        if (_options.TopK > 0 && _options.TopK < count)
        {
            Select(_options.TopK);
            count = _options.TopK;
        }

        if (_options.TopP < 1)
        {
            count = Nucleus(count);
        }
        else if (_options.TopK > 0)
        {
            _order.AsSpan(0, count).Sort(_likelierFirst);
        }

        return _options.MinP == 0 ? count : Keep(count, _options.MinP);
    }

    private int Nucleus(int count)
    {
        // All tokens below this together weigh less than half of what is to be left out, so they need no place in the order.
        var total = Sum(count);
        count = Keep(count, (1 - _options.TopP) * total / (2.0 * count));
        _order.AsSpan(0, count).Sort(_likelierFirst);
        var (sum, kept) = (0.0, 0);
        while (kept < count && (kept == 0 || sum < _options.TopP * total))
        {
            sum += _weights[_order[kept++]];
        }

        return kept;
    }

    // Those of the first so many that weigh at least this, in their order.
    private int Keep(int count, double least)
    {
        var kept = 0;
        for (var i = 0; i < count; i++)
        {
            var token = _order[i];
            if (_weights[token] >= least)
            {
                _order[kept++] = token;
            }
        }

        return kept;
    }

    // Brings the likeliest so many to the front, in any order among themselves (Hoare's selection).
    private void Select(int wanted)
    {
        var (low, high) = (0, _order.Length - 1);
        while (low < high)
        {
            var pivot = _order[low + ((high - low) / 2)];
            var (left, right) = (low, high);
            while (left <= right)
            {
                while (_likelierFirst(_order[left], pivot) < 0)
                {
                    left++;
                }

                while (_likelierFirst(_order[right], pivot) > 0)
                {
                    right--;
                }

                if (left <= right)
                {
                    (_order[left], _order[right]) = (_order[right], _order[left]);
                    left++;
                    right--;
                }
            }

            // The last wanted place lies in one of the parts, or is settled.
            if (wanted - 1 <= right)
            {
                high = right;
            }
            else if (wanted - 1 >= left)
            {
                low = left;
            }
            else
            {
                return;
            }
        }
    }

    private double Sum(int count)
    {
        var sum = 0.0;
        for (var i = 0; i < count; i++)
        {
            sum += _weights[_order[i]];
        }

        return sum;
    }

    private int DrawFromAll(double uniform)
    {
        const int Block = 64;
        var weights = _weights.AsSpan();
        var left = uniform * Sum(weights);
        for (var first = 0; first < weights.Length; first += Block)
        {
            var block = weights.Slice(first, Math.Min(Block, weights.Length - first));
            var sum = Sum(block);
            if (left >= sum && first + Block < weights.Length)
            {
                left -= sum;
                continue;
            }

            for (var i = 0; i < block.Length; i++)
            {
                left -= block[i];
                if (left < 0)
                {
                    return first + i;
                }
            }
        }

        // Rounding may leave a little over.
        return weights.LastIndexOfAnyExcept(0.0);
    }

    // Four sums side by side in an order of their own, the same on every tier.
    private static double Sum(ReadOnlySpan<double> weights)
    {
        double a = 0, b = 0, c = 0, d = 0;
        var i = 0;
        for (; i + 4 <= weights.Length; i += 4)
        {
            a += weights[i];
            b += weights[i + 1];
            c += weights[i + 2];
            d += weights[i + 3];
        }

        for (; i < weights.Length; i++)
        {
            a += weights[i];
        }

        return a + b + (c + d);
    }

    private int Draw(int count, double uniform)
    {
        var left = uniform * Sum(count);
        for (var i = 0; i < count; i++)
        {
            left -= _weights[_order[i]];
            if (left < 0)
            {
                return _order[i];
            }
        }

        // Rounding may leave a little over.
        return _order[count - 1];
    }
}
