// Any program on an X display as a world: keys and the mouse are its motors, its picture and sound its senses, and time is the clock's.
// The order within a tick: what the command says is pressed, the tick passes, the picture at its end is the moment's. After an error the
// world is dead: it can be disposed, and neither the program nor its display stay behind.
using System.Diagnostics;
using Umwelt.Moments;
using Umwelt.Worlds.Bridges.App.Display;
using Umwelt.Worlds.Catalogue;

namespace Umwelt.Worlds.Bridges.App;

internal sealed class AppWorld : World
{
    private const string Habits = "habits";
    private const string Person = "person";
    private const int ListenMilliseconds = 5;

    private readonly string _name;
    private readonly AppPlan _plan;
    private int _moments;
    private WorldException? _failure;
    private bool _isListening;
    private bool _isDisposed;

    public AppWorld(string name, AppPlan plan)
        : base(plan.Schema, 1)
    {
        (_name, _plan) = (name, plan);
        Stage = new AppStage(name, plan);
    }

    public override IReadOnlyList<string> Occupants => [.. _plan.Habits.Count > 0 ? [Habits] : Array.Empty<string>(), .. base.Occupants, Person];

    /// <summary>Where the program runs, for tests that end it and benchmarks that watch it.</summary>
    public AppStage Stage { get; }

    public static World Open(WorldName name, WorldOptions options)
    {
        var path = name.FileName();
        name.Finish();
        return options.Count == 1
            ? new AppWorld(name.Whole, AppPlan.Read(path))
            : throw name.Wrong($"a program on a display lives by the clock and is one row, not {options.Count}; several are recorded at once by several commands");
    }

    public override Occupant CreateOccupant(string name) =>
        name == Person ? new PersonOccupant(this)
        : name == Habits && _plan.Habits.Count > 0 ? new HabitOccupant(_plan)
        : base.CreateOccupant(name);

    protected override void Begin(int row, long seed, MomentBatch moments)
    {
        Usable();
        try
        {
            _moments = 1;
            Stage.Begin(moments);
        }
        catch (Exception error) when (error is WorldException or XDisplayException or IOException)
        {
            throw Failed(error);
        }
    }

    protected override void Advance(MomentBatch moments, ReadOnlySpan<bool> rows)
    {
        if (!rows[0])
        {
            return;
        }

        Usable();
        var isListening = _isListening;
        _isListening = false;
        try
        {
            var start = Stopwatch.GetTimestamp();
            if (!isListening)
            {
                Stage.Press(moments);
            }

            Pass(Stage.Due(start), isListening);
            if (isListening)
            {
                Stage.WriteHeard(moments);
            }

            moments.Endings[0] = !Stage.Sense(moments) ? Ending.End : ++_moments >= _plan.Document.Moments ? Ending.Truncation : Ending.None;
        }
        catch (Exception error) when (error is WorldException or XDisplayException or IOException)
        {
            throw Failed(error);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_isDisposed)
        {
            _isDisposed = true;
            Stage.Dispose();
        }
    }

    private void Pass(long due, bool isListening)
    {
        for (var isFirst = true; ; isFirst = false)
        {
            if (isListening)
            {
                Stage.Listen(isFirst);
            }

            var left = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due);
            if (left <= TimeSpan.Zero)
            {
                return;
            }

            Thread.Sleep(isListening && left.TotalMilliseconds > ListenMilliseconds ? TimeSpan.FromMilliseconds(ListenMilliseconds) : left);
        }
    }

    private void Usable()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (_failure is not null)
        {
            throw new WorldException(_failure.World, _failure.Problem, _failure.Details, _failure);
        }
    }

    // What the file says wrongly is said as it is; all else is the program's or its display's.
    private Exception Failed(Exception error)
    {
        Stage.Dispose();
        _failure = error as WorldException ?? new WorldException(_name, error.Message, innerException: error);
        return error is IOException ? error : _failure;
    }

    /// <summary>A person at the program's own keyboard: does nothing, and lets the world write down what is pressed.</summary>
    private sealed class PersonOccupant(AppWorld world) : Occupant
    {
        private readonly StillOccupant _still = new(world.Schema.Motor);

        public override void Reset(int row, long seed)
        {
        }

        public override void Act(MomentBatch moments, MomentBatch commands, ReadOnlySpan<bool> rows)
        {
            world._isListening = true;
            _still.Act(moments, commands, rows);
        }
    }
}
