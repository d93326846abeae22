// Random operands for the table: SplitMix64 (Steele, Lea, Flood 2014) seeded by a row's name, so that each row draws the
// same numbers whatever other rows exist.
namespace Umwelt.Tensors.Tests.Operations;

internal sealed class RowRandom
{
    private ulong _state;

    public RowRandom(string seed)
    {
        foreach (var letter in seed)
        {
            _state = (_state ^ letter) * 0x100000001B3UL;
        }
    }

    /// <summary>The next number in [0, 1).</summary>
    public double Next()
    {
        _state += 0x9E3779B97F4A7C15UL;
        var z = _state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return ((z ^ (z >> 31)) >> 11) * (1.0 / (1UL << 53));
    }

    /// <summary>The next integer in [0, limit).</summary>
    public int Next(int limit) => (int)(Next() * limit);

    public int[] Permutation(int count)
    {
        var order = Enumerable.Range(0, count).ToArray();
        for (var i = count - 1; i > 0; i--)
        {
            var other = Next(i + 1);
            (order[i], order[other]) = (order[other], order[i]);
        }

        return order;
    }
}
