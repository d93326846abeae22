// One program on one display: begun anew for every episode, pressed, looked at, watched. In a tick keys go first and the picture is
// taken at its end, by one connection whose requests keep their order, so a picture is never older than the command beside it.
using System.Diagnostics;
using Umwelt.Moments;
using Umwelt.Worlds.Bridges.App.Display;

namespace Umwelt.Worlds.Bridges.App;

internal sealed class AppStage(string world, AppPlan plan) : IDisposable
{
    // A program that shows no window for so long has hung; one whose picture stays the same although so many presses changed too.
    private const int StartSeconds = 60;
    private const int PressesOfPatience = 8;
    private const int LookMilliseconds = 50;
    private const int ClosingMilliseconds = 1000;
    private const double StoppedSeconds = 0.25;
    private static readonly TimeSpan AnswerPatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Tap = TimeSpan.FromMilliseconds(80);

    private readonly AppPresses _wanted = new();
    private readonly bool[] _pressed = new bool[XKeys.Count];
    private readonly (int Width, int Height) _size = (plan.Document.Size[0], plan.Document.Size[1]);
    private PrivateDisplay? _private;
    private XDisplay? _display;
    private AppProgram? _program;
    private AppSound? _sound;
    private AppMotor[] _motors = [];
    private AppPicture? _picture;
    private uint _window;
    private XPlace _place;
    private (int X, int Y) _pointer;
    private long _due;
    private long _changed;
    private long _looked;
    private int _presses;
    private bool _isDisposed;

    /// <summary>How many ticks began so late that they took longer than a tick.</summary>
    public long Late { get; private set; }

    /// <summary>The program, for tests that end it.</summary>
    public AppProgram? Program => _program;

    /// <summary>The process of a private display, for tests and benchmarks.</summary>
    public int? DisplayId => _private?.Id;

    /// <summary>Begins an episode and writes what is seen first.</summary>
    public void Begin(MomentBatch moments)
    {
        if (_display is null)
        {
            _private = plan.Document.Display is null ? PrivateDisplay.Start(world, plan.Screen.Width, plan.Screen.Height) : null;
            _display = XDisplay.Open(plan.Document.Display ?? _private!.Name, _private?.Authority, AnswerPatience);
            _motors = plan.Motors(_display);
        }

        Release();
        if (plan.Document.Program is not null)
        {
            _program?.Dispose();
            _program = null;
            AwaitEmpty();
            _program = AppProgram.Start(world, plan.Document, plan.Document.Display ?? _private!.Name, _private?.Authority);
        }

        Settle();
        _display.Focus(_window, _place);
        foreach (var (codes, wait) in plan.Begin(_display))
        {
            Tapped(codes, wait);
        }

        _place = plan.Document.Window is null ? new XPlace(0, 0, _display.Width, _display.Height) : Where(_window);
        CheckPlace();
        _picture = _picture is { } picture && picture.Fits(_place) ? picture : new AppPicture(_place.Width, _place.Height, _size.Width, _size.Height, plan.Document.Grey);
        _sound ??= plan.Document.Sound is { } sound ? new AppSound(sound, plan.Schema.Rate) : null;
        _sound?.Skip();
        _pointer = _display.Pointer();
        _due = _changed = _looked = Stopwatch.GetTimestamp();
        _presses = 0;
        Sense(moments);
    }

    /// <summary>Presses what the command says; the tick begins.</summary>
    public void Press(MomentBatch moments)
    {
        _wanted.Clear();
        for (var i = 0; i < _motors.Length; i++)
        {
            _motors[i].Write(moments, plan.FirstMotor + i, _wanted);
        }

        Send();
    }

    /// <summary>When the tick that begins now ends: in step with the ticks before it, but never cut by more than half.</summary>
    public long Due(long now)
    {
        var tick = (long)(Stopwatch.Frequency / plan.Schema.Rate);
        _due += tick;
        if (now + (tick / 2) > _due)
        {
            _due = now + tick;
            Late++;
        }

        return _due;
    }

    /// <summary>A person presses: takes note of what is held now.</summary>
    public void Listen(bool isFirst)
    {
        if (isFirst)
        {
            _wanted.Clear();
        }

        _display!.Held(_wanted.Codes);
    }

    /// <summary>A person has pressed: what was held in the tick is the command.</summary>
    public void WriteHeard(MomentBatch moments)
    {
        var now = _display!.Pointer();
        (_wanted.MouseX, _wanted.MouseY) = (now.X - _pointer.X, now.Y - _pointer.Y);
        _pointer = now;
        for (var i = 0; i < _motors.Length; i++)
        {
            _motors[i].Read(_wanted, moments, plan.FirstMotor + i);
        }
    }

    /// <summary>Writes what is seen and heard; the tick has ended. False where the program was closed.</summary>
    public bool Sense(MomentBatch moments)
    {
        var isOpen = Look(moments.Image(0, 0));
        moments.SetPresent(0, 0);
        if (_sound is not null)
        {
            _sound.Take(world, moments.Sound(1, 0));
            moments.SetPresent(1, 0);
        }

        return isOpen;
    }

    public void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        try
        {
            if (_private is null && _display is not null)
            {
                Release();
                _display.Finish();
            }
        }
        catch (XDisplayException)
        {
            // The display went first, and its keys with it.
        }

