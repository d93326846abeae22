// The formats a recording can leave in, one line each. Every export is written whole or not at all.
using Umwelt.Moments.Exporters.LeRobot;

namespace Umwelt.Moments.Exporters;

/// <summary>Writes a recording, or a part of it, to a file.</summary>
/// <param name="recording">What.</param>
/// <param name="path">Where to; a file that stands there is replaced once the new one is whole.</param>
/// <param name="options">Which part.</param>
/// <param name="progress">How much is done, from 0 to 1.</param>
/// <param name="cancellation">Stops; no file is left.</param>
/// <returns>What was written, for people.</returns>
public delegate ExportResult Export(Recording recording, string path, ExportOptions options, IProgress<double>? progress, CancellationToken cancellation);

/// <summary>What an export wrote.</summary>
/// <param name="Moments">How many moments are in the file.</param>
/// <param name="Notes">What it holds and what it can't hold, a line each.</param>
public sealed record ExportResult(long Moments, IReadOnlyList<string> Notes);

/// <summary>A kind of file that a recording can be written to.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Summary">What it is, in a few words.</param>
/// <param name="Write">Writes one.</param>
public sealed record ExportFormat(string Name, string Summary, Export Write);

/// <summary>The formats there are.</summary>
public static class Exporter
{
    /// <summary>The formats there are.</summary>
    public static IReadOnlyList<ExportFormat> Formats { get; } =
    [
        new("mp4", "a video with sound; several pictures side by side (needs ffmpeg)", Mp4Exporter.Write),
        new("wav", "a sound file", WavExporter.Write),
        new("png", "a contact sheet of pictures", SheetExporter.Write),
        new("csv", "a table of vectors, categories and text", TableExporter.WriteCsv),
        new("jsonl", "the same as JSON-lines", TableExporter.WriteJsonLines),
        new("lerobot", "a LeRobot data set of version 3.0, a folder", LeRobotExporter.Write),
    ];
}
