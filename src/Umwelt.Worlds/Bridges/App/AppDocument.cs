// What the file of a program on an X display may say: which program, what of it is seen and heard, which motors press which keys. Keys
// that are not here are errors. Properties can be set because the reader gives those that are only initialised the zero of their type.
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Umwelt.Worlds.Bridges.App;

/// <summary>A program on an X display as a world.</summary>
internal sealed record AppDocument
{
    /// <summary>The program and its arguments, started anew for every episode; without it a window that is there is taken.</summary>
    public IReadOnlyList<string>? Program { get; set; }

    /// <summary>Variables that the program is started with beside ours.</summary>
    public IReadOnlyDictionary<string, string>? Environment { get; set; }

    /// <summary>Where the program is started; here unless said.</summary>
    public string? Folder { get; set; }

    /// <summary>The display, such as <c>:0</c>; a private one for each row unless said.</summary>
    public string? Display { get; set; }

    /// <summary>Width and height of a private display.</summary>
    public IReadOnlyList<int>? Screen { get; set; }

    /// <summary>What the title of the window that is seen holds; the whole screen is seen unless said.</summary>
    public string? Window { get; set; }

    /// <summary>For how many seconds the program may settle once it shows a window.</summary>
    public double Settle { get; set; } = 1;

    /// <summary>Keys that are tapped one after another when an episode begins; <c>wait 0.5</c> waits so many seconds.</summary>
    public IReadOnlyList<string>? Begin { get; set; }

    /// <summary>Moments in a second.</summary>
    public double Rate { get; set; } = 20;

    /// <summary>Width and height that the picture is brought to.</summary>
    public IReadOnlyList<int> Size { get; set; } = [64, 64];

    /// <summary>Whether colours are given up.</summary>
    public bool Grey { get; set; }

    /// <summary>What is heard, if anything.</summary>
    public AppSoundDocument? Sound { get; set; }

    /// <summary>The motors in their order.</summary>
    public IReadOnlyList<AppMotorDocument> Motors { get; set; } = [];

    /// <summary>How the scripted occupant passes its time.</summary>
    public IReadOnlyList<AppHabitDocument>? Habits { get; set; }

    /// <summary>After how many moments an episode is cut; never unless said.</summary>
    public int? Moments { get; set; }

    /// <summary>Whether moments say that the program has ended by itself, which ends an episode in any case.</summary>
    public bool End { get; set; }

    /// <summary>After how many seconds of pressed keys without any change of the picture the program counts as frozen; 0 never.</summary>
    public double Patience { get; set; } = 20;
}

/// <summary>What is heard of a program.</summary>
internal sealed record AppSoundDocument
{
    /// <summary>What ffmpeg listens to, such as the monitor of an output: <c>default</c>, <c>alsa_output.pci.monitor</c>.</summary>
    public string Source { get; set; } = "";

    /// <summary>Through what ffmpeg listens: <c>pulse</c>, <c>alsa</c> or another of its devices.</summary>
    public string Device { get; set; } = "pulse";

    /// <summary>Samples of an ear in a moment.</summary>
    public int Samples { get; set; } = 800;

    /// <summary>One ear or two.</summary>
    public int Ears { get; set; } = 1;
}

/// <summary>A motor and the keys it presses: by numbers (axes), by one of several (choices), or the mouse.</summary>
internal sealed record AppMotorDocument
{
    public string Name { get; set; } = "";

    /// <summary>A number each, from -1 to 1, or from 0 to 1 where nothing is pressed for less.</summary>
    public IReadOnlyList<AppAxisDocument>? Axes { get; set; }

    /// <summary>What each of the categories presses: keys joined by +, or nothing.</summary>
    public IReadOnlyList<string>? Choices { get; set; }

    /// <summary>What each of the categories is called.</summary>
    public IReadOnlyList<string>? Labels { get; set; }

    /// <summary>How many pixels to the right and down the mouse moves in a moment at 1.</summary>
    public IReadOnlyList<double>? Mouse { get; set; }
}

/// <summary>A number that presses keys: beyond one third of its way.</summary>
internal sealed record AppAxisDocument
{
    public string Name { get; set; } = "";

    /// <summary>Keys for a number below zero, joined by +.</summary>
    public string? Less { get; set; }

    /// <summary>Keys for a number above zero, joined by +.</summary>
    public string More { get; set; } = "";
}

/// <summary>Something the scripted occupant does for a while.</summary>
internal sealed record AppHabitDocument
{
    /// <summary>Commands by the motors' names: numbers, a number or a label; motors that are not named are still.</summary>
    public IReadOnlyDictionary<string, JsonElement> Do { get; set; } = new Dictionary<string, JsonElement>(StringComparer.Ordinal);

    /// <summary>For how long: from so many seconds to so many.</summary>
    public IReadOnlyList<double> Seconds { get; set; } = [0.5, 2];

    /// <summary>How often in proportion to the others.</summary>
    public double Weight { get; set; } = 1;

    /// <summary>Whether it is for when the picture has stopped to change while something else was being done.</summary>
    public bool Stuck { get; set; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    ReadCommentHandling = JsonCommentHandling.Skip,
    AllowTrailingCommas = true)]
[JsonSerializable(typeof(AppDocument))]
internal sealed partial class AppJson : JsonSerializerContext;
