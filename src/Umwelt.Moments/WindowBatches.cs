// Windows: short sequences from anywhere, shuffled without replacement. Each moment at which a window can begin begins
// exactly one in each round. The order takes no memory and follows from the seed; the position is a few numbers.
using System.Runtime.InteropServices;
using Umwelt.Moments.Internal.Batches;
using Umwelt.Storage;

namespace Umwelt.Moments;

/// <summary>What windows may span.</summary>
public enum WindowBorders
{
    /// <summary>A window lies in one episode. One that is shorter than a window is followed by padding.</summary>
    Inside,

    /// <summary>A window may run on into the next episode of its stream; marks say where that begins. For short episodes.</summary>
    Across,
}

/// <summary>How windows are drawn.</summary>
public sealed record WindowOptions
{
    /// <summary>T: the moments of a window.</summary>
    public required int Length { get; init; }

    /// <summary>B: the windows of a batch.</summary>
    public required int BatchSize { get; init; }

    /// <summary>Names the order.</summary>
    public long Seed { get; init; }

    /// <summary>What windows may span.</summary>
    public WindowBorders Borders { get; init; }

    /// <summary>Leave out episodes that are shorter than a window, instead of padding them.</summary>
    public bool SkipShort { get; init; }

    /// <summary>Let windows begin at every so many moments of an episode only; its last window ends with it all the same.</summary>
    public int Stride { get; init; } = 1;

    /// <summary>Draw windows more often that hold something rare.</summary>
    public IReadOnlyList<PriorityRule> Priorities { get; init; } = [];
}

/// <summary>Batches of shuffled windows.</summary>
public sealed class WindowBatches : BatchSource
{
    private const long Purpose = 0x77696e646f77;

    private readonly List<Run>[] _groups;
    private readonly float[] _corrections;
    private readonly Draws _draws;

    /// <summary>Prepares to draw; with priorities the channels that they name are read through once.</summary>
    /// <exception cref="ArgumentException">There is no window to draw.</exception>
    public WindowBatches(DataMix data, WindowOptions options)
        : base(data, (options ?? throw new ArgumentNullException(nameof(options))).BatchSize, options.Length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Stride, 1, nameof(options));
        var scan = new PriorityScan(data, options.Priorities);
        var groups = new SortedDictionary<(int Part, int Level), List<Run>>();
        foreach (var stretch in Stretch.Of(data, options.Borders == WindowBorders.Across))
        {
            if (stretch.Length >= options.Length || !options.SkipShort)
            {
                Add(groups, stretch, options, scan, data.IsWeighted);
            }
        }

        if (groups.Count == 0)
        {
            throw new ArgumentException($"No episode has the {options.Length} moments of a window.", nameof(options));
        }

