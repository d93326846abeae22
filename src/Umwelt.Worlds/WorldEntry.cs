// A kind of world as the catalogue shows it to people.
namespace Umwelt.Worlds;

/// <summary>A kind of world that can be opened by name.</summary>
/// <param name="Name">What the name begins with.</param>
/// <param name="Pattern">The whole form of the name, such as <c>balls[:COUNT]</c>.</param>
/// <param name="Summary">What it is.</param>
/// <param name="Settings">What may follow a <c>?</c> in the name, such as <c>size=64</c>; empty where nothing may.</param>
public sealed record WorldEntry(string Name, string Pattern, string Summary, string Settings);
