// Statistics of a feature as LeRobot keeps them, for each episode and over all: least, most, mean, deviation, count and quantiles of each
// number; pictures by colour, from 0 to 1. Over all, quantiles are the mean of the episodes' weighted by their rows, as LeRobot has it.
namespace Umwelt.Moments.Exporters.LeRobot;

/// <summary>Each kind of statistic with a value a number; the count has one.</summary>
internal sealed class LeRobotStatistic(int size)
{
    public static readonly (string Name, double Share)[] Quantiles = [("q01", 0.01), ("q10", 0.1), ("q50", 0.5), ("q90", 0.9), ("q99", 0.99)];

    public long Count { get; set; }

    public double[] Least { get; } = new double[size];

    public double[] Most { get; } = new double[size];

    public double[] Mean { get; } = new double[size];

    public double[] Deviation { get; } = new double[size];

    public double[][] Shares { get; } = [.. Quantiles.Select(_ => new double[size])];

    public IEnumerable<(string Name, double[] Values)> Named()
    {
        yield return ("min", Least);
        yield return ("max", Most);
        yield return ("mean", Mean);
        yield return ("std", Deviation);
        for (var i = 0; i < Quantiles.Length; i++)
        {
            yield return (Quantiles[i].Name, Shares[i]);
        }
    }

    /// <summary>The statistic of all rows from those of episodes.</summary>
    public static LeRobotStatistic Over(IReadOnlyList<LeRobotStatistic> episodes, int size)
    {
        episodes = [.. episodes.Where(episode => episode.Count > 0)];
        var all = new LeRobotStatistic(size) { Count = episodes.Sum(episode => episode.Count) };
        for (var i = 0; i < size && all.Count > 0; i++)
        {
            all.Least[i] = episodes.Min(episode => episode.Least[i]);
            all.Most[i] = episodes.Max(episode => episode.Most[i]);
            all.Mean[i] = episodes.Sum(episode => episode.Mean[i] * episode.Count) / all.Count;
            var mean = all.Mean[i];
            var variance = episodes.Sum(episode => ((episode.Deviation[i] * episode.Deviation[i]) + ((episode.Mean[i] - mean) * (episode.Mean[i] - mean))) * episode.Count) / all.Count;
            all.Deviation[i] = Math.Sqrt(variance);
            for (var q = 0; q < Quantiles.Length; q++)
            {
                all.Shares[q][i] = episodes.Sum(episode => episode.Shares[q][i] * episode.Count) / all.Count;
            }
        }

        return all;
    }
}

internal abstract class LeRobotStatistics(int size)
{
    public int Size => size;

    /// <summary>What has gathered since the last call; starts anew.</summary>
    public abstract LeRobotStatistic Take();

    protected static double Between(double low, double high, double place) => low + ((high - low) * (place - Math.Floor(place)));
}

/// <summary>Of numbers: an episode's are kept until it ends.</summary>
internal sealed class LeRobotNumberStatistics(int size) : LeRobotStatistics(size)
{
    private readonly List<float> _values = [];

    /// <summary>Adds a row; one that holds what is no number counts for nothing.</summary>
    public void Add(ReadOnlySpan<float> row)
    {
        foreach (var value in row)
        {
            if (!float.IsFinite(value))
            {
                return;
            }
        }

        _values.AddRange(row);
    }

    public override LeRobotStatistic Take()
    {
        var rows = _values.Count / Size;
        var result = new LeRobotStatistic(Size) { Count = rows };
        var column = new float[rows];
        for (var i = 0; i < Size && rows > 0; i++)
        {
            var sum = 0.0;
            for (var row = 0; row < rows; row++)
            {
                column[row] = _values[(row * Size) + i];
                sum += column[row];
            }

            var mean = sum / rows;
            var squares = 0.0;
            foreach (var value in column)
            {
                squares += (value - mean) * (value - mean);
            }

            Array.Sort(column);
            result.Least[i] = column[0];
            result.Most[i] = column[^1];
            result.Mean[i] = mean;
            result.Deviation[i] = Math.Sqrt(squares / rows);
            for (var q = 0; q < LeRobotStatistic.Quantiles.Length; q++)
            {
                var place = LeRobotStatistic.Quantiles[q].Share * (rows - 1);
                result.Shares[q][i] = Between(column[(int)place], column[Math.Min(rows - 1, (int)place + 1)], place);
            }
        }

        _values.Clear();
        return result;
    }
}

/// <summary>Of pictures: how often each brightness of each colour came, which tells all the rest exactly.</summary>
internal sealed class LeRobotPictureStatistics(int colours) : LeRobotStatistics(colours)
{
    private readonly long[] _counts = new long[colours * 256];
    private long _pictures;

    public void Add(ReadOnlySpan<byte> pixels)
    {
        _pictures++;
        for (int i = 0, colour = 0; i < pixels.Length; i++)
        {
            _counts[(colour * 256) + pixels[i]]++;
            colour = colour + 1 == Size ? 0 : colour + 1;
        }
    }

    public override LeRobotStatistic Take()
    {
        var result = new LeRobotStatistic(Size) { Count = _pictures };
        for (var colour = 0; colour < Size && _pictures > 0; colour++)
        {
            var counts = _counts.AsSpan(colour * 256, 256);
            long total = 0;
            double sum = 0, squares = 0;
            for (var value = 0; value < 256; value++)
            {
                total += counts[value];
                sum += value / 255.0 * counts[value];
                squares += value / 255.0 * (value / 255.0) * counts[value];
            }

            result.Least[colour] = counts.IndexOfAnyExcept(0) / 255.0;
            result.Most[colour] = counts.LastIndexOfAnyExcept(0) / 255.0;
            result.Mean[colour] = sum / total;
            result.Deviation[colour] = Math.Sqrt(Math.Max(0, (squares / total) - (sum / total * (sum / total))));
            for (var q = 0; q < LeRobotStatistic.Quantiles.Length; q++)
            {
                var left = LeRobotStatistic.Quantiles[q].Share * (total - 1);
                var value = 0;
                for (long before = counts[0]; before <= left; before += counts[value])
                {
                    value++;
                }

                result.Shares[q][colour] = value / 255.0;
            }
        }

        Array.Clear(_counts);
        _pictures = 0;
        return result;
    }
}
