// Opens worlds by name: `balls:3`, `pendulum:pixels`, `text:book.txt`, `gym:CartPole-v1?sight=64`. A name is a kind, what
// follows a colon, and settings after a question mark. Each kind is one row of the table.
using Umwelt.Moments;
using Umwelt.Storage.Internal;
using Umwelt.Worlds.Bridges.App;
using Umwelt.Worlds.Bridges.OpenEnv;
using Umwelt.Worlds.Catalogue;
using Umwelt.Worlds.Mapping;
using Umwelt.Worlds.Small;

namespace Umwelt.Worlds;

/// <summary>The worlds that can be opened by name.</summary>
public static class WorldCatalogue
{
    private static readonly WorldKind[] Kinds =
    [
        new("house", "house[:random]", "a house to walk through, seen and heard; with :random another one for each seed", "size", HouseName.Open),
        new("balls", "balls[:COUNT]", "bouncing balls with a thud for each bounce, seen and heard", "size, motor, length", BallsWorld.Open),
        new("pendulum", "pendulum[:pixels]", "a pendulum to swing up by torque; with its picture on request", "size", PendulumWorld.Open),
        new("cartpole", "cartpole", "a cart that balances a pole by pushes to the left or right", "", CartPoleWorld.Open),
        new("text", "text:FILE", "a text file, a character or a few bytes a moment", "bytes, start, rate", TextWorld.Open),
        new("series", "series:FILE", "the rows of a CSV file of numbers, one a moment", "start, rate", SeriesWorld.Open),
        new(MappedWorld.Kind, "mapped:FILE", "a world seen and steered through other channels, as a JSON file says", "", MappedWorld.Open),
        new("app", "app:FILE", "any program on an X display, its picture, its sound and its keys, as a JSON file says", "", AppWorld.Open),
        new("openenv", "openenv:ADDRESS", "the world of an OpenEnv server, such as openenv:localhost:8000", "rate, token, whatever the server takes", OpenEnvWorld.Open),
        new("gym", "gym:[MODULE:]ENVIRONMENT", "an environment of Gymnasium, run in Python", "sight, processes, rate, occupant, arguments of the environment", GymnasiumName.Open),
    ];

    /// <summary>Every kind of world.</summary>
    public static IReadOnlyList<WorldEntry> Entries { get; } = [.. Kinds.Select(kind => new WorldEntry(kind.Name, kind.Pattern, kind.Summary, kind.Settings))];

    /// <summary>Opens the world of this name.</summary>
    /// <exception cref="ArgumentException">No world has the name; it says which exist and what was probably meant.</exception>
    /// <exception cref="WorldException">The world, which is somebody else's, can't be started.</exception>
    /// <exception cref="IOException">The file that the name speaks of can't be read.</exception>
    public static World Open(string name, WorldOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        options ??= new WorldOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Count, 1, nameof(options));
        var colon = name.AsSpan().IndexOfAny(':', '?');
        var wanted = colon < 0 ? name : name[..colon];
        var kind = Array.Find(Kinds, kind => string.Equals(kind.Name, wanted, StringComparison.Ordinal));
        if (kind is null)
        {
            var nearest = NearestName.Of(wanted, Kinds.Select(kind => kind.Name));
            var meant = nearest is null ? "; there" : $"; did you mean '{nearest}{name[wanted.Length..]}'? There";
            throw new ArgumentException($"no world '{name}'{meant} are {string.Join(", ", Kinds.Select(kind => kind.Pattern))}.", nameof(name));
        }

        return kind.Open(WorldName.Parse(name), options);
    }
}
