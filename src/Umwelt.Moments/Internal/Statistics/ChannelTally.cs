// What is counted of a channel, a tally for each kind. Whole numbers are summed as whole numbers, so that no order of
// summation can show; floats one after the other in double.
using System.Collections.Immutable;
using System.Text;

namespace Umwelt.Moments.Internal.Statistics;

internal abstract class ChannelTally(Channel channel)
{
    private long _present;

    public static ChannelTally Of(Channel channel, long moments) => channel switch
    {
        VectorChannel vector => new VectorTally(vector, moments),
        CategoryChannel category => new CategoryTally(category),
        ImageChannel image => new ImageTally(image),
        SoundChannel sound => new SoundTally(sound),
        _ => new TextTally(channel),
    };

    public void Add(MomentBatch batch, int channel, int row, long moment)
    {
        _present++;
        Count(batch, channel, row, moment);
    }

    public ChannelStatistics Result(long moments) =>
        Complete(new ChannelStatistics(channel.Name, _present, moments == 0 ? 0 : (double)(moments - _present) / moments));

    protected abstract void Count(MomentBatch batch, int channel, int row, long moment);

    protected abstract ChannelStatistics Complete(ChannelStatistics statistics);

    private sealed class VectorTally(VectorChannel channel, long moments) : ChannelTally(channel)
    {
        private const int MostSampled = 1 << 16;

        // Bounded over all numbers of a channel, so that a long vector takes no more memory than a short one.
        private const long MostValues = 1 << 24;
        private readonly NumberTally[] _numbers = [.. Enumerable.Range(0, channel.Size).Select(_ => new NumberTally())];
        private readonly long _step = Math.Max(1, (moments + Sampled(channel) - 1) / Sampled(channel));

        protected override void Count(MomentBatch batch, int channel, int row, long moment)
        {
            var values = batch.Vector(channel, row);
            var sampled = moment % _step == 0;
            for (var i = 0; i < values.Length; i++)
            {
                _numbers[i].Add(values[i], sampled);
            }
        }

        protected override ChannelStatistics Complete(ChannelStatistics statistics) =>
            statistics with { Numbers = [.. _numbers.Select(number => number.Result())] };

        private static long Sampled(VectorChannel channel) => Math.Clamp(MostValues / channel.Size, 1, MostSampled);
    }

    /// <summary>Welford's running mean and deviation ("Note on a method for calculating corrected sums of squares", 1962).</summary>
    private sealed class NumberTally
    {
        private readonly List<float> _sample = [];
        private long _count;
        private long _notFinite;
        private double _mean;
        private double _squares;
        private float _least = float.PositiveInfinity;
        private float _most = float.NegativeInfinity;

        public void Add(float value, bool sampled)
        {
            if (!float.IsFinite(value))
            {
                _notFinite++;
                return;
            }

            _count++;
            var difference = value - _mean;
            _mean += difference / _count;
            _squares += difference * (value - _mean);
            _least = Math.Min(_least, value);
            _most = Math.Max(_most, value);
            if (sampled)
            {
                _sample.Add(value);
            }
        }

        public NumberStatistics Result()
        {
            if (_count == 0)
            {
                return new NumberStatistics(0, 0, 0, 0, 0, 0, 0, _notFinite);
            }

            _sample.Sort();
            return new NumberStatistics(_mean, Math.Sqrt(_squares / _count), _least, Quantile(0.01), Quantile(0.5), Quantile(0.99), _most, _notFinite);
        }

        // A sample may have met nothing but absent moments; the mean then stands for every quantile.
        private float Quantile(double share) =>
            _sample.Count == 0 ? (float)_mean : _sample[(int)Math.Min(_sample.Count - 1, Math.Floor(share * _sample.Count))];
    }

    private sealed class CategoryTally(CategoryChannel channel) : ChannelTally(channel)
    {
        private readonly long[] _counts = new long[channel.Count];

        protected override void Count(MomentBatch batch, int channel, int row, long moment) => _counts[batch.Category(channel, row)]++;

        protected override ChannelStatistics Complete(ChannelStatistics statistics) => statistics with { Categories = [.. _counts] };
    }

    private sealed class ImageTally(ImageChannel channel) : ChannelTally(channel)
    {
        private readonly long[] _sums = new long[channel.Colours];
        private readonly UInt128[] _squares = new UInt128[channel.Colours];
        private long _pixels;

