// What a program's file comes to once it is checked: a schema, and motors that wait for the codes of a display's keys. What the file
// can't say is refused in one line that names the file and the place.
using System.Collections.Immutable;
using Umwelt.Moments;
using Umwelt.Storage;
using Umwelt.Storage.Internal;
using Umwelt.Worlds.Bridges.App.Display;
using Umwelt.Worlds.Catalogue;

namespace Umwelt.Worlds.Bridges.App;

internal sealed class AppPlan
{
    public const string Sight = "sight";
    private const int LargestPicture = 4096;
    private const int LargestScreen = 8192;
    private const int MostSamples = 1 << 20;
    private const double LongestWait = 600;
    private const string Wait = "wait ";

    private readonly string _path;

    public AppPlan(AppDocument document, string path)
    {
        _path = path;
        Document = document;
        Check();
        var channels = new List<Channel> { new ImageChannel(Sight, document.Size[1], document.Size[0], document.Grey ? 1 : 3) };
        if (document.Sound is { } sound)
        {
            channels.Add(new SoundChannel("hearing", sound.Samples, sound.Ears));
        }

        FirstMotor = channels.Count;
        channels.AddRange(document.Motors.Select(Channel));
        if (document.End)
        {
            channels.Add(new CategoryChannel("end", 2, ChannelRole.End));
        }

        try
        {
            Schema = new Schema(document.Rate, channels);
        }
        catch (SchemaException error)
        {
            throw new InvalidFileException(path, error.Message, innerException: error);
        }

        Habits = [.. (document.Habits ?? []).Select((habit, i) => new AppHabit(habit, Schema, what => Wrong($"habit {i}: {what}")))];
        foreach (var key in document.Begin ?? [])
        {
            _ = WaitOf(key) is null ? Names(key, "begin") : null;
        }
    }

    public AppDocument Document { get; }

    public Schema Schema { get; }

    public IReadOnlyList<AppHabit> Habits { get; }

    /// <summary>The place of the first motor among the channels; the others follow.</summary>
    public int FirstMotor { get; }

    /// <summary>Width and height of a private display.</summary>
    public (int Width, int Height) Screen => Document.Screen is [var width, var height] ? (width, height) : (640, 480);

    public static AppPlan Read(string path) => new(DocumentFile.Read(path, AppJson.Default.AppDocument, "a program's description"), path);

    /// <summary>The motors on a display, whose keyboard has to have their keys.</summary>
    public AppMotor[] Motors(XDisplay display) => [.. Document.Motors.Select(motor => Motor(motor, display))];

    /// <summary>What the beginning of an episode taps, or for how long it waits.</summary>
    public (int[] Codes, TimeSpan Wait)[] Begin(XDisplay display) =>
        [.. (Document.Begin ?? []).Select(key => WaitOf(key) is { } seconds ? ([], TimeSpan.FromSeconds(seconds)) : (Codes(key, "begin", display), TimeSpan.Zero))];

    private void Check()
    {
        var document = Document;
        if (document.Program is { } program && (program.Count == 0 || program.Any(string.IsNullOrEmpty)))
        {
            throw Wrong("program is a program's name and its arguments");
        }

        if (document.Program is null && document.Display is null)
        {
            throw Wrong("it names neither a program to start nor a display to look at");
        }

        if (document.Program is null && (document.Environment is not null || document.Folder is not null))
        {
            throw Wrong("environment and folder are for a program that is started, and it names none");
        }

        if (document.Screen is { } screen && (document.Display is not null || screen.Count != 2 || screen.Any(static extent => extent is < 1 or > LargestScreen)))
        {
            throw Wrong($"screen is width and height of a private display, each from 1 to {LargestScreen}");
        }

        if (document.Size.Count != 2 || document.Size.Any(static extent => extent is < 1 or > LargestPicture))
        {
            throw Wrong($"size is width and height, each from 1 to {LargestPicture}, not [{string.Join(", ", document.Size)}]");
        }

        if (!(document.Rate is > 0 and <= 1000))
        {
            throw Wrong($"rate is a number above 0 and at most 1000, not {document.Rate}");
        }

        if (!(document.Settle is >= 0 and <= LongestWait) || !(document.Patience is >= 0 and <= 1e6))
        {
            throw Wrong("settle and patience are numbers of seconds");
        }

        if (document.Moments is < 2)
        {
            throw Wrong("moments is how many an episode has, 2 or more");
        }

        if (document.Sound is { } sound && (string.IsNullOrEmpty(sound.Source) || sound.Source.StartsWith('-') || string.IsNullOrEmpty(sound.Device) || sound.Device.StartsWith('-')
            || sound.Samples is < 1 or > MostSamples || sound.Ears is not (1 or 2) || sound.Samples * document.Rate % 1 != 0))
        {
            throw Wrong("sound has a source, a device, samples in a moment that make a whole number a second, and one ear or two");
        }
    }

