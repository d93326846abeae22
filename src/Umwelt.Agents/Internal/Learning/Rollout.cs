// What rows lived between two improvements, [time, row], and what of it turned out better than was thought.
// Source: Schulman et al., High-Dimensional Continuous Control Using Generalized Advantage Estimation, 2016, equation 16.
namespace Umwelt.Agents.Internal.Learning;

internal sealed class Rollout(int length, int rows, int features, int commands)
{
    public int Length => length;

    public int Rows => rows;

    public int Count => length * rows;

    public float[] Features { get; } = new float[length * rows * features];

    public float[] Commands { get; } = new float[length * rows * commands];

    /// <summary>Logarithms of how probable the commands were.</summary>
    public float[] Logarithms { get; } = new float[length * rows];

    /// <summary>What moments were thought to be worth before their commands.</summary>
    public float[] Values { get; } = new float[length * rows];

    /// <summary>Rewards that followed; where time ran out, with the worth of what would have come.</summary>
    public float[] Rewards { get; } = new float[length * rows];

    /// <summary>Whether the episode stopped after the command.</summary>
    public bool[] Stops { get; } = new bool[length * rows];

    public float[] Advantages { get; } = new float[length * rows];

    public float[] Returns { get; } = new float[length * rows];

    /// <summary>Finds advantages and returns.</summary>
    /// <param name="last">What the rows' present moments are thought to be worth.</param>
    /// <param name="discount">What a reward counts compared with that of the moment before.</param>
    /// <param name="trace">How far back surprise is passed on.</param>
    public void Judge(ReadOnlySpan<float> last, double discount, double trace)
    {
        for (var row = 0; row < rows; row++)
        {
            var (advantage, next) = (0.0, (double)last[row]);
            for (var t = length - 1; t >= 0; t--)
            {
                var i = (t * rows) + row;
                var goesOn = Stops[i] ? 0 : discount;
                advantage = Rewards[i] + (goesOn * next) - Values[i] + (goesOn * trace * advantage);
                next = Values[i];
                (Advantages[i], Returns[i]) = ((float)advantage, (float)(advantage + Values[i]));
            }
        }
    }
}