        protected override void Count(MomentBatch batch, int channel, int row, long moment)
        {
            var bytes = batch.Image(channel, row);
            var colours = _sums.Length;
            _pixels += bytes.Length / colours;
            for (var colour = 0; colour < colours; colour++)
            {
                ulong sum = 0, squares = 0;
                for (var i = colour; i < bytes.Length; i += colours)
                {
                    uint value = bytes[i];
                    sum += value;
                    squares += value * value;
                }

                _sums[colour] += (long)sum;
                _squares[colour] += squares;
            }
        }

        protected override ChannelStatistics Complete(ChannelStatistics statistics) => statistics with
        {
            Colours = [.. _sums.Select((sum, i) => _pixels == 0 ? new ColourStatistics(0, 0) : Colour(sum, _squares[i]))],
        };

        // n Σx² − (Σx)² is whole and exact, and so never below zero.
        private ColourStatistics Colour(long sum, UInt128 squares) =>
            new((double)sum / _pixels, Math.Sqrt((double)(((UInt128)_pixels * squares) - ((UInt128)sum * (UInt128)sum))) / _pixels);
    }

    private sealed class SoundTally(SoundChannel channel) : ChannelTally(channel)
    {
        private readonly UInt128[] _squares = new UInt128[channel.Ears];
        private readonly int[] _peaks = new int[channel.Ears];
        private readonly long[] _clipped = new long[channel.Ears];
        private long _samples;

        protected override void Count(MomentBatch batch, int channel, int row, long moment)
        {
            var samples = batch.Sound(channel, row);
            var ears = _peaks.Length;
            _samples += samples.Length / ears;
            for (var ear = 0; ear < ears; ear++)
            {
                long squares = 0;
                for (var i = ear; i < samples.Length; i += ears)
                {
                    var value = Math.Abs((int)samples[i]);
                    squares += (long)value * value;
                    _peaks[ear] = Math.Max(_peaks[ear], value);
                    _clipped[ear] += value >= short.MaxValue ? 1 : 0;
                }

                _squares[ear] += (ulong)squares;
            }
        }

        protected override ChannelStatistics Complete(ChannelStatistics statistics) => statistics with
        {
            Ears = [.. _peaks.Select((peak, i) => _samples == 0
                ? new EarStatistics(0, 0, 0)
                : new EarStatistics(Math.Sqrt((double)_squares[i] / _samples) / -short.MinValue, (double)peak / -short.MinValue, (double)_clipped[i] / _samples))],
        };
    }

    private sealed class TextTally(Channel channel) : ChannelTally(channel)
    {
        private const int MostDistinct = 4096;
        private const int MostShown = 20;
        private const int LongestKept = 200;
        private readonly Dictionary<string, long> _counts = new(StringComparer.Ordinal);
        private bool _exact = true;
        private long _nonEmpty;
        private long _bytes;

        protected override void Count(MomentBatch batch, int channel, int row, long moment)
        {
            var text = batch.Text(channel, row);
            if (text.IsEmpty)
            {
                return;
            }

            _nonEmpty++;
            _bytes += text.Length;
            var kept = Encoding.UTF8.GetString(text[..Math.Min(text.Length, LongestKept * 4)]);
            kept = kept.Length <= LongestKept ? kept : kept[..LongestKept];
            if (_counts.TryGetValue(kept, out var count))
            {
                _counts[kept] = count + 1;
            }
            else if (_counts.Count < MostDistinct)
            {
                _counts[kept] = 1;
            }
            else
            {
                // Misra & Gries, "Finding repeated elements", 1982: whatever is frequent survives, with a count that is too low.
                _exact = false;
                foreach (var (other, number) in _counts.ToArray())
                {
                    if (number == 1)
                    {
                        _counts.Remove(other);
                    }
                    else
                    {
                        _counts[other] = number - 1;
                    }
                }
            }
        }

        protected override ChannelStatistics Complete(ChannelStatistics statistics) => statistics with
        {
            Text = new TextStatistics(
                _nonEmpty,
                _bytes,
                [.. _counts.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key, StringComparer.Ordinal).Take(MostShown).Select(pair => new TextCount(pair.Key, pair.Value))],
                _exact),
        };
    }
}