        _groups = [.. groups.Values];
        var counts = _groups.Select(runs => runs[^1].After).ToArray();
        var keys = groups.Keys.Select(key => new GroupChances.Key(key.Part, key.Level)).ToArray();
        (var chances, _corrections) = GroupChances.Of(data, keys, counts, scan.Weights);
        _draws = new Draws(options.Seed, counts, chances);
        Identity = RandomStream.Of(
            Purpose, unchecked((long)data.Fingerprint), options.Length, options.Seed, (long)options.Borders, options.SkipShort ? 1 : 0, options.Stride, unchecked((long)scan.Identity.Key)).Key;
    }

    /// <summary>How many windows a round has.</summary>
    public long Count => _draws.Total;

    /// <inheritdoc/>
    public override double Epoch => (double)_draws.Drawn / _draws.Total;

    /// <inheritdoc/>
    public override long BatchesPerEpoch => (_draws.Total + BatchSize - 1) / BatchSize;

    /// <inheritdoc/>
    internal override int StateLength => _draws.StateLength;

    private protected override string Kind => "windows";

    private protected override ulong Identity { get; }

    /// <inheritdoc/>
    internal override void Capture(Span<long> numbers) => _draws.Capture(numbers);

    private protected override bool TryRestore(ReadOnlySpan<long> numbers) => _draws.TryRestore(numbers);

    private protected override void Fill(SequenceBatch batch)
    {
        for (var b = 0; b < BatchSize; b++)
        {
            var item = _draws.Next(out var group);
            var runs = CollectionsMarshal.AsSpan(_groups[group]);
            int low = 0, high = runs.Length - 1;
            while (low < high)
            {
                var middle = (low + high) >>> 1;
                (low, high) = item < runs[middle].After ? (low, middle) : (middle + 1, high);
            }

            ref readonly var run = ref runs[low];
            Fill(batch, b, run.Part, run.First + ((item - (run.After - run.Count)) * run.Step), run.Stop, _corrections[group]);
        }
    }

    private static void Add(SortedDictionary<(int Part, int Level), List<Run>> groups, Stretch stretch, WindowOptions options, PriorityScan scan, bool isWeighted)
    {
        var room = Math.Max(0, stretch.Length - options.Length);
        var whole = (room / options.Stride) + 1;
        var part = stretch.Part;
        if (!scan.IsNeeded)
        {
            Add(0, 0, whole);
            if (room % options.Stride != 0)
            {
                Add(0, room, 1);
            }

            return;
        }

        // The heaviest level in each window: counts of each level in a window that slides along.
        var levels = scan.Levels(stretch);
        var inside = new int[scan.Weights.Length];
        var length = (int)Math.Min(options.Length, stretch.Length);
        for (var i = 0; i < length - 1; i++)
        {
            inside[levels[i]]++;
        }

        var (runLevel, runStart, runCount) = (-1, 0L, 0L);
        for (var start = 0L; start <= room; start++)
        {
            inside[levels[start + length - 1]]++;
            if (start % options.Stride == 0 || start == room)
            {
                var level = inside.AsSpan().LastIndexOfAnyExcept(0);
                if (level == runLevel && start % options.Stride == 0)
                {
                    runCount++;
                }
                else
                {
                    Add(runLevel, runStart, runCount);
                    (runLevel, runStart, runCount) = (level, start, 1);
                }
            }

            inside[levels[start]]--;
        }

        Add(runLevel, runStart, runCount);

        void Add(int level, long first, long count)
        {
            if (count == 0)
            {
                return;
            }

            var key = (isWeighted ? part : 0, level);
            if (!groups.TryGetValue(key, out var runs))
            {
                groups.Add(key, runs = []);
            }

            runs.Add(new Run(part, stretch.Start + first, options.Stride, count, stretch.Stop, (runs.Count == 0 ? 0 : runs[^1].After) + count));
        }
    }

    private void Fill(SequenceBatch batch, int sequence, int part, long start, long stop, float weight)
    {
        var row = sequence * Length;
        var valid = (int)Math.Min(Length, stop - start);
        Data.Read(part, start, valid, batch.Moments, row);
        batch.ValidLengths[sequence] = valid;
        batch.Parts.Slice(row, valid).Fill(part);
        batch.Weights.Slice(row, valid).Fill(weight);
        batch.Begins.Slice(row, valid).Clear();
        batch.Resets.Slice(row, valid).Clear();
        batch.Resets[row] = true;
        for (var t = 0; t < valid; t++)
        {
            batch.Indices[row + t] = start + t;
        }

        var recording = Data.Parts[part].Recording;
        for (var i = recording.EpisodeAt(start); i < recording.Episodes.Count && recording.Episodes[i].Start < start + valid; i++)
        {
            var episode = recording.Episodes[i];
            if (episode.Start >= start)
            {
                batch.Resets[row + (int)(episode.Start - start)] = true;
                batch.Begins[row + (int)(episode.Start - start)] = episode.Offset == 0;
            }
        }

        batch.Pad(sequence, valid);
    }

    /// <summary>Windows of one level that begin at evenly spaced moments of one stretch.</summary>
    private readonly record struct Run(int Part, long First, int Step, long Count, long Stop, long After);
}
