// Lives in a world through a terminal: keys in, half-block pictures, words and levels of sound out, at the world's own rate.
// Whatever happens, the terminal is given back as it was.
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Umwelt.Cli.Output;
using Umwelt.Moments;

namespace Umwelt.Cli.Play;

/// <summary>Where keys come from and what is drawn on; a console, or a script in a test.</summary>
internal sealed record PlayTerminal(Func<ConsoleKey?> NextKey, TextWriter Screen, Func<(int Columns, int Rows)> Size);

internal sealed class TerminalPlay(World world, Occupant? occupant, PlayTerminal terminal, double speed)
{
    private const int LinesBelow = 4;
    private const int RecentWords = 3;
    private readonly MomentBatch _moments = new(world.Schema, world.Count);
    private readonly MomentBatch _commands = new(world.Schema.Motor, world.Count);
    private readonly PlayKeys _keys = new(world.Schema.Motor);
    private readonly HalfBlocks _blocks = new();
    private readonly Queue<string> _words = new();
    private readonly StringBuilder _frame = new();
    private bool _isPaused;
    private bool _isOver;
    private double _reward;
    private long _moment;

    /// <summary>Plays until escape is pressed or so many moments are over; gives how many there were.</summary>
    /// <param name="seed">Of the first episode; each later one counts up.</param>
    /// <param name="most">How many moments at most.</param>
    /// <param name="each">Sees every moment, to record it.</param>
    /// <param name="cancellation">Stops as escape does.</param>
    public long Run(long seed, long most, Action<MomentBatch, bool>? each, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        var tick = TimeSpan.FromSeconds(1 / (world.Schema.Rate * speed));
        var due = clock.Elapsed;
        Restart(seed, each);
        var total = 1L;
        for (; total < most && !cancellation.IsCancellationRequested; total++)
        {
            Draw(clock.Elapsed);
            due += tick;
            var wait = due - clock.Elapsed;
            if (wait > TimeSpan.Zero)
            {
                cancellation.WaitHandle.WaitOne(wait);
            }
            else
            {
                due = clock.Elapsed; // A slow world is played slowly; it never runs to catch up.
            }

            var isStep = !_isPaused;
            for (var key = terminal.NextKey(); key is not null; key = terminal.NextKey())
            {
                switch (key)
                {
                    case ConsoleKey.Escape:
                        return total;
                    case ConsoleKey.P:
                        _isPaused = !_isPaused;
                        isStep = !_isPaused;
                        break;
                    case ConsoleKey.N when _isPaused:
                        isStep = true;
                        break;
                    case ConsoleKey.R:
                        _isOver = true;
                        isStep = true;
                        break;
                    default:
                        _keys.Press(key.Value, clock.Elapsed);
                        break;
                }
            }

            if (!isStep)
            {
                total--;
            }
            else if (_isOver)
            {
                Restart(++seed, each);
            }
            else
            {
                Step(clock.Elapsed, each);
            }
        }

        Draw(clock.Elapsed);
        return total;
    }

    private void Restart(long seed, Action<MomentBatch, bool>? each)
    {
        world.Reset(0, seed, _moments);
        occupant?.Reset(0, seed);
        (_isOver, _reward, _moment) = (false, 0, 0);
        _words.Clear();
        Perceive();
        each?.Invoke(_moments, true);
    }

    private void Step(TimeSpan now, Action<MomentBatch, bool>? each)
    {
        if (occupant is null)
        {
            _keys.Write(_commands, 0, now);
        }
        else
        {
            occupant.Act(_moments, _commands, [true]);
        }

        world.Step(_commands, _moments);
        _moment++;
        Perceive();
        each?.Invoke(_moments, false);
    }

    private void Perceive()
    {
        var schema = world.Schema;
        for (var i = 0; i < schema.Channels.Length; i++)
        {
            if (schema.Channels[i] is TextChannel { Role: ChannelRole.Sense } && !_moments.Text(i, 0).IsEmpty)
            {
                _words.Enqueue(Terminal.Printable(Encoding.UTF8.GetString(_moments.Text(i, 0))));
                if (_words.Count > RecentWords)
                {
                    _words.Dequeue();
                }
            }
        }

        foreach (var i in schema.Rewards)
        {
            _reward += _moments.Vector(i, 0)[0];
        }

        _isOver = _moments.Endings[0] != Ending.None;
    }

    private void Draw(TimeSpan now)
    {
        var (columns, rows) = terminal.Size();
        _frame.Clear().Append("\e[?2026h\e[H");
        var schema = world.Schema;
        for (var i = 0; i < schema.Channels.Length; i++)
        {
            if (schema.Channels[i] is ImageChannel image && image.Role == ChannelRole.Sense)
            {
                foreach (var line in _blocks.Draw(_moments.Image(i, 0), image.Height, image.Width, image.Colours, columns, Math.Max(1, rows - LinesBelow)))
                {
                    _frame.Append(line).Append("\e[K\r\n");
                }

                break;
            }
        }

        Line(string.Join(" · ", _words), columns);
        Line(Numbers(now), columns);
        Line(_isOver ? "The episode is over; any step begins the next." : Senses(), columns);
        _frame.Append(Terminal.Fit($"{_keys.Help}  p: {(_isPaused ? "go on, n: one step" : "pause")}  r: again  esc: leave", columns)).Append("\e[K\e[J\e[?2026l");
        terminal.Screen.Write(_frame);
        terminal.Screen.Flush();
    }

    private void Line(string text, int columns) => _frame.Append(Terminal.Fit(text, columns)).Append("\e[K\r\n");

    private string Numbers(TimeSpan now) => string.Create(
        CultureInfo.InvariantCulture,
        $"moment {_moment} ({_moment / world.Schema.Rate:0.0} s of the world, {now.TotalSeconds:0} s of yours)  reward {_reward:0.##}{Levels()}");

    // How loud each ear hears, as a bar of eight steps.
    private string Levels()
    {
        var schema = world.Schema;
        for (var i = 0; i < schema.Channels.Length; i++)
        {
            if (schema.Channels[i] is SoundChannel sound && sound.Role == ChannelRole.Sense)
            {
                var samples = _moments.Sound(i, 0);
                var bars = "";
                for (var ear = 0; ear < sound.Ears; ear++)
                {
                    var peak = 0;
                    for (var j = ear; j < samples.Length; j += sound.Ears)
                    {
                        peak = Math.Max(peak, Math.Abs((int)samples[j]));
                    }

                    bars += " ▁▂▃▄▅▆▇█"[(int)Math.Min(8, Math.Ceiling(Math.Sqrt(peak / 32768.0) * 8))];
                }

                return $"  {sound.Name} {bars}";
            }
        }

        return "";
    }

    // The first numbers of the first vector that is perceived: all there is to see in a world without pictures.
    private string Senses()
    {
        const int Shown = 8;
        var schema = world.Schema;
        for (var i = 0; i < schema.Channels.Length; i++)
        {
            if (schema.Channels[i] is VectorChannel { Role: ChannelRole.Sense } vector)
            {
                var numbers = _moments.Vector(i, 0);
                var shown = new List<string>();
                for (var j = 0; j < Math.Min(Shown, numbers.Length); j++)
                {
                    shown.Add((vector.Names.IsDefault ? "" : vector.Names[j] + " ") + numbers[j].ToString("0.###", CultureInfo.InvariantCulture));
                }

                return $"{vector.Name}: {string.Join("  ", shown)}";
            }
        }

        return "";
    }
}
