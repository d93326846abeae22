// A dream that a server shows: which model dreams, which world is the truth beside it, and what it can begin with. Like worlds,
// dreams are named here and nowhere else.
namespace Umwelt.Server;

/// <summary>A model to dream in, under a name that clients may choose.</summary>
/// <param name="Name">What clients call it; it stands among <see cref="ServerOptions.Worlds"/> too.</param>
/// <param name="Model">The folder of a world model, or of a run, whose newest model is dreamed in while better ones are written.</param>
public sealed record DreamSource(string Name, string Model)
{
    /// <summary>The world that it was learnt from, of the same schema, to run beside the dream; null for a dream without a truth.</summary>
    public string? Truth { get; init; }

    /// <summary>The folder of a recording to begin in the middle of; null where there is none.</summary>
    public string? History { get; init; }
}
