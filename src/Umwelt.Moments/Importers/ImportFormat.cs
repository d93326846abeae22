// The formats there are: one line each, for the command and for whoever wants a list.
namespace Umwelt.Moments.Importers;

/// <summary>A kind of source that can be imported.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Summary">What it is, in a few words.</param>
/// <param name="Open">Looks at a source.</param>
public sealed record ImportFormat(string Name, string Summary, Func<string, ImportOptions, CancellationToken, Importer> Open);
