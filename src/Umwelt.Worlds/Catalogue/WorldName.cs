// The name of a world in its parts: KIND[:ARGUMENT][?KEY=VALUE&…]. A setting that nobody asks for is an error that names
// those there are, so that a mistyped one is never silently ignored.
using System.Globalization;
using Umwelt.Storage.Internal;

namespace Umwelt.Worlds.Catalogue;

internal sealed class WorldName
{
    private readonly Dictionary<string, string> _settings = new(StringComparer.Ordinal);
    private readonly List<string> _asked = [];

    private WorldName(string whole, string? argument)
    {
        Whole = whole;
        Argument = argument;
    }

    public string Whole { get; }

    /// <summary>What stands between the colon and the settings; null where there is no colon.</summary>
    public string? Argument { get; }

    public static WorldName Parse(string name)
    {
        var colon = name.IndexOf(':', StringComparison.Ordinal);
        var argument = colon < 0 ? null : name[(colon + 1)..];
        var question = name.LastIndexOf('?');

        // A file may have a question mark in its name.
        if (question < 0 || (argument is not null && File.Exists(argument)))
        {
            return new WorldName(name, argument);
        }

        var parsed = new WorldName(name, colon < 0 || colon > question ? null : name[(colon + 1)..question]);
        foreach (var setting in name[(question + 1)..].Split('&'))
        {
            var equals = setting.IndexOf('=', StringComparison.Ordinal);
            if (equals < 1)
            {
                throw parsed.Wrong($"after '?' stand settings such as KEY=VALUE, not '{setting}'");
            }

            if (!parsed._settings.TryAdd(setting[..equals], setting[(equals + 1)..]))
            {
                throw parsed.Wrong($"'{setting[..equals]}' is set twice");
            }
        }

        return parsed;
    }

    public ArgumentException Wrong(string what) => new($"{Whole}: {what}");

    public string? Text(string key)
    {
        _asked.Add(key);
        return _settings.Remove(key, out var value) ? value : null;
    }

    public int Integer(string key, int otherwise, int least, int most) => Text(key) is { } text ? Integer(text, key, least, most) : otherwise;

    public int Integer(string text, string what, int least, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw Wrong($"{what} is a whole number from {least} to {most}, not '{text}'");

    public double? Number(string key, double most)
    {
        var text = Text(key);
        return text is null ? null
            : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number > 0 && number <= most ? number
            : throw Wrong($"{key} is a number above 0 and at most {most}, not '{text}'");
    }

    public bool Flag(string key) => Text(key) switch
    {
        null or "false" => false,
        "true" => true,
        var other => throw Wrong($"{key} is true or false, not '{other}'"),
    };

    /// <summary>Whether the start is drawn from the seed; otherwise it is the first moment there is.</summary>
    public bool IsRandomStart() => Text("start") switch
    {
        null or "first" => false,
        "random" => true,
        var other => throw Wrong($"start is first or random, not '{other}'"),
    };

    /// <summary>The file that the argument names.</summary>
    public string FileName() => string.IsNullOrEmpty(Argument) ? throw Wrong("a file's name has to follow the colon") : Argument;

    /// <summary>Throws if a setting is left that nobody asked for.</summary>
    public void Finish()
    {
        if (_settings.Count > 0)
        {
            var unknown = _settings.Keys.First();
            var nearest = NearestName.Of(unknown, _asked);
            throw Wrong($"unknown setting '{unknown}'; {(nearest is null ? $"there are {string.Join(", ", _asked)}" : $"did you mean '{nearest}'?")}");
        }
    }

    /// <summary>The settings that nobody has asked for, taken out.</summary>
    public IReadOnlyList<(string Key, string Value)> Rest()
    {
        var rest = _settings.Select(setting => (setting.Key, setting.Value)).ToList();
        _settings.Clear();
        return rest;
    }
}
