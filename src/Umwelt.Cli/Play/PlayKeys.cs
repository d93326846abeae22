// Which key does what in a world one plays in a terminal. Numbers named as bodies move them get the keys of games; others get
// pairs of keys in order; categories get a key each. A terminal tells of pressing, never of letting go, so a key counts as
// held until its repeats have stayed away for a while.
using Umwelt.Moments;

namespace Umwelt.Cli.Play;

internal sealed class PlayKeys
{
    /// <summary>How long a key counts as held: longer than the pause before a keyboard begins to repeat.</summary>
    public static readonly TimeSpan Hold = TimeSpan.FromMilliseconds(350);

    private static readonly Dictionary<string, (ConsoleKey[] Less, ConsoleKey[] More, string Keys)> Known = new(StringComparer.Ordinal)
    {
        ["forward"] = ([ConsoleKey.S, ConsoleKey.DownArrow], [ConsoleKey.W, ConsoleKey.UpArrow], "w/s or up/down"),
        ["strafe"] = ([ConsoleKey.A], [ConsoleKey.D], "a/d"),
        ["turn"] = ([ConsoleKey.LeftArrow, ConsoleKey.Q], [ConsoleKey.RightArrow], "left/right"),
    };

    private static readonly (ConsoleKey Less, ConsoleKey More, string Keys)[] Pairs =
    [
        (ConsoleKey.LeftArrow, ConsoleKey.RightArrow, "left/right"),
        (ConsoleKey.DownArrow, ConsoleKey.UpArrow, "up/down"),
        (ConsoleKey.A, ConsoleKey.D, "a/d"),
        (ConsoleKey.S, ConsoleKey.W, "w/s"),
        (ConsoleKey.F, ConsoleKey.H, "f/h"),
        (ConsoleKey.G, ConsoleKey.T, "t/g"),
        (ConsoleKey.J, ConsoleKey.L, "j/l"),
        (ConsoleKey.K, ConsoleKey.I, "i/k"),
    ];

    private readonly Schema _motor;
    private readonly List<Binding> _bindings = [];
    private readonly Dictionary<ConsoleKey, TimeSpan> _pressed = [];
    private readonly List<string> _help = [];

    /// <summary>Finds keys for the motor channels of a world.</summary>
    public PlayKeys(Schema motor)
    {
        _motor = motor;
        var taken = motor.Channels.OfType<VectorChannel>().Where(vector => !vector.Names.IsDefault).SelectMany(vector => vector.Names)
            .Where(Known.ContainsKey).SelectMany(name => Known[name].Less.Concat(Known[name].More)).ToHashSet();
        var free = new Queue<(ConsoleKey Less, ConsoleKey More, string Keys)>(Pairs.Where(pair => !taken.Contains(pair.Less) && !taken.Contains(pair.More)));
        var digit = 1;
        for (var channel = 0; channel < motor.Channels.Length; channel++)
        {
            switch (motor.Channels[channel])
            {
                case VectorChannel vector:
                    BindNumbers(vector, channel, free);
                    break;
                case CategoryChannel category:
                    BindCategories(category, channel, ref digit);
                    break;
            }
        }
    }

    /// <summary>What each key does, in a line.</summary>
    public string Help => string.Join("  ", _help);

    /// <summary>A key was pressed or repeated.</summary>
    public void Press(ConsoleKey key, TimeSpan now) => _pressed[key] = now;

    /// <summary>Fills a row of commands with what the held keys say.</summary>
    public void Write(MomentBatch commands, int row, TimeSpan now)
    {
        for (var channel = 0; channel < _motor.Channels.Length; channel++)
        {
            commands.SetAbsent(channel, row);
            commands.SetPresent(channel, row);
            if (_motor.Channels[channel] is VectorChannel vector)
            {
                var values = commands.Vector(channel, row);
                for (var i = 0; i < values.Length; i++)
                {
                    values[i] = Math.Clamp(0, Least(vector, i), Most(vector, i));
                }
            }
        }

        foreach (var binding in _bindings)
        {
            if (!_pressed.TryGetValue(binding.Key, out var time) || now - time > Hold)
            {
                continue;
            }

            if (_motor.Channels[binding.Channel].Kind == ChannelKind.Category)
            {
                commands.Category(binding.Channel, row) = binding.Index;
                _pressed.Remove(binding.Key); // A button is pressed once, not for as long as the key repeats.
            }
            else
            {
                commands.Vector(binding.Channel, row)[binding.Index] = binding.Value;
            }
        }
    }

    private void BindNumbers(VectorChannel vector, int channel, Queue<(ConsoleKey Less, ConsoleKey More, string Keys)> free)
    {
        for (var i = 0; i < vector.Size; i++)
        {
            var name = vector.Names.IsDefault ? null : vector.Names[i];
            ConsoleKey[] less, more;
            string keys;
            if (name is not null && Known.TryGetValue(name, out var known))
            {
                (less, more, keys) = known;
            }
            else if (free.TryDequeue(out var pair))
            {
                (less, more, keys) = ([pair.Less], [pair.More], pair.Keys);
            }
            else
            {
                continue;
            }

            _bindings.AddRange(less.Select(key => new Binding(key, channel, i, Least(vector, i))));
            _bindings.AddRange(more.Select(key => new Binding(key, channel, i, Most(vector, i))));
            _help.Add($"{keys}: {name ?? (vector.Size == 1 ? vector.Name : $"{vector.Name}[{i}]")}");
        }
    }

    private void BindCategories(CategoryChannel category, int channel, ref int digit)
    {
        if (category.Count == 2)
        {
            _bindings.Add(new Binding(ConsoleKey.E, channel, 1, 1));
            _bindings.Add(new Binding(ConsoleKey.Spacebar, channel, 1, 1));
            _help.Add($"e or space: {(category.Labels.IsDefault ? category.Name : category.Labels[1])}");
            return;
        }

        var first = digit;
        for (var i = 0; i < category.Count && digit <= 9; i++, digit++)
        {
            _bindings.Add(new Binding(ConsoleKey.D0 + digit, channel, i, 1));
        }

        _help.Add($"{first}-{digit - 1}: {category.Name}");
    }

    private static float Least(VectorChannel vector, int i) => vector.Minimum.IsDefault ? -1 : Math.Max(vector.Minimum[i], -1e6f);

    private static float Most(VectorChannel vector, int i) => vector.Maximum.IsDefault ? 1 : Math.Min(vector.Maximum[i], 1e6f);

    private readonly record struct Binding(ConsoleKey Key, int Channel, int Index, float Value);
}
