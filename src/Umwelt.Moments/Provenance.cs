// Where a recording comes from and who may use it. It stands in recording.json and goes with every copy and excerpt, since
// data whose origin nobody knows can neither be trusted nor passed on.
using System.Text.Json.Serialization;

namespace Umwelt.Moments;

/// <summary>Where a recording comes from, who may use it, and what made it.</summary>
public sealed record Provenance
{
    /// <summary>Where the moments come from: a world's name, a file, a data set's address.</summary>
    public string? Origin { get; init; }

    /// <summary>Who acted, where somebody did.</summary>
    public string? Occupant { get; init; }

    /// <summary>The seed from which the seeds of episodes derive, where there is one.</summary>
    public long? Seed { get; init; }

    /// <summary>The licence, as its usual short name (such as <c>CC-BY-4.0</c>) or a sentence.</summary>
    public string? Licence { get; init; }

    /// <summary>Who may use it, in words.</summary>
    public string? Access { get; init; }

    /// <summary>The program that made it, with its version.</summary>
    public string? Creator { get; init; }

    /// <summary>When it was begun; a writer fills it in from its clock where it is missing.</summary>
    public DateTimeOffset? Created { get; init; }

    /// <summary>Names what was imported and how, so that an import that was broken off can tell whether to go on.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>Anything else worth knowing.</summary>
    public string? Notes { get; init; }

    /// <summary>This provenance with the creator that an entry assembly names, where none is given.</summary>
    [JsonIgnore]
    internal Provenance Completed => Creator is null
        ? this with { Creator = $"Umwelt {typeof(Provenance).Assembly.GetName().Version?.ToString(3)}" }
        : this;

    /// <summary>What several recordings say of themselves together: what is equal once, what differs side by side.</summary>
    internal static Provenance Of(IEnumerable<Provenance> several)
    {
        var all = several.ToArray();
        return all.Distinct().Count() == 1
            ? all[0]
            : new Provenance
            {
                Origin = Together(provenance => provenance.Origin),
                Occupant = Together(provenance => provenance.Occupant),
                Seed = all.Select(provenance => provenance.Seed).Distinct().Count() == 1 ? all[0].Seed : null,
                Licence = Together(provenance => provenance.Licence),
                Access = Together(provenance => provenance.Access),
                Creator = Together(provenance => provenance.Creator),
                Notes = Together(provenance => provenance.Notes),
            };

        string? Together(Func<Provenance, string?> field) =>
            all.Select(field).OfType<string>().Distinct(StringComparer.Ordinal).ToArray() is { Length: > 0 } values ? string.Join("; ", values) : null;
    }
}
