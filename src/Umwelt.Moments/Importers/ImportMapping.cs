// One line of a mapping: a column of the source and the channel it goes to, as `column=channel:kind:role`.
using Umwelt.Moments.Importers.Tables;

namespace Umwelt.Moments.Importers;

/// <summary>Where a column of a source goes.</summary>
/// <param name="Column">The column, or what the names of several begin with before a dot or a bracket.</param>
/// <param name="Channel">The channel.</param>
/// <param name="Kind">What the channel holds, or null to guess.</param>
/// <param name="Role">What part it plays, or null to guess.</param>
public sealed record ImportMapping(string Column, string Channel, ChannelKind? Kind = null, ChannelRole? Role = null)
{
    /// <summary>Reads <c>column=channel[:kind[:role]]</c>.</summary>
    /// <exception cref="FormatException">It is none, and why.</exception>
    public static ImportMapping Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var at = text.LastIndexOf('=');
        return at > 0
            ? Of(text[..at], text[(at + 1)..])
            : throw new FormatException($"a mapping is column=channel[:kind[:role]], not {CellText.Shown(text)}");
    }

    /// <summary>Reads the channel, kind and role of a column.</summary>
    internal static ImportMapping Of(string column, string target)
    {
        var parts = target.Split(':');
        if (parts.Length > 3 || !Umwelt.Moments.Channel.IsName(parts[0]))
        {
            throw new FormatException(
                $"{CellText.Shown(column)} goes to {CellText.Shown(target)}, which is not channel[:kind[:role]]; a channel's name is lower-case letters, digits and _ - . from a letter on");
        }

        return new ImportMapping(column, parts[0], One<ChannelKind>(parts, 1, "kind"), One<ChannelRole>(parts, 2, "role"));
    }

    /// <summary>Channel, kind and role, as <see cref="Parse"/> reads them.</summary>
    public string Target =>
        (Kind, Role) switch
        {
            ({ } kind, { } role) => $"{Channel}:{Lower(kind)}:{Lower(role)}",
            ({ } kind, null) => $"{Channel}:{Lower(kind)}",
            (null, { } role) => $"{Channel}::{Lower(role)}",
            _ => Channel,
        };

    /// <inheritdoc/>
    public override string ToString() => $"{Column}={Target}";

    private static string Lower<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();

    private static T? One<T>(string[] parts, int index, string what)
        where T : struct, Enum
    {
        if (parts.Length <= index || parts[index].Length == 0)
        {
            return null;
        }

        var names = Enum.GetNames<T>();
        return names.Contains(parts[index], StringComparer.OrdinalIgnoreCase)
            ? Enum.Parse<T>(parts[index], ignoreCase: true)
            : throw new FormatException($"{CellText.Shown(parts[index])} is no {what}; there are {string.Join(", ", names).ToLowerInvariant()}");
    }
}
