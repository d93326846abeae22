// One tensor of what a mixer remembers: its name in files and its shape for a single row.
using Umwelt.Tensors;

namespace Umwelt.Networks;

/// <summary>A part of a mixer's state; zeros are an empty memory.</summary>
/// <param name="Name">In files.</param>
/// <param name="Shape">For one row.</param>
public readonly record struct StatePart(string Name, Shape Shape);
