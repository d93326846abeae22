// Lanes: B streams that go on from batch to batch, so that a model can carry its state over thousands of moments. A lane
// walks along an episode (or a piece of a long one) to its end and then takes the next, in shuffled order: each moment is seen
// exactly once in each round. Where lanes start is staggered, or all of them would be at the same hour of their episodes.
using Umwelt.Moments.Internal.Batches;
using Umwelt.Storage;

namespace Umwelt.Moments;

/// <summary>How lanes run.</summary>
public sealed record LaneOptions
{
    /// <summary>T: the moments of a batch in each lane.</summary>
    public required int Length { get; init; }

    /// <summary>B: the lanes.</summary>
    public required int BatchSize { get; init; }

    /// <summary>Names the order.</summary>
    public long Seed { get; init; }

    /// <summary>Every so many moments on average a lane's state is to be forgotten, by lot; null: only where a lane jumps.</summary>
    public double? ResetEvery { get; init; }

    /// <summary>Longer episodes are taken in pieces of about equal length. They are shorter yet where there would be fewer
    /// pieces than lanes.</summary>
    public int LongestRun { get; init; } = 1 << 14;

    /// <summary>Take pieces more often that hold something rare; for short runs.</summary>
    public IReadOnlyList<PriorityRule> Priorities { get; init; } = [];
}

/// <summary>Batches of lanes that continue each other.</summary>
public sealed class LaneBatches : BatchSource
{
    private const long Purpose = 0x6c616e65;
    private const long ResetPurpose = 3;
    private const long StaggerPurpose = 4;

    private readonly long _seed;
    private readonly long _resetThreshold;
    private readonly List<Piece>[] _groups;
    private readonly float[] _corrections;
    private readonly Draws _draws;
    private readonly Lane[] _lanes;
    private readonly long _moments;
    private long _seen;

    /// <summary>Prepares the lanes; with priorities the channels that they name are read through once.</summary>
    public LaneBatches(DataMix data, LaneOptions options)
        : base(data, (options ?? throw new ArgumentNullException(nameof(options))).BatchSize, options.Length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.LongestRun, 1, nameof(options));
        if (options.ResetEvery is { } every && !(every >= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(options), $"A reset every {every} moments can't be; 1 is the least.");
        }

        _seed = options.Seed;
        _resetThreshold = options.ResetEvery is { } mean ? (long)((1L << 32) / mean) : 0;
        _moments = data.MomentCount;
        var scan = new PriorityScan(data, options.Priorities);
        var longest = Math.Min(options.LongestRun, (_moments + BatchSize - 1) / BatchSize);
        var groups = new SortedDictionary<(int Part, int Level), List<Piece>>();
        foreach (var stretch in Stretch.Of(data, joined: false))
        {
            Add(groups, stretch, longest, scan);
        }

