// What a probe found out about a world, for tables and JSON.
using Umwelt.Moments;

namespace Umwelt.Worlds.Probe;

/// <summary>What was found.</summary>
/// <param name="Schema">What the world says of itself.</param>
/// <param name="Moments">How many moments were made.</param>
/// <param name="Ends">Episodes that ended.</param>
/// <param name="Truncations">Episodes that were cut.</param>
/// <param name="MomentsPerSecond">Of one row; resets included.</param>
/// <param name="Channels">What each channel held.</param>
/// <param name="Difference">Where two runs with one seed and equal commands differ first; null if nowhere.</param>
/// <param name="Delays">For each motor channel and each sense, how many moments after a command it first shows.</param>
/// <param name="Correlations">The same guessed by correlation, where branching can't tell because resets are not deterministic.</param>
internal sealed record ProbeReport(
    Schema Schema,
    long Moments,
    long Ends,
    long Truncations,
    double MomentsPerSecond,
    IReadOnlyList<ChannelProbe> Channels,
    ProbeDifference? Difference,
    IReadOnlyList<ProbeDelay> Delays,
    IReadOnlyList<ProbeCorrelation> Correlations);

/// <summary>Where two runs differ.</summary>
internal sealed record ProbeDifference(long Moment, string Channel);

/// <summary>After how many moments a command shows in a sense at the earliest; null if it never did.</summary>
internal sealed record ProbeDelay(string Motor, string Sense, int? Moments);

/// <summary>After how many moments a sense changes most in step with a command, and how much.</summary>
internal sealed record ProbeCorrelation(string Motor, string Sense, int Moments, double Correlation);

/// <summary>What one channel held: its presence and range.</summary>
internal sealed class ChannelProbe(Channel channel)
{
    private readonly HashSet<int> _categories = [];

    public Channel Channel { get; } = channel;

    public long Present { get; private set; }

    /// <summary>The least value; of text, of its length in bytes.</summary>
    public double Least { get; private set; } = double.PositiveInfinity;

    public double Most { get; private set; } = double.NegativeInfinity;

    /// <summary>Numbers outside of the range that the channel declares.</summary>
    public long Outside { get; private set; }

    /// <summary>Different categories that came.</summary>
    public int Categories => _categories.Count;

    public void Add(MomentBatch moments, int index, int row)
    {
        if (!moments.IsPresent(index, row))
        {
            return;
        }

        Present++;
        switch (Channel)
        {
            case VectorChannel vector:
                var values = moments.Vector(index, row);
                for (var i = 0; i < values.Length; i++)
                {
                    Add(values[i]);
                    var least = vector.Minimum.IsDefault ? float.NegativeInfinity : vector.Minimum[i];
                    var most = vector.Maximum.IsDefault ? float.PositiveInfinity : vector.Maximum[i];
                    Outside += values[i] < least || values[i] > most ? 1 : 0;
                }

                break;
            case CategoryChannel:
                _categories.Add(moments.Category(index, row));
                Add(moments.Category(index, row));
                break;
            case TextChannel:
                Add(moments.Text(index, row).Length);
                break;
            case SoundChannel:
                foreach (var sample in moments.Sound(index, row))
                {
                    Add(sample);
                }

                break;
            default:
                foreach (var pixel in moments.Bytes(index, row))
                {
                    Add(pixel);
                }

                break;
        }
    }

    private void Add(double value)
    {
        Least = Math.Min(Least, value);
        Most = Math.Max(Most, value);
    }
}
