// What keys are called and which code the display has for them. Names are those of X's own list (keysymdef.h), as other tools of X take
// them; a letter or a sign is itself. Buttons of the mouse are keys here too: Mouse1 left, Mouse2 middle, Mouse3 right, 4 and 5 the wheel.
using System.Globalization;

namespace Umwelt.Worlds.Bridges.App.Display;

internal static class XKeys
{
    /// <summary>One more than the largest code of a key; the buttons of the mouse follow.</summary>
    public const int MouseFrom = 256;

    /// <summary>How many codes there are, buttons included.</summary>
    public const int Count = MouseFrom + 10;

    private const uint FunctionKeys = 0xffbe;
    private const int MostFunctionKeys = 24;
    private const int MostButtons = 9;
    private const uint BeyondLatin = 0x01000000;

    private static readonly Dictionary<string, uint> Names = new(StringComparer.OrdinalIgnoreCase)
    {
        ["BackSpace"] = 0xff08,
        ["Tab"] = 0xff09,
        ["Return"] = 0xff0d,
        ["Enter"] = 0xff0d,
        ["Pause"] = 0xff13,
        ["Escape"] = 0xff1b,
        ["Delete"] = 0xffff,
        ["Home"] = 0xff50,
        ["Left"] = 0xff51,
        ["Up"] = 0xff52,
        ["Right"] = 0xff53,
        ["Down"] = 0xff54,
        ["Prior"] = 0xff55,
        ["Page_Up"] = 0xff55,
        ["Next"] = 0xff56,
        ["Page_Down"] = 0xff56,
        ["End"] = 0xff57,
        ["Insert"] = 0xff63,
        ["Menu"] = 0xff67,
        ["space"] = 0x20,
        ["plus"] = 0x2b,
        ["Shift_L"] = 0xffe1,
        ["Shift_R"] = 0xffe2,
        ["Control_L"] = 0xffe3,
        ["Control_R"] = 0xffe4,
        ["Alt_L"] = 0xffe9,
        ["Alt_R"] = 0xffea,
        ["Super_L"] = 0xffeb,
        ["Super_R"] = 0xffec,
        ["Caps_Lock"] = 0xffe5,
        ["KP_Enter"] = 0xff8d,
        ["KP_Add"] = 0xffab,
        ["KP_Subtract"] = 0xffad,
        ["KP_0"] = 0xffb0,
        ["KP_1"] = 0xffb1,
        ["KP_2"] = 0xffb2,
        ["KP_3"] = 0xffb3,
        ["KP_4"] = 0xffb4,
        ["KP_5"] = 0xffb5,
        ["KP_6"] = 0xffb6,
        ["KP_7"] = 0xffb7,
        ["KP_8"] = 0xffb8,
        ["KP_9"] = 0xffb9,
        ["comma"] = 0x2c,
        ["minus"] = 0x2d,
        ["period"] = 0x2e,
        ["slash"] = 0x2f,
        ["semicolon"] = 0x3b,
        ["equal"] = 0x3d,
        ["bracketleft"] = 0x5b,
        ["backslash"] = 0x5c,
        ["bracketright"] = 0x5d,
        ["grave"] = 0x60,
        ["apostrophe"] = 0x27,
    };

    /// <summary>Every name there is for keys that are not one sign.</summary>
    public static IEnumerable<string> All => Names.Keys;

    /// <summary>The button of the mouse that a name means, as a code, or null.</summary>
    public static int? ButtonOf(string name) =>
        name.StartsWith("Mouse", StringComparison.OrdinalIgnoreCase)
        && int.TryParse(name.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out var button) && button is >= 1 and <= MostButtons
            ? MouseFrom + button
            : null;

    /// <summary>X's number for the sign a key bears, or null where there is no key of the name.</summary>
    public static uint? SignOf(string name)
    {
        if (Names.TryGetValue(name, out var sign))
        {
            return sign;
        }

        if (name.Length is 2 or 3 && name[0] is 'F' or 'f' && int.TryParse(name.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= MostFunctionKeys)
        {
            return FunctionKeys + (uint)number - 1;
        }

        // A key is named by what it gives alone, so capitals are their letters.
        return name.Length == 1 && !char.IsControl(name[0]) && !char.IsSurrogate(name[0])
            ? char.ToLowerInvariant(name[0]) is var letter && letter < 256 ? letter : BeyondLatin | letter
            : null;
    }
}
