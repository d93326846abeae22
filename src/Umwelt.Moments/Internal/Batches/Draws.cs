// The order in which items are drawn: groups with chances of their own, and within a group a shuffle without replacement,
// another one each round. The whole position is how many were drawn, of each group.
using Umwelt.Storage;

namespace Umwelt.Moments.Internal.Batches;

internal sealed class Draws
{
    private const long ChoicePurpose = 1;
    private const long ShufflePurpose = 2;

    private readonly long _seed;
    private readonly long[] _counts;
    private readonly double[] _limits;
    private readonly long[] _taken;
    private readonly Permutation[] _shuffles;
    private readonly long[] _rounds;

    /// <summary>Draws from groups of so many items with these chances, which need not sum to one.</summary>
    public Draws(long seed, ReadOnlySpan<long> counts, ReadOnlySpan<double> chances)
    {
        _seed = seed;
        _counts = counts.ToArray();
        _limits = chances.ToArray();
        for (var i = 1; i < _limits.Length; i++)
        {
            _limits[i] += _limits[i - 1];
        }

        _taken = new long[counts.Length];
        _shuffles = new Permutation[counts.Length];
        _rounds = new long[counts.Length];
        Array.Fill(_rounds, -1);
        foreach (var count in counts)
        {
            Total += count;
        }
    }

    /// <summary>How many items there are.</summary>
    public long Total { get; }

    /// <summary>How many were drawn.</summary>
    public long Drawn { get; private set; }

    /// <summary>How many numbers a position takes.</summary>
    public int StateLength => 1 + _taken.Length;

    /// <summary>The next item and its group.</summary>
    public long Next(out int group)
    {
        group = Choose();
        Drawn++;
        var taken = _taken[group]++;
        var round = taken / _counts[group];
        if (round != _rounds[group])
        {
            _shuffles[group] = new Permutation(RandomStream.Of(_seed, ShufflePurpose, group, round).Key, _counts[group]);
            _rounds[group] = round;
        }

        return _shuffles[group][taken - (round * _counts[group])];
    }

    public void Capture(Span<long> numbers)
    {
        numbers[0] = Drawn;
        _taken.CopyTo(numbers[1..]);
    }

    public bool TryRestore(ReadOnlySpan<long> numbers)
    {
        var sum = 0L;
        foreach (var number in numbers[1..])
        {
            if (number < 0 || number > long.MaxValue - sum)
            {
                return false;
            }

            sum += number;
        }

        if (sum != numbers[0])
        {
            return false;
        }

        Drawn = numbers[0];
        numbers[1..].CopyTo(_taken);
        return true;
    }

    private int Choose()
    {
        if (_limits.Length == 1)
        {
            return 0;
        }

        // A double takes two words of the stream.
        var at = RandomStream.Of(_seed, ChoicePurpose).At((ulong)Drawn * 2).NextDouble() * _limits[^1];
        var group = 0;
        while (group < _limits.Length - 1 && at >= _limits[group])
        {
            group++;
        }

        return group;
    }
}