        _groups = [.. groups.Values];
        var counts = _groups.Select(pieces => (long)pieces.Count).ToArray();
        var keys = groups.Keys.Select(key => new GroupChances.Key(key.Part, key.Level)).ToArray();
        (var chances, _corrections) = GroupChances.Of(data, keys, counts, scan.Weights);
        _draws = new Draws(options.Seed, counts, chances);
        _lanes = new Lane[BatchSize];
        Identity = RandomStream.Of(
            Purpose, unchecked((long)data.Fingerprint), BatchSize, options.Length, options.Seed, BitConverter.DoubleToInt64Bits(options.ResetEvery ?? 0), longest, unchecked((long)scan.Identity.Key)).Key;
    }

    /// <inheritdoc/>
    public override double Epoch => (double)_seen / _moments;

    /// <inheritdoc/>
    public override long BatchesPerEpoch => (_moments + ((long)BatchSize * Length) - 1) / ((long)BatchSize * Length);

    /// <inheritdoc/>
    internal override int StateLength => 1 + _draws.StateLength + (BatchSize * Lane.NumberCount);

    private protected override string Kind => "lanes";

    private protected override ulong Identity { get; }

    /// <inheritdoc/>
    internal override void Capture(Span<long> numbers)
    {
        numbers[0] = _seen;
        _draws.Capture(numbers.Slice(1, _draws.StateLength));
        for (var b = 0; b < BatchSize; b++)
        {
            _lanes[b].Capture(numbers.Slice(1 + _draws.StateLength + (b * Lane.NumberCount), Lane.NumberCount));
        }
    }

    private protected override bool TryRestore(ReadOnlySpan<long> numbers)
    {
        var lanes = new Lane[BatchSize];
        for (var b = 0; b < BatchSize; b++)
        {
            var lane = Lane.Of(numbers.Slice(1 + _draws.StateLength + (b * Lane.NumberCount), Lane.NumberCount));
            if ((uint)lane.Group >= (uint)_groups.Length || (uint)lane.Item >= (uint)_groups[lane.Group].Count
                || lane.From < 0 || lane.To < lane.From || lane.At < lane.From || lane.At > lane.To || lane.To > _groups[lane.Group][lane.Item].Length
                || lane.Head < 0 || lane.Head > lane.From || lane.Draw < 0)
            {
                return false;
            }

            lanes[b] = lane;
        }

        if (numbers[0] < 0 || !_draws.TryRestore(numbers.Slice(1, _draws.StateLength)))
        {
            return false;
        }

        _seen = numbers[0];
        lanes.CopyTo(_lanes, 0);
        return true;
    }

    private protected override void Fill(SequenceBatch batch)
    {
        for (var b = 0; b < BatchSize; b++)
        {
            ref var lane = ref _lanes[b];
            var t = 0;
            while (t < Length)
            {
                if (lane.At == lane.To)
                {
                    Take(ref lane, b);
                }

                var count = (int)Math.Min(Length - t, lane.To - lane.At);
                Fill(batch, (b * Length) + t, in lane, count);
                lane.At += count;
                t += count;
            }

            batch.ValidLengths[b] = Length;
        }

        _seen += (long)BatchSize * Length;
    }

    // The next piece. A lane's very first is begun somewhere in its middle; what was left out follows on its end.
    private void Take(ref Lane lane, int b)
    {
        if (lane.Head > 0)
        {
            (lane.From, lane.At, lane.To, lane.Head) = (0, 0, lane.Head, 0);
            return;
        }

        var isFirst = lane.To == 0;
        var draw = _draws.Drawn;
        var item = (int)_draws.Next(out var group);
        var length = _groups[group][item].Length;
        var head = isFirst ? (long)(RandomStream.Of(_seed, StaggerPurpose, b).NextDouble() * length) : 0;
        lane = new Lane(group, item, head, length, head, head, draw);
    }

    private void Fill(SequenceBatch batch, int row, in Lane lane, int count)
    {
        var piece = _groups[lane.Group][lane.Item];
        Data.Read(piece.Part, piece.Start + lane.At, count, batch.Moments, row);
        batch.Parts.Slice(row, count).Fill(piece.Part);
        batch.Weights.Slice(row, count).Fill(_corrections[lane.Group]);
        batch.Begins.Slice(row, count).Clear();
        batch.Begins[row] = piece.Begins && lane.At == 0;
        var lots = RandomStream.Of(_seed, ResetPurpose, lane.Draw);
        for (var i = 0; i < count; i++)
        {
            var at = lane.At + i;
            batch.Indices[row + i] = piece.Start + at;
            batch.Resets[row + i] = at == lane.From || (_resetThreshold > 0 && lots.At((ulong)at).NextUInt32() < _resetThreshold);
        }
    }

    private void Add(SortedDictionary<(int Part, int Level), List<Piece>> groups, Stretch stretch, long longest, PriorityScan scan)
    {
        var levels = scan.IsNeeded ? scan.Levels(stretch) : [];
        var recording = Data.Parts[stretch.Part].Recording;
        var begins = recording.Episodes[recording.EpisodeAt(stretch.Start)].Offset == 0;
        var pieces = (stretch.Length + longest - 1) / longest;
        for (var i = 0L; i < pieces; i++)
        {
            // Equal to within one moment, without a product that overflows.
            var from = (stretch.Length / pieces * i) + Math.Min(i, stretch.Length % pieces);
            var length = (stretch.Length / pieces) + (i < stretch.Length % pieces ? 1 : 0);
            var level = 0;
            if (scan.IsNeeded)
            {
                foreach (var found in levels.AsSpan((int)from, (int)length))
                {
                    level = Math.Max(level, found);
                }
            }

            var key = (Data.IsWeighted ? stretch.Part : 0, level);
            if (!groups.TryGetValue(key, out var list))
            {
                groups.Add(key, list = []);
            }

            list.Add(new Piece(stretch.Part, stretch.Start + from, length, begins && i == 0));
        }
    }

    /// <summary>An episode, or a part of one; whether its first moment is the first of the episode.</summary>
    private readonly record struct Piece(int Part, long Start, long Length, bool Begins);

    /// <summary>Where a lane is: in a run of a piece from From to To, at At; the piece's first Head moments follow then.</summary>
    private record struct Lane(int Group, int Item, long From, long To, long At, long Head, long Draw)
    {
        public const int NumberCount = 7;

        public static Lane Of(ReadOnlySpan<long> numbers) => new(
            (int)Math.Clamp(numbers[0], -1, int.MaxValue), (int)Math.Clamp(numbers[1], -1, int.MaxValue), numbers[2], numbers[3], numbers[4], numbers[5], numbers[6]);

        public readonly void Capture(Span<long> numbers) =>
            (numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5], numbers[6]) = (Group, Item, From, To, At, Head, Draw);
    }
}
