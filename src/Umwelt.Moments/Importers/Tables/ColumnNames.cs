// What names of columns usually mean. Guesses, shown before anything is written, and every one can be overruled.
using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace Umwelt.Moments.Importers.Tables;

internal static class ColumnNames
{
    private static readonly FrozenSet<string> Motors = Set("action", "actions", "motor", "motors", "command", "commands", "control", "controls", "cmd", "act", "input");
    private static readonly FrozenSet<string> Rewards = Set("reward", "rewards", "next.reward");
    private static readonly FrozenSet<string> Ends = Set("end", "done", "terminated", "terminal", "is_terminal", "next.done", "next.terminated");
    private static readonly FrozenSet<string> Truncations = Set("truncated", "truncation", "timeout", "next.truncated");
    private static readonly FrozenSet<string> Episodes = Set("episode", "episode_id", "episode_index", "episode_ix", "ep", "trajectory", "trajectory_id");
    private static readonly FrozenSet<string> Times = Set("time", "timestamp", "timestamps", "t", "datetime", "date", "ts", "seconds", "unix", "elapsed");
    private static readonly FrozenSet<string> Counters = Set("index", "step", "frame", "frame_index", "moment", "row", "i", "");

    public static bool IsEpisode(string name) => Episodes.Contains(Plain(name));

    public static bool IsTruncation(string name) => Truncations.Contains(Plain(name));

    public static bool IsEnding(string name) => Plain(name) == "ending";

    public static bool IsCounter(string name) => Counters.Contains(Plain(name));

    /// <summary>Whether a column says when, and in what part of a second, or null where its values tell.</summary>
    public static bool IsTime(string name, out double? unit)
    {
        var plain = Plain(name);
        unit = Unit(name) switch { "s" or "sec" => 1, "ms" => 1e-3, "us" or "µs" => 1e-6, "ns" => 1e-9, _ => null };
        foreach (var (ending, seconds) in new[] { ("_s", 1.0), ("_sec", 1.0), ("_ms", 1e-3), ("_us", 1e-6), ("_ns", 1e-9) })
        {
            if (plain.EndsWith(ending, StringComparison.Ordinal) && Times.Contains(plain[..^ending.Length]))
            {
                unit ??= seconds;
                return true;
            }
        }

        return Times.Contains(plain);
    }

    /// <summary>What part a column plays, by its name or by the word that its name begins with.</summary>
    public static ChannelRole Role(string name)
    {
        var plain = Plain(name);
        if (Rewards.Contains(plain))
        {
            return ChannelRole.Reward;
        }

        if (Ends.Contains(plain))
        {
            return ChannelRole.End;
        }

        var word = plain.AsSpan(0, plain.AsSpan().IndexOfAny("._[ ") is >= 0 and var at ? at : plain.Length);
        return Motors.GetAlternateLookup<ReadOnlySpan<char>>().Contains(word) ? ChannelRole.Motor : ChannelRole.Sense;
    }

    /// <summary>The name that several columns share and what tells this one from the others, or null where it stands alone:
    /// <c>pose.x</c>, <c>q[0]</c>, <c>joint_3</c>.</summary>
    public static (string Base, string Label)? Split(string name)
    {
        if (name.EndsWith(']') && name.LastIndexOf('[') is > 0 and var bracket && name[bracket - 1] != ' ')
        {
            return (name[..bracket], name[(bracket + 1)..^1]);
        }

        if (name.LastIndexOf('.') is > 0 and var dot && dot < name.Length - 1)
        {
            return (name[..dot], name[(dot + 1)..]);
        }

        var digits = name.Length;
        while (digits > 0 && char.IsAsciiDigit(name[digits - 1]))
        {
            digits--;
        }

        return digits > 1 && digits < name.Length && name[digits - 1] == '_' ? (name[..(digits - 1)], name[digits..]) : null;
    }

    /// <summary>Whether a column belongs to what a mapping names: the column itself or a group of columns.</summary>
    public static bool Covers(string wanted, string name) =>
        name.StartsWith(wanted, StringComparison.Ordinal) && (name.Length == wanted.Length || name[wanted.Length] is '.' or '[');

    /// <summary>A channel's name made of a column's: small letters, no unit, no blanks.</summary>
    public static string ChannelName(string name)
    {
        var result = new StringBuilder();
        foreach (var letter in Plain(name))
        {
            var fits = char.IsAsciiLetterLower(letter) || (result.Length > 0 && (char.IsAsciiDigit(letter) || letter is '.' or '-'));
            if (fits)
            {
                result.Append(letter);
            }
            else if (result.Length > 0 && result[^1] != '_')
            {
                result.Append('_');
            }
        }

        var made = result.ToString().Trim('_');
        return made.Length == 0 ? "column" : made[..Math.Min(made.Length, Channel.LongestName - 4)];
    }

    // Small letters, without a unit in brackets after a blank.
    private static string Plain(string name)
    {
        var text = name.Trim();
        if (Unit(text) is not null)
        {
            text = text[..text.LastIndexOfAny(['[', '('])].TrimEnd();
        }

        return text.ToLower(CultureInfo.InvariantCulture);
    }

    private static string? Unit(string name)
    {
        var text = name.Trim();
        var open = text.LastIndexOfAny(['[', '(']);
        var isUnit = open > 0 && (text.EndsWith(']') || text.EndsWith(')')) && (text[open] == '(' || text[open - 1] == ' ');
        return isUnit ? text[(open + 1)..^1].Trim().ToLowerInvariant() : null;
    }

    private static FrozenSet<string> Set(params string[] names) => names.ToFrozenSet(StringComparer.Ordinal);
}
