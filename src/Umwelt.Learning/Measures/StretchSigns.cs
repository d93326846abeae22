// What can be told of a stretch of moments without knowing what should be there: its colours, how loud it is, how well commands
// can be read off its pictures, and how often nothing moves though motion was commanded.
using Umwelt.Moments;

namespace Umwelt.Learning.Measures;

internal sealed class StretchSigns
{
    private readonly int? _sight;
    private readonly int? _hearing;
    private readonly InverseModel? _inverse;

    /// <param name="exam">Whose channels.</param>
    /// <param name="inverse">Reads commands off pictures; null without.</param>
    /// <param name="frozen">The change of a picture below which it counts as frozen.</param>
    public StretchSigns(Examination exam, InverseModel? inverse, double frozen)
    {
        (_sight, _hearing, _inverse, Frozen) = (exam.First<ImageChannel>(), exam.First<SoundChannel>(), inverse, frozen);
        var names = new List<string>();
        if (_sight is { } sight)
        {
            names.AddRange(Enumerable.Range(0, ((ImageChannel)exam.Schema.Channels[sight]).Colours).Select(i => $"colour {i}"));
        }

        if (_hearing is not null)
        {
            names.Add("sound level in dB");
        }

        if (_inverse is not null)
        {
            names.Add("error of commands read");
        }

        if (_sight is not null)
        {
            names.Add("share of frozen moments");
        }

        Names = names;
    }

    public IReadOnlyList<string> Names { get; }

    public double Frozen { get; }

    /// <summary>The signs of moments that follow each other in a batch; NaN where one can't be told.</summary>
    public double[] Of(MomentBatch moments, int first, int count)
    {
        var signs = new List<double>();
        if (_sight is { } sight)
        {
            var colours = ((ImageChannel)moments.Schema.Channels[sight]).Colours;
            var sums = new double[colours];
            for (var t = 0; t < count; t++)
            {
                var picture = moments.Image(sight, first + t);
                for (var i = 0; i < picture.Length; i++)
                {
                    sums[i % colours] += picture[i];
                }
            }

            signs.AddRange(sums.Select(sum => sum / (count * (double)moments.Image(sight, first).Length / colours)));
        }

        if (_hearing is { } hearing)
        {
            double squares = 0, samples = 0;
            for (var t = 0; t < count; t++)
            {
                foreach (var sample in moments.Sound(hearing, first + t))
                {
                    squares += sample * (double)sample;
                    samples++;
                }
            }

            signs.Add(10 * Math.Log10((squares / samples / (32768.0 * 32768)) + 1e-10));
        }

        if (_inverse is not null)
        {
            var pairs = Enumerable.Range(first + 1, count - 1).Where(row => (row - first) % 4 == 1).Select(row => new PicturePair(moments, row - 1, moments, row)).ToArray();
            var read = _inverse.Read(pairs);
            var error = 0.0;
            for (var i = 0; i < read.Length; i++)
            {
                var number = i % _inverse.Numbers.Count;
                var difference = read[i] - _inverse.Target(moments, pairs[i / _inverse.Numbers.Count].AfterRow, number);
                error += difference * difference;
            }

            signs.Add(error / Math.Max(1, read.Length));
        }

        if (_sight is { } seen)
        {
            double frozen = 0, moving = 0;
            for (var row = first + 1; row < first + count; row++)
            {
                if (Rollout.IsMoving(moments, row))
                {
                    moving++;
                    frozen += Change(moments, seen, row) < Frozen ? 1 : 0;
                }
            }

            signs.Add(moving > 0 ? frozen / moving : double.NaN);
        }

        return [.. signs];
    }

    /// <summary>The mean change of a picture from the moment before, in steps of brightness.</summary>
    public static double Change(MomentBatch moments, int sight, int row)
    {
        var before = moments.Image(sight, row - 1);
        var after = moments.Image(sight, row);
        var sum = 0L;
        for (var i = 0; i < after.Length; i++)
        {
            sum += Math.Abs(after[i] - before[i]);
        }

        return sum / (double)after.Length;
    }
}
