// Numbers as a row of little bars, the lowest the least of them and the highest the most.
using System.Text;

namespace Umwelt.Cli.Output;

internal static class Sparkline
{
    private const string Bars = "▁▂▃▄▅▆▇█";

    /// <summary>At most <paramref name="width"/> bars; of more numbers each bar shows the last of its share.</summary>
    public static string Of(IReadOnlyList<double> numbers, int width)
    {
        var bars = Math.Min(width, numbers.Count);
        if (bars < 1)
        {
            return "";
        }

        var (least, most) = (numbers.Min(), numbers.Max());
        var line = new StringBuilder(bars);
        for (var i = 0; i < bars; i++)
        {
            var number = numbers[(int)(((i + 1L) * numbers.Count / bars) - 1)];
            var height = most > least ? (number - least) / (most - least) : 0;
            line.Append(double.IsFinite(height) ? Bars[(int)Math.Clamp(height * Bars.Length, 0, Bars.Length - 1)] : ' ');
        }

        return line.ToString();
    }
}