        _program?.Dispose();
        _sound?.Dispose();
        _display?.Dispose();
        _private?.Dispose();
    }

    private bool Look(Span<byte> pixels)
    {
        if (HasClosed(0))
        {
            _picture!.Last.CopyTo(pixels);
            return false;
        }

        try
        {
            if (plan.Document.Window is not null)
            {
                var place = _display!.Place(_window);
                if ((place.Width, place.Height) != (_place.Width, _place.Height))
                {
                    throw new WorldException(world, $"its window became {place.Width} x {place.Height}; the episode began with {_place.Width} x {_place.Height}");
                }

                _place = place;
                CheckPlace();
            }

            var isNew = _picture!.Set(_display!.Picture(_place));
            _picture.Last.CopyTo(pixels);
            Watch(isNew);
            return true;
        }
        catch (XDisplayException error) when (error.IsGoneWindow)
        {
            if (HasClosed(ClosingMilliseconds))
            {
                _picture!.Last.CopyTo(pixels);
                return false;
            }

            throw new WorldException(world, "its window is gone", innerException: error);
        }
    }

    // A picture that stands still is no sign of anything; one that stands still whatever is pressed is.
    private void Watch(bool isNew)
    {
        var now = Stopwatch.GetTimestamp();
        if (isNew)
        {
            _changed = now;
            _presses = 0;
        }

        if (Stopwatch.GetElapsedTime(_looked, now) > TimeSpan.FromSeconds(StoppedSeconds))
        {
            _looked = now;
            if (_program?.IsStopped() == true)
            {
                throw new WorldException(world, "the program was stopped by a signal and no longer runs");
            }
        }

        var patience = plan.Document.Patience;
        if (patience > 0 && _presses >= PressesOfPatience && Stopwatch.GetElapsedTime(_changed, now).TotalSeconds > patience)
        {
            throw new WorldException(world, FormattableString.Invariant($"nothing on its picture has changed for {patience} s, whatever was pressed; it seems frozen (patience says how long to wait)"));
        }
    }

    private bool HasClosed(int patienceMilliseconds) =>
        _program?.Ended(world, patienceMilliseconds) is { } ended && (_program.HasClosed ? true : throw ended);

    private void Send()
    {
        for (var code = 0; code < XKeys.Count; code++)
        {
            if (_wanted.Codes[code] != _pressed[code])
            {
                _pressed[code] = _wanted.Codes[code];
                _display!.Press(code, _pressed[code]);
                _presses++;
            }
        }

        if ((_wanted.MouseX, _wanted.MouseY) is not (0, 0))
        {
            _display!.Move(_wanted.MouseX, _wanted.MouseY);
            _presses++;
        }

        _display!.Flush();
    }

    private void Release()
    {
        _wanted.Clear();
        Send();
    }

    private void Tapped(int[] codes, TimeSpan wait)
    {
        if (codes.Length == 0)
        {
            Pass(wait);
            return;
        }

        _wanted.Clear();
        _wanted.Press(codes);
        Send();
        Pass(Tap);
        Release();
        Pass(Tap);
    }

    // Time that passes before an episode; a program that ends in it has failed to start.
    private void Pass(TimeSpan time)
    {
        var start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < time)
        {
            if (_program?.Ended(world) is { } ended)
            {
                throw ended;
            }

            Thread.Sleep(Math.Clamp((int)(time - Stopwatch.GetElapsedTime(start)).TotalMilliseconds, 1, LookMilliseconds));
        }
    }

    // The windows of the program before go after it does; what is found then is the new one's.
    private void AwaitEmpty()
    {
        for (var look = 0; _private is not null && _display!.Windows().Count > 0 && look < ClosingMilliseconds / LookMilliseconds; look++)
        {
            Thread.Sleep(LookMilliseconds);
        }
    }

    // Many a program makes a window, and another once it knows what it can show: what is there after a while counts.
    private void Settle()
    {
        var start = Stopwatch.GetTimestamp();
        while (true)
        {
            _window = AwaitWindow(start);
            Pass(TimeSpan.FromSeconds(plan.Document.Settle));
            try
            {
                _place = _display!.Place(_window);
                return;
            }
            catch (XDisplayException error) when (error.IsGoneWindow && _program is not null && Stopwatch.GetElapsedTime(start).TotalSeconds < StartSeconds)
            {
                Pass(TimeSpan.FromMilliseconds(LookMilliseconds));
            }
        }
    }

    private uint AwaitWindow(long start)
    {
        var title = plan.Document.Window;
        while (true)
        {
            var windows = _display!.Windows();
            var found = windows.LastOrDefault(window => title is null || window.Title.Contains(title, StringComparison.OrdinalIgnoreCase));
            if (found.Window != 0)
            {
                return found.Window;
            }

            if (_program is null && title is null)
            {
                return _display.Root;
            }

            if (_program is null || Stopwatch.GetElapsedTime(start).TotalSeconds > StartSeconds)
            {
                var there = windows.Select(static window => window.Title).Where(static name => name.Length > 0).Distinct(StringComparer.Ordinal).Take(10).ToArray();
                var wait = _program is null ? "" : $" after {StartSeconds} s";
                throw new WorldException(world, $"there is no window {(title is null ? "" : $"whose title holds '{title}'")}{wait}; {(there.Length == 0 ? "there are none" : $"there are '{string.Join("', '", there)}'")}");
            }

            Pass(TimeSpan.FromMilliseconds(LookMilliseconds));
        }
    }

    private XPlace Where(uint window)
    {
        try
        {
            return _display!.Place(window);
        }
        catch (XDisplayException error) when (error.IsGoneWindow)
        {
            throw _program?.Ended(world, ClosingMilliseconds) ?? new WorldException(world, "its window has gone before the episode began", innerException: error);
        }
    }

    private void CheckPlace()
    {
        if (_place.X < 0 || _place.Y < 0 || _place.X + _place.Width > _display!.Width || _place.Y + _place.Height > _display.Height)
        {
            throw new WorldException(world, $"its window of {_place.Width} x {_place.Height} lies partly beyond the screen of {_display!.Width} x {_display.Height}");
        }
    }
}
