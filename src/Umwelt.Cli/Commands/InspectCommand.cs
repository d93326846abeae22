// `umwelt inspect DATA`: what is in a recording, as tables, as one page, or as one JSON line.
using System.CommandLine;
using System.Globalization;
using Umwelt.Cli.Inspect;
using Umwelt.Cli.Output;
using Umwelt.Moments;
using Umwelt.Storage;

namespace Umwelt.Cli.Commands;

internal static class InspectCommand
{
    public static Command Create()
    {
        var data = new Argument<string>("DATA") { Description = "The recording's folder." };
        var html = new Option<string?>("--html")
        {
            Description = "Write a page with pictures, sounds, curves and counts to this file.",
            HelpName = "FILE",
        };
        var skip = new Option<bool>("--skip-damaged") { Description = "Pass over segments that can't be read, and name them." };
        var verify = new Option<bool>("--verify") { Description = "Compare every byte with its checksum, which takes a while." };
        var command = new ExampleCommand(
            "inspect",
            "Show what is in a recording.",
            ("umwelt inspect house-data", "channels, episodes and where it comes from"),
            ("umwelt inspect house-data --html house-data.html", "pictures, waveforms, spectrograms, histograms on one page"),
            ("umwelt inspect house-data --verify --json", "check every byte; the result for a program"))
        {
            data,
            html,
            skip,
            verify,
        };
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                using var progress = new ProgressLine();
                using var recording = Recording.Open(parsed.GetRequiredValue(data), new RecordingReading { SkipDamaged = parsed.GetValue(skip) });
                var damage = new List<RecordingDamage>(recording.Damage);
                if (parsed.GetValue(verify))
                {
                    damage.AddRange(recording.Verify(new Shares(progress), cancellation));
                }

                var sample = RecordingSample.Of(recording, cancellation);
                var page = parsed.GetValue(html);
                if (page is not null)
                {
                    AtomicFile.WriteAllText(page, RecordingReport.Write(recording, progress, cancellation));
                }

                progress.Dispose();
                Show(recording, sample, damage);
                if (page is not null)
                {
                    Console.WriteLine($"The page is {page}.");
                }

                if (parsed.GetValue(CommandLine.Json))
                {
                    JsonLine.Write(line =>
                    {
                        line.WriteString("folder", recording.Folder);
                        line.WriteNumber("moments", recording.MomentCount);
                        line.WriteNumber("episodes", recording.Episodes.Count);
                        line.WriteNumber("rate", recording.Schema.Rate);
                        line.WriteNumber("seconds", recording.MomentCount / recording.Schema.Rate);
                        line.WriteNumber("channels", recording.Schema.Channels.Length);
                        line.WriteNumber("damaged_segments", damage.Count);
                        line.WriteString("origin", recording.Provenance.Origin);
                        line.WriteString("licence", recording.Provenance.Licence);
                    });
                }

                return damage.Count > 0 && parsed.GetValue(verify) ? CommandLine.Failed : CommandLine.Done;
            },
            CancellationToken.None));
        return command;
    }

    private static void Show(Recording recording, RecordingSample sample, List<RecordingDamage> damage)
    {
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{Counted.Of(recording.MomentCount, "moment")}, {RecordingReport.Duration(recording.MomentCount / recording.Schema.Rate)} at {recording.Schema.Rate:0.###} a second, {recording.MomentCount * recording.Schema.ByteCount / 1e6:N0} MB without text."));
        if (recording.Episodes.Count > 0)
        {
            Console.WriteLine(RecordingTables.EpisodeLine(recording));
        }

        TextTable.Write(["what", "value"], RecordingTables.Provenance(recording.Provenance));
        TextTable.Write(RecordingTables.ChannelColumns, RecordingTables.Channels(recording, sample));
        foreach (var entry in damage)
        {
            Console.WriteLine($"damaged: {entry.Path}: {entry.Problem}");
        }
    }

    private sealed class Shares(IProgress<string> progress) : IProgress<double>
    {
        public void Report(double value) => progress.Report(string.Create(CultureInfo.InvariantCulture, $"verifying: {value:P0}"));
    }
}
