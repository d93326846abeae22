// Records a game from inside its loop: the loop fills in one moment a tick, a thread of the recorder's own writes it. The order within a
// tick is kept: a moment holds the command that led to it and what followed, and the first of an episode has no command. A
// recorder never takes a game down: what goes wrong with the disk stops the recording and is said in Failure.
using Umwelt.Games.Internal;
using Umwelt.Moments;

namespace Umwelt.Games;

/// <summary>Records a game, one call a tick.</summary>
/// <remarks>One thread of the game uses it: the one that steps it.</remarks>
public sealed class GameRecorder : IDisposable
{
    private readonly WritingThread _thread;
    private bool _isUnderWay;
    private bool _isDisposed;

    private GameRecorder(RecordingWriter writer)
    {
        Moment = new MomentBatch(writer.Schema, 1);
        _thread = new WritingThread(writer);
    }

    /// <summary>The moment that comes next, one row, empty after each call: write what there is of it and mark it present.</summary>
    public MomentBatch Moment { get; }

    /// <summary>Why nothing is recorded any more; null as long as all is well. What was recorded before is kept.</summary>
    public Exception? Failure => _thread.Failure;

    /// <summary>Moments on the disk or on their way there.</summary>
    public long Moments { get; private set; }

    /// <summary>How often the game had to wait for the disk. Anything but 0 was felt.</summary>
    public long Waits => _thread.Waits;

    /// <summary>Begins a recording in a folder that is empty or not there yet.</summary>
    /// <param name="folder">Where to.</param>
    /// <param name="schema">What a moment of the game holds; its rate is that of the calls.</param>
    /// <param name="provenance">Which game, and who plays.</param>
    /// <exception cref="IOException">The folder holds something.</exception>
    public static GameRecorder Create(string folder, Schema schema, Provenance provenance) => new(RecordingWriter.Create(folder, schema, provenance));

    /// <summary>Goes on with a recording that was made before, of the same schema.</summary>
    /// <param name="folder">Where it is.</param>
    /// <exception cref="IOException">There is none, or it is damaged.</exception>
    public static GameRecorder Continue(string folder) => new(RecordingWriter.Open(folder));

    /// <summary>Begins an episode (a level, a life, a match) with <see cref="Moment"/>, which holds what is perceived first and no command. One that is
    /// under way is truncated.</summary>
    /// <param name="seed">What the game's chance follows from, where there is such a number.</param>
    /// <exception cref="InvalidOperationException">The moment holds a command.</exception>
    public void Begin(long seed = 0)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        foreach (var motor in Moment.Schema.Motors)
        {
            if (Moment.IsPresent(motor, 0))
            {
                throw new InvalidOperationException($"The first moment of an episode has no command, but '{Moment.Schema.Channels[motor].Name}' is present.");
            }
        }

        Truncate();
        _thread.Begin(seed);
        _isUnderWay = true;
        Add(Ending.None);
    }

    /// <summary>Records <see cref="Moment"/>: the commands that were carried out in this tick, and what was perceived after them.</summary>
    /// <param name="ending">Whether the episode stops with it: by the game's rules, or because it is broken off.</param>
    /// <exception cref="InvalidOperationException">No episode is under way, or a command is absent.</exception>
    public void Tick(Ending ending = Ending.None)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (!_isUnderWay)
        {
            throw new InvalidOperationException("No episode is under way; Begin one with what is perceived first.");
        }

        foreach (var motor in Moment.Schema.Motors)
        {
            if (!Moment.IsPresent(motor, 0))
            {
                throw new InvalidOperationException($"A moment holds the command that led to it, but '{Moment.Schema.Channels[motor].Name}' is absent.");
            }
        }

        Add(ending);
        _isUnderWay = ending == Ending.None;
    }

    /// <summary>Breaks off the episode under way, if there is one: its last moment is what was recorded last.</summary>
    public void Truncate()
    {
        if (_isUnderWay)
        {
            _thread.Truncate();
            _isUnderWay = false;
        }
    }

    /// <summary>Breaks off the episode under way and writes all that is left. Does not throw: <see cref="Failure"/> says what went wrong.</summary>
    public void Dispose()
    {
        if (!_isDisposed)
        {
            Truncate();
            _isDisposed = true;
            _thread.Dispose();
        }
    }

    private void Add(Ending ending)
    {
        if (Moment.Schema.End is { } end)
        {
            Moment.Category(end, 0) = ending == Ending.End ? 1 : 0;
            Moment.SetPresent(end, 0);
        }

        Moment.Endings[0] = ending;
        if (_thread.Add(Moment))
        {
            Moments++;
        }

        Moment.Clear();
    }
}
