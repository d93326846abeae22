// Chooses a token from scores. What is chosen depends on the scores, the options, the tokens before and one random number.
using Umwelt.Models;

namespace Umwelt.Models.Internal.Text;

internal sealed class TokenChoice(int vocabulary, SamplingOptions options)
{
    private readonly float[] _scores = new float[vocabulary];
    private readonly double[] _weights = new double[vocabulary];
    private readonly int[] _order = new int[vocabulary];

    /// <summary>A token. The scores are left as they are.</summary>
    /// <param name="scores">Of each token.</param>
    /// <param name="before">The text so far.</param>
    /// <param name="uniform">In [0, 1).</param>
    public int Choose(ReadOnlySpan<float> scores, IReadOnlyList<int> before, double uniform)
    {
        scores.CopyTo(_scores);
        Penalise(before);
        var best = 0;
        for (var i = 1; i < _scores.Length; i++)
        {
            best = _scores[i] > _scores[best] ? i : best;
        }

        if (options.Temperature == 0 || !float.IsFinite(_scores[best]))
        {
            return best;
        }

        for (var i = 0; i < _scores.Length; i++)
        {
            _weights[i] = Math.Exp((_scores[i] - (double)_scores[best]) / options.Temperature);
        }

        return Draw(Filter(), uniform);
    }

    private void Penalise(IReadOnlyList<int> before)
    {
        if (options.RepetitionPenalty == 1)
        {
            return;
        }

        var penalty = (float)options.RepetitionPenalty;
        var first = Math.Max(0, before.Count - options.RepetitionWindow);
        for (var i = first; i < before.Count; i++)
        {
            var token = before[i];
            var isSeen = false;
            for (var j = first; j < i && !isSeen; j++)
            {
                isSeen = before[j] == token;
            }

            if (!isSeen && token < _scores.Length)
            {
                _scores[token] = _scores[token] > 0 ? _scores[token] / penalty : _scores[token] * penalty;
            }
        }
    }

    // Puts the tokens that are left first in the order, and says how many they are.
    private int Filter()
    {
        var count = 0;
        for (var i = 0; i < _weights.Length; i++)
        {
            // The likeliest has weight 1, so min-p compares with itself and needs no order; without another filter nothing is sorted.
            _order[count] = i;
            count += options.MinP == 0 || IsSorted || _weights[i] >= options.MinP ? 1 : 0;
        }

        if (!IsSorted)
        {
            return count;
        }

        _order.AsSpan(0, count).Sort((a, b) => _weights[a] != _weights[b] ? _weights[b].CompareTo(_weights[a]) : a.CompareTo(b));
        count = options.TopK > 0 ? Math.Min(options.TopK, count) : count;
        if (options.TopP < 1)
        {
            var (total, sum, kept) = (Sum(count), 0.0, 0);
            while (kept < count && (kept == 0 || sum < options.TopP * total))
            {
                sum += _weights[_order[kept++]];
            }

            count = kept;
        }

        while (count > 1 && _weights[_order[count - 1]] < options.MinP)
        {
            count--;
        }

        return count;
    }

    private bool IsSorted => options.TopK > 0 || options.TopP < 1;

    private double Sum(int count)
    {
        var sum = 0.0;
        for (var i = 0; i < count; i++)
        {
            sum += _weights[_order[i]];
        }

        return sum;
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

        return _order[count - 1];
    }
}
