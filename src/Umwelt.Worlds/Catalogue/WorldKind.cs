// A row of the catalogue: how a kind of world is called, and what opens it.
using Umwelt.Moments;

namespace Umwelt.Worlds.Catalogue;

internal sealed record WorldKind(string Name, string Pattern, string Summary, string Settings, Func<WorldName, WorldOptions, World> Open);
