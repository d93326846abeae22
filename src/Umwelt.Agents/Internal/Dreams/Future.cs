// What rows dreamed from their starts on, [time, row], how far each moment counts, and what came of it. A moment counts as far as
// it is probable that its episode still went on; where a row leaves what the model knows, nothing after that counts.
// Source: Hafner et al., Mastering Diverse Domains through World Models, 2023, equation 7.
namespace Umwelt.Agents.Internal.Dreams;

internal sealed class Future(int length, int rows, int features, int commands)
{
    public int Length => length;

    public int Rows => rows;

    public int Count => length * rows;

    /// <summary>One moment more than there are commands.</summary>
    public float[] Features { get; } = new float[(length + 1) * rows * features];

    public float[] Commands { get; } = new float[length * rows * commands];

    /// <summary>Logarithms of how probable the commands were.</summary>
    public float[] Logarithms { get; } = new float[length * rows];

    public float[] Rewards { get; } = new float[length * rows];

    /// <summary>How probable it is that the episode went on after the command.</summary>
    public float[] GoesOn { get; } = new float[length * rows];

    /// <summary>Whether the moment after the command is one that the model knows nothing of.</summary>
    public bool[] IsLost { get; } = new bool[length * rows];

    /// <summary>What moments are thought to be worth; one moment more than there are commands.</summary>
    public float[] Values { get; } = new float[(length + 1) * rows];

    /// <summary>What moments turned out to be worth.</summary>
    public float[] Returns { get; } = new float[length * rows];

    /// <summary>How far a command counts.</summary>
    public float[] Weights { get; } = new float[length * rows];

    /// <summary>Finds returns and weights.</summary>
    /// <param name="discount">What a reward counts compared with that of the moment before.</param>
    /// <param name="trace">How far what really came is trusted rather than what was thought of the next moment, from 0 to 1.</param>
    public void Judge(double discount, double trace)
    {
        for (var row = 0; row < rows; row++)
        {
            double weight = 1, next = Values[(length * rows) + row];
            for (var t = 0; t < length; t++)
            {
                var i = (t * rows) + row;
                Weights[i] = (float)weight;
                weight *= IsLost[i] ? 0 : discount * GoesOn[i];
            }

            for (var t = length - 1; t >= 0; t--)
            {
                // What comes after a moment that nothing is known of is what that moment is thought to be worth.
                var i = (t * rows) + row;
                var (thought, trust) = (Values[i + rows], IsLost[i] ? 0 : trace);
                next = Rewards[i] + (discount * GoesOn[i] * (((1 - trust) * thought) + (trust * next)));
                Returns[i] = (float)next;
            }
        }
    }
}
