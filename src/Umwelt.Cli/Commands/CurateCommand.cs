// `umwelt curate DATA PLAN`: leaves out of a recording what is not worth learning from, and says why.
using System.CommandLine;
using System.Globalization;
using Umwelt.Cli.Inspect;
using Umwelt.Cli.Output;
using Umwelt.Moments;
using Umwelt.Moments.Curation;

namespace Umwelt.Cli.Commands;

internal static class CurateCommand
{
    public static Command Create()
    {
        var data = new Argument<string>("DATA") { Description = "The recording's folder." };
        var plan = new Argument<string>("PLAN") { Description = "A JSON file that lists the steps; docs/formats/curation.md describes them." };
        var output = new Option<string?>("--out") { Description = "The folder of the curated recording.", HelpName = "FOLDER" };
        var dryRun = new Option<bool>("--dry-run") { Description = "Decide and show what would stay, but write nothing." };
        var skip = new Option<bool>("--skip-damaged") { Description = "Pass over segments that can't be read, and name them." };
        var command = new ExampleCommand(
            "curate",
            "Keep what is worth learning from.",
            ("umwelt curate house-data plan.json --dry-run", "what each step would leave out"),
            ("umwelt curate house-data plan.json --out house-best", "write what stays, and a manifest that says why"))
        {
            data,
            plan,
            output,
            dryRun,
            skip,
        };
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                var folder = parsed.GetValue(output);
                if (folder is null == !parsed.GetValue(dryRun))
                {
                    throw new MisuseException("say either --out FOLDER, or --dry-run to write nothing; see 'umwelt curate --help'.");
                }

                using var recording = Recording.Open(parsed.GetRequiredValue(data), new RecordingReading { SkipDamaged = parsed.GetValue(skip) });
                var steps = CurationPlan.Read(parsed.GetRequiredValue(plan));
                Curator curator;
                using (var progress = new ProgressLine())
                {
                    curator = Curator.Run(recording, steps, progress, cancellation);
                    if (folder is not null)
                    {
                        curator.Write(folder, progress, cancellation);
                    }
                }

                Show(recording, steps, curator, folder);
                if (parsed.GetValue(CommandLine.Json))
                {
                    JsonLine.Write(line =>
                    {
                        line.WriteNumber("moments", recording.MomentCount);
                        line.WriteNumber("kept_moments", curator.KeptMoments);
                        line.WriteNumber("episodes", recording.Episodes.Count);
                        line.WriteNumber("kept_episodes", curator.Episodes.Count(episode => episode.Kept.Count > 0));
                        line.WriteString("out", folder);
                    });
                }

                return CommandLine.Done;
            },
            CancellationToken.None));
        return command;
    }

    private static void Show(Recording recording, CurationPlan plan, Curator curator, string? folder)
    {
        var removals = curator.Episodes.SelectMany(episode => episode.Removals).ToLookup(removal => removal.Step);
        TextTable.Write(
            ["step", "kind", "moments left out", "for example"],
            [.. plan.Steps.Select((step, i) => (IReadOnlyList<string>)
            [
                (i + 1).ToString(CultureInfo.InvariantCulture),
                step.Kind,
                removals[i].Sum(removal => removal.Stretch.Length).ToString(CultureInfo.InvariantCulture),
                removals[i].FirstOrDefault() is { } first ? Terminal.Fit($"moments {first.Stretch.Start} to {first.Stretch.Stop}: {first.Why}", 90) : "",
            ])]);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{curator.KeptMoments:N0} of {recording.MomentCount:N0} moments stay ({RecordingTables.Percent(curator.KeptMoments / (double)Math.Max(1, recording.MomentCount))}), in {curator.Episodes.Count(episode => episode.Kept.Count > 0):N0} of {recording.Episodes.Count:N0} episodes."));
        foreach (var damage in recording.Damage)
        {
            Console.WriteLine(Terminal.Printable($"damaged: {damage.Path}: {damage.Problem}"));
        }

        if (folder is not null)
        {
            Console.WriteLine($"They are in {folder}; {Path.Combine(folder, Curator.ManifestName)} says why the others are not.");
        }
    }
}
