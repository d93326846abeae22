// Moments of a recording that stand for all of it: everything where it is short, else blocks spread evenly over it.
using System.Text;
using Umwelt.Moments;

namespace Umwelt.Cli.Inspect;

internal sealed class RecordingSample
{
    private const int MostMoments = 20_000;
    private const int Block = 50;

    private readonly Schema _schema;
    private readonly List<double>[][] _numbers;
    private readonly long[][] _categories;
    private readonly Dictionary<string, int>[] _texts;
    private readonly long[] _present;
    private readonly double[] _loudness;
    private readonly int[] _loudest;

    private RecordingSample(Recording recording)
    {
        _schema = recording.Schema;
        var channels = _schema.Channels;
        _numbers = [.. channels.Select(channel => channel is VectorChannel vector ? Enumerable.Range(0, vector.Size).Select(_ => new List<double>()).ToArray() : [])];
        _categories = [.. channels.Select(channel => channel is CategoryChannel category ? new long[category.Count] : [])];
        _texts = [.. channels.Select(_ => new Dictionary<string, int>(StringComparer.Ordinal))];
        _present = new long[channels.Length];
        _loudness = new double[channels.Length];
        _loudest = new int[channels.Length];
        Longest = recording.Episodes.Count == 0 ? default : recording.Episodes.MaxBy(episode => episode.Length);
    }

    /// <summary>How many moments were read.</summary>
    public long Count { get; private set; }

    /// <summary>The longest episode.</summary>
    public RecordedEpisode Longest { get; }

    public static RecordingSample Of(Recording recording, CancellationToken cancellation)
    {
        var sample = new RecordingSample(recording);
        var batch = new MomentBatch(recording.Schema, Block);
        var blocks = (recording.MomentCount + Block - 1) / Block;
        var taken = Math.Min(blocks, MostMoments / Block);
        for (var i = 0L; i < taken; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            var start = i * blocks / taken * Block;
            var count = (int)Math.Min(Block, recording.MomentCount - start);
            recording.Read(start, count, batch);
            for (var row = 0; row < count; row++)
            {
                sample.Add(batch, row);
            }
        }

        return sample;
    }

    /// <summary>The share of moments that have a channel.</summary>
    public double Presence(int channel) => _present[channel] / (double)Math.Max(1, Count);

    /// <summary>What one number of a vector channel was.</summary>
    public double[] Numbers(int channel, int number) => [.. _numbers[channel][number]];

    /// <summary>How often each category was.</summary>
    public long[] Categories(int channel, int count) => _categories[channel].Length == count ? _categories[channel] : new long[count];

    /// <summary>How often each text was said; no text is not counted.</summary>
    public IReadOnlyDictionary<string, int> Texts(int channel) => _texts[channel];

    /// <summary>Root mean square and peak of a sound channel, of 1.</summary>
    public (double Level, double Peak) Loudness(int channel)
    {
        var samples = Math.Max(1, _present[channel]) * (double)_schema.Channels[channel].ElementCount;
        return (Math.Sqrt(_loudness[channel] / samples) / 32768, _loudest[channel] / 32768.0);
    }

    private void Add(MomentBatch batch, int row)
    {
        Count++;
        for (var i = 0; i < _schema.Channels.Length; i++)
        {
            if (!batch.IsPresent(i, row))
            {
                continue;
            }

            _present[i]++;
            switch (_schema.Channels[i].Kind)
            {
                case ChannelKind.Vector:
                    var numbers = batch.Vector(i, row);
                    for (var j = 0; j < numbers.Length; j++)
                    {
                        _numbers[i][j].Add(numbers[j]);
                    }

                    break;
                case ChannelKind.Category:
                    _categories[i][batch.Category(i, row)]++;
                    break;
                case ChannelKind.Sound:
                    foreach (var sample in batch.Sound(i, row))
                    {
                        _loudness[i] += (double)sample * sample;
                        _loudest[i] = Math.Max(_loudest[i], Math.Abs((int)sample));
                    }

                    break;
                case ChannelKind.Text when !batch.Text(i, row).IsEmpty:
                    var text = Encoding.UTF8.GetString(batch.Text(i, row));
                    _texts[i][text] = _texts[i].GetValueOrDefault(text) + 1;
                    break;
            }
        }
    }
}
