// Lets an occupant live in a world and writes down what happens. Each row of the world is a stream of the recording with its
// own share of the moments, and the seed of an episode follows from the run's seed, its stream and its number there: so a
// recording that was killed is continued by running the same again, and no episode is recorded twice.
using System.Diagnostics;
using Umwelt.Storage;

namespace Umwelt.Moments;

/// <summary>How much to record, and from which seed.</summary>
public sealed record RecorderOptions
{
    /// <summary>Names every choice of the run.</summary>
    public long Seed { get; init; }

    /// <summary>Stop when the recording has this many moments, those it had before included.</summary>
    public long? Moments { get; init; }

    /// <summary>Stop when the recording has this many episodes that ended or were truncated, those it had before included.</summary>
    public long? Episodes { get; init; }

    /// <summary>Truncate episodes that become longer than this.</summary>
    public long? LongestEpisode { get; init; }
}

/// <summary>How far a recording is.</summary>
/// <param name="Moments">Moments the recording has.</param>
/// <param name="Episodes">Episodes it has that ended or were truncated.</param>
/// <param name="Added">Moments added by this run.</param>
/// <param name="Elapsed">How long this run took so far.</param>
public readonly record struct RecorderProgress(long Moments, long Episodes, long Added, TimeSpan Elapsed);

/// <summary>Records an occupant's life in a world.</summary>
public sealed class Recorder
{
    private const int ProgressMilliseconds = 100;

    private readonly World _world;
    private readonly Occupant _occupant;
    private readonly RecordingWriter _writer;
    private readonly RecorderOptions _options;
    private readonly MomentBatch _moments;
    private readonly MomentBatch _commands;
    private readonly bool[] _rows;
    private readonly long[] _left;
    private readonly long[] _lengths;
    private readonly long[] _begun;
    private readonly Stopwatch _clock = new();
    private long _episodes;
    private long _claimed;
    private long _added;

    /// <summary>Prepares to record; the world, the occupant and the writer stay the caller's.</summary>
    /// <param name="world">Where. Its schema is that of the recording.</param>
    /// <param name="occupant">Who acts.</param>
    /// <param name="writer">Where to.</param>
    /// <param name="options">How much, and from which seed.</param>
    public Recorder(World world, Occupant occupant, RecordingWriter writer, RecorderOptions options)
    {
        ArgumentNullException.ThrowIfNull(world);
        ArgumentNullException.ThrowIfNull(occupant);
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(options);
        if (!writer.Schema.Equals(world.Schema))
        {
            throw new ArgumentException($"The recording takes moments of ({writer.Schema}), the world gives ({world.Schema}).", nameof(writer));
        }

        if (options.Moments is null && options.Episodes is null)
        {
            throw new ArgumentException("Say how many moments or episodes to record.", nameof(options));
        }

        if (options is { Moments: < 0 } or { Episodes: < 0 } or { LongestEpisode: < 1 })
        {
            throw new ArgumentException("How much to record can't be negative.", nameof(options));
        }

        (_world, _occupant, _writer, _options) = (world, occupant, writer, options);
        _moments = new MomentBatch(world.Schema, world.Count);
        _commands = new MomentBatch(world.Schema.Motor, world.Count);
        _rows = new bool[world.Count];
        _left = new long[world.Count];
        _lengths = new long[world.Count];
        _begun = new long[world.Count];
    }

    /// <summary>The seed of an episode: of a stream's how-manieth, in a run of this seed.</summary>
    public static long EpisodeSeed(long seed, int stream, long number) =>
        (long)(RandomStream.Of(seed, stream, number).NextUInt64() >> 1);

    /// <summary>Records until there is enough. When cancelled, what was recorded is kept and its last episodes are truncated.</summary>
    /// <returns>How far the recording is.</returns>
    public RecorderProgress Run(IProgress<RecorderProgress>? progress = null, CancellationToken cancellation = default)
    {
        _clock.Restart();
        _added = 0;
        Array.Clear(_rows);
        Prepare();
        try
        {
            for (var row = 0; row < _world.Count; row++)
            {
                Begin(row);
            }

            var reported = 0L;
            while (_rows.AsSpan().Contains(true))
            {
                cancellation.ThrowIfCancellationRequested();
                _occupant.Act(_moments, _commands, _rows);
                _world.Step(_commands, _moments, _rows);
                for (var row = 0; row < _world.Count; row++)
                {
                    if (_rows[row] && !Write(row))
                    {
                        Begin(row);
                    }
                }

                if (progress is not null && _clock.ElapsedMilliseconds - reported >= ProgressMilliseconds)
                {
                    reported = _clock.ElapsedMilliseconds;
                    progress.Report(Progress());
                }
            }
        }
        finally
        {
            for (var row = 0; row < _world.Count; row++)
            {
                _writer.TruncateEpisode(row);
            }
        }

        _writer.Flush();
        progress?.Report(Progress());
        return Progress();
    }

    private RecorderProgress Progress() => new(_writer.MomentCount, _episodes, _added, _clock.Elapsed);

    // What the recording has already counts, whether this process wrote it or one that was killed.
    private void Prepare()
    {
        _writer.Flush();
        using var recorded = Recording.Open(_writer.Folder, new RecordingReading { SkipDamaged = true });
        Array.Clear(_begun);
        _episodes = 0;
        foreach (var episode in recorded.Episodes)
        {
            _episodes += episode.Ending == Ending.None ? 0 : 1;
            if (episode.Stream < _begun.Length)
            {
                _begun[episode.Stream]++;
            }
        }

        _claimed = _episodes;
        var missing = _options.Moments is { } wanted ? Math.Max(0, wanted - recorded.MomentCount) : long.MaxValue;
        for (var row = 0; row < _left.Length; row++)
        {
            _left[row] = missing == long.MaxValue ? missing : (missing / _left.Length) + (row < missing % _left.Length ? 1 : 0);
        }
    }

    // Begins episodes in a row until one has more than its first moment, or the row has done its share.
    private void Begin(int row)
    {
        do
        {
            _rows[row] = _left[row] > 0 && (_options.Episodes is not { } wanted || _claimed < wanted);
            if (!_rows[row])
            {
                return;
            }

            var seed = EpisodeSeed(_options.Seed, row, _begun[row]++);
            _claimed++;
            _lengths[row] = 0;
            _writer.BeginEpisode(seed, row);
            _world.Reset(row, seed, _moments);
            _occupant.Reset(row, seed);
        }
        while (!Write(row));
    }

    // Writes a row's moment; false where its episode stopped with it.
    private bool Write(int row)
    {
        _left[row]--;
        _lengths[row]++;
        _added++;
        if (_moments.Endings[row] == Ending.None && (_left[row] == 0 || _lengths[row] == _options.LongestEpisode))
        {
            _moments.Endings[row] = Ending.Truncation;
        }

        _writer.Write(_moments, row, stream: row);
        if (_moments.Endings[row] == Ending.None)
        {
            return true;
        }

        _episodes++;
        return false;
    }
}