    private Channel Channel(AppMotorDocument motor)
    {
        if (new object?[] { motor.Axes, motor.Choices, motor.Mouse }.Count(static way => way is not null) != 1)
        {
            throw Wrong($"motor '{motor.Name}' has one of axes, choices and mouse");
        }

        if (motor.Labels is not null && motor.Choices is null)
        {
            throw Wrong($"motor '{motor.Name}': labels are for choices");
        }

        if (motor.Choices is { } choices)
        {
            foreach (var choice in choices)
            {
                Names(choice, $"motor '{motor.Name}'");
            }

            return new CategoryChannel(motor.Name, choices.Count, ChannelRole.Motor)
            {
                Labels = motor.Labels is { } labels ? [.. labels] : [.. choices.Select(static choice => choice.Length > 0 ? choice : "nothing")],
            };
        }

        if (motor.Mouse is { } mouse)
        {
            return mouse.Count == 2 && mouse.All(static pixels => pixels is >= 1 and <= short.MaxValue)
                ? Vector(motor.Name, ["right", "down"], [-1, -1])
                : throw Wrong($"motor '{motor.Name}': mouse is pixels to the right and down, each from 1");
        }

        foreach (var axis in motor.Axes!)
        {
            if (Names(axis.More, $"motor '{motor.Name}'").Length == 0 || (axis.Less is { } less && Names(less, $"motor '{motor.Name}'").Length == 0))
            {
                throw Wrong($"motor '{motor.Name}': axis '{axis.Name}' presses nothing");
            }
        }

        return Vector(motor.Name, motor.Axes.Select(static axis => axis.Name), motor.Axes.Select(static axis => axis.Less is null ? 0f : -1));
    }

    private static VectorChannel Vector(string name, IEnumerable<string> names, IEnumerable<float> least)
    {
        ImmutableArray<float> minimum = [.. least];
        return new VectorChannel(name, minimum.Length, ChannelRole.Motor) { Names = [.. names], Minimum = minimum, Maximum = [.. minimum.Select(static _ => 1f)] };
    }

    private AppMotor Motor(AppMotorDocument motor, XDisplay display)
    {
        var where = $"motor '{motor.Name}'";
        return motor.Choices is { } choices ? new ChoicesMotor([.. choices.Select(choice => Codes(choice, where, display))])
            : motor.Mouse is { } mouse ? new MouseMotor(mouse[0], mouse[1])
            : new AxesMotor([.. motor.Axes!.Select(axis => (axis.Less is { } less ? Codes(less, where, display) : [], Codes(axis.More, where, display)))]);
    }

    private int[] Codes(string keys, string where, XDisplay display) =>
        [.. Names(keys, where).Select(name => display.CodeOf(name) ?? throw Wrong($"{where}: the display's keyboard has no key '{name}'"))];

    // Keys joined by +; a + alone is that key.
    private string[] Names(string keys, string where)
    {
        var names = keys is "+" ? ["plus"] : keys.Split('+', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        foreach (var name in names)
        {
            if (XKeys.ButtonOf(name) is null && XKeys.SignOf(name) is null)
            {
                var nearest = NearestName.Of(name, XKeys.All);
                throw Wrong($"{where}: there is no key '{name}'{(nearest is null ? "; keys are called Up, space, Control_L, a, F1, Mouse1" : $"; did you mean '{nearest}'?")}");
            }
        }

        return names;
    }

    private double? WaitOf(string key) =>
        !key.StartsWith(Wait, StringComparison.Ordinal) ? null
        : double.TryParse(key.AsSpan(Wait.Length), System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out var seconds) && seconds is >= 0 and <= LongestWait ? seconds
        : throw Wrong($"begin: '{key}' is no waiting time in seconds");

    private InvalidFileException Wrong(string problem) => new(_path, problem);
}
