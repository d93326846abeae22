// The arguments of one layer of a pattern. Each is taken once by name with a default; what nobody took is an error that
// names what there is, so that a mistyped argument never goes unnoticed.
using System.Globalization;

namespace Umwelt.Networks;

/// <summary>Takes the arguments of a layer.</summary>
public sealed class PatternArguments
{
    private readonly string _text;
    private readonly PatternLayer _layer;
    private readonly List<string> _taken = [];

    internal PatternArguments(string text, PatternLayer layer)
    {
        ArgumentNullException.ThrowIfNull(layer);
        _text = text;
        _layer = layer;
    }

    /// <summary>A whole number in a range.</summary>
    public int Integer(string name, int otherwise, int least = 0, int most = int.MaxValue) =>
        Take(name) is not { } argument ? otherwise
        : int.TryParse(argument.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most ? value
        : throw new PatternException(_text, argument.Position, $"'{name}' is a whole number from {least}{(most == int.MaxValue ? "" : $" to {most}")}, not '{argument.Value}'");

    /// <summary>A number in a range.</summary>
    public float Number(string name, float otherwise, float least, float most) =>
        Take(name) is not { } argument ? otherwise
        : float.TryParse(argument.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most ? value
        : throw new PatternException(_text, argument.Position, $"'{name}' is a number from {least} to {most}, not '{argument.Value}'");

    /// <summary>Yes or no.</summary>
    public bool Flag(string name, bool otherwise) =>
        Take(name) is not { } argument ? otherwise
        : argument.Value switch
        {
            "yes" or "true" => true,
            "no" or "false" => false,
            _ => throw new PatternException(_text, argument.Position, $"'{name}' is yes or no, not '{argument.Value}'"),
        };

    /// <summary>One of a few words.</summary>
    public string Choice(string name, string otherwise, params ReadOnlySpan<string> known) =>
        Take(name) is not { } argument ? otherwise
        : known.Contains(argument.Value) ? argument.Value
        : throw new PatternException(_text, argument.Position, $"'{name}' is one of {string.Join(", ", known)}, not '{argument.Value}'");

    /// <summary>An error about a layer as a whole.</summary>
    public PatternException Error(string problem) => new(_text, _layer.Position, problem);

    /// <summary>Throws if an argument was given that nobody took.</summary>
    public void End()
    {
        foreach (var (name, argument) in _layer.Arguments)
        {
            if (!_taken.Contains(name))
            {
                var known = _taken.Count == 0 ? "it takes none" : $"it takes {string.Join(", ", _taken)}";
                throw new PatternException(_text, argument.Position, $"'{_layer.Name}' has no argument '{name}'; {known}");
            }
        }
    }

    private PatternArgument? Take(string name)
    {
        _taken.Add(name);
        return _layer.Arguments.TryGetValue(name, out var argument) ? argument : null;
    }
}
