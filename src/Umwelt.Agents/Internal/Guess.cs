// A guess of what to do over the next moments: for each number of each command where it probably lies and how sure that is,
// for each category how probable each is. Sampling planners draw plans from it and move it towards those that went well.
using Umwelt.Storage;

namespace Umwelt.Agents.Internal;

internal sealed class Guess
{
    private readonly CommandSpace _commands;
    private readonly int _horizon;
    private readonly int _categories;
    private readonly float _spread;
    private readonly float _leastSpread;
    private readonly float[] _means;
    private readonly float[] _deviations;
    private readonly float[] _shares;

    public Guess(CommandSpace commands, PlannerOptions options)
    {
        (_commands, _horizon, _categories) = (commands, options.Horizon, Math.Max(1, commands.MostCategories));
        (_spread, _leastSpread) = ((float)options.Spread, (float)options.LeastSpread);
        _means = new float[_horizon * commands.Size];
        _deviations = new float[_means.Length];
        _shares = new float[_means.Length * _categories];
        Forget();
    }

    /// <summary>Nothing is known.</summary>
    public void Forget()
    {
        Array.Clear(_means);
        Widen(0);
    }

    /// <summary>Time has passed: what was guessed of later moments is now of earlier ones, and less sure.</summary>
    public void Shift(int moments)
    {
        var passed = Math.Min(moments, _horizon) * _commands.Size;
        Array.Copy(_means, passed, _means, 0, _means.Length - passed);
        Array.Copy(_deviations, passed, _deviations, 0, _means.Length - passed);
        Array.Clear(_means, _means.Length - passed, passed);
        Array.Copy(_shares, passed * _categories, _shares, 0, (_means.Length - passed) * _categories);
        Widen(_means.Length - passed);
    }

    /// <summary>Draws a plan. Noise goes on from moment to moment, so that plans go somewhere.</summary>
    public void Draw(Span<float> plan, float persistence, ref RandomStream random)
    {
        var fresh = MathF.Sqrt(1 - (persistence * persistence));
        for (var d = 0; d < _commands.Size; d++)
        {
            var (noise, last) = (0f, -1);
            for (var t = 0; t < _horizon; t++)
            {
                var i = (t * _commands.Size) + d;
                if (_commands.CategoriesOf(d) == 0)
                {
                    noise = t == 0 ? random.NextNormal() : (persistence * noise) + (fresh * random.NextNormal());
                    plan[i] = Math.Clamp(_means[i] + (_deviations[i] * noise), -1, 1);
                }
                else
                {
                    // A held category is only as probable as the guess thinks: what it rules out is not held.
                    var stays = last >= 0 && random.NextSingle() < persistence * _shares[(i * _categories) + last];
                    var drawn = random.NextSingle();
                    last = stays ? last : Category(i, d, drawn);
                    plan[i] = last;
                }
            }
        }
    }

    /// <summary>The plan that is most probable.</summary>
    public void Middle(Span<float> plan)
    {
        for (var i = 0; i < _means.Length; i++)
        {
            var categories = _commands.CategoriesOf(i % _commands.Size);
            plan[i] = categories == 0 ? _means[i] : IndexOfMost(_shares.AsSpan(i * _categories, categories));
        }
    }

    /// <summary>Moves to the weighted middle of plans, whose weights sum to 1, but for a share of what was thought before.</summary>
    public void MoveTo(ReadOnlySpan<float[]> plans, ReadOnlySpan<double> weights, float kept)
    {
        for (var i = 0; i < _means.Length; i++)
        {
            var categories = _commands.CategoriesOf(i % _commands.Size);
            var shares = _shares.AsSpan(i * _categories, categories);
            foreach (ref var share in shares)
            {
                share *= kept;
            }

            double mean = 0, square = 0;
            for (var k = 0; k < plans.Length; k++)
            {
                if (categories > 0)
                {
                    shares[(int)plans[k][i]] += (float)((1 - kept) * weights[k]);
                }
                else
                {
                    mean += weights[k] * plans[k][i];
                    square += weights[k] * plans[k][i] * plans[k][i];
                }
            }

            if (categories == 0)
            {
                var deviation = (float)Math.Sqrt(Math.Max(0, square - (mean * mean)));
                _means[i] = (kept * _means[i]) + ((1 - kept) * (float)mean);
                _deviations[i] = Math.Max(_leastSpread, (kept * _deviations[i]) + ((1 - kept) * deviation));
            }
        }
    }

    private static int IndexOfMost(ReadOnlySpan<float> shares)
    {
        var best = 0;
        for (var k = 1; k < shares.Length; k++)
        {
            best = shares[k] > shares[best] ? k : best;
        }

        return best;
    }

    private int Category(int i, int dimension, float drawn)
    {
        var shares = _shares.AsSpan(i * _categories, _commands.CategoriesOf(dimension));
        var sum = 0f;
        for (var k = 0; k < shares.Length - 1; k++)
        {
            sum += shares[k];
            if (drawn < sum)
            {
                return k;
            }
        }

        return shares.Length - 1;
    }

    // What was known before a place becomes less sure, so that new moments can change it: numbers spread twice as far, categories
    // are half as they were. From that place on nothing is known.
    private void Widen(int known)
    {
        const float LeastShare = 0.2f;
        for (var i = 0; i < _means.Length; i++)
        {
            _deviations[i] = i < known ? Math.Clamp(2 * _deviations[i], LeastShare * _spread, _spread) : _spread;
            var categories = _commands.CategoriesOf(i % _commands.Size);
            foreach (ref var share in _shares.AsSpan(i * _categories, categories))
            {
                share = i < known ? (share + (1f / categories)) / 2 : 1f / categories;
            }
        }
    }
}
