// What an importer makes of a source before anything is written: to be shown, corrected by options, and only then run.
using System.Collections.Immutable;

namespace Umwelt.Moments.Importers;

/// <summary>What an import will do.</summary>
public sealed record ImportPlan
{
    /// <summary>The format's name.</summary>
    public required string Format { get; init; }

    /// <summary>The file or folder.</summary>
    public required string Source { get; init; }

    /// <summary>What every moment will hold.</summary>
    public required Schema Schema { get; init; }

    /// <summary>Where each column, file or stream of the source goes.</summary>
    public required ImmutableArray<ImportMapping> Map { get; init; }

    /// <summary>Columns that become no channel, with the reason.</summary>
    public ImmutableArray<string> Dropped { get; init; } = [];

    /// <summary>How commands and senses stand in the source; null where there are no commands.</summary>
    public CommandOrder? Commands { get; init; }

    /// <summary>Why that is thought.</summary>
    public string? CommandsReason { get; init; }

    /// <summary>How many episodes there are.</summary>
    public required int EpisodeCount { get; init; }

    /// <summary>How many moments there are, or about how many; null where only reading tells.</summary>
    public long? MomentCount { get; init; }

    /// <summary>What is missing or odd, a line each.</summary>
    public ImmutableArray<string> Warnings { get; init; } = [];

    /// <summary>Names source and options: the same again gives the same recording, so an import may be continued.</summary>
    public required string Fingerprint { get; init; }
}

/// <summary>How far an import is.</summary>
/// <param name="Episode">The episode under way, from 0.</param>
/// <param name="EpisodeCount">Of how many.</param>
/// <param name="Moments">Moments the recording has.</param>
/// <param name="MomentCount">About how many it will have, or null.</param>
public readonly record struct ImportProgress(int Episode, int EpisodeCount, long Moments, long? MomentCount);

/// <summary>What an import did.</summary>
/// <param name="Episodes">Episodes the recording has.</param>
/// <param name="Moments">Moments the recording has.</param>
/// <param name="Resumed">How many of these moments were there before, from an import that was broken off.</param>
/// <param name="Warnings">What turned out odd while it ran.</param>
public sealed record ImportResult(int Episodes, long Moments, long Resumed, ImmutableArray<string> Warnings);
