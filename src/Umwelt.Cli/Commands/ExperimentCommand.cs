// `umwelt experiment [NAME]`: lists the claims with what their last run said, or runs one and says whether it holds.
// Exit code 0 means that the claim holds.
using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Umwelt.Cli.Output;

namespace Umwelt.Cli.Commands;

internal static class ExperimentCommand
{
    public static Command Create(IReadOnlyList<Experiment> experiments, ExperimentRecords records)
    {
        var name = new Argument<string?>("NAME")
        {
            Description = "The claim to put to the test; without it, the claims are listed.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var seed = new Option<long>("--seed")
        {
            Description = "Where all randomness comes from.",
            HelpName = "NUMBER",
            DefaultValueFactory = _ => 1,
        };
        var seeds = WholeNumber("--seeds", "COUNT", "How many seeds, from that one on; the claim has to hold for each.", 1, 1);
        var threads = WholeNumber("--threads", "COUNT", "Threads of the engine; 0 for as many as the machine has.", 0, 0);
        var repeats = PositiveFactor.Option("How much to do, as a multiple of what the claim was made for.");
        var quick = new Option<bool>("--quick") { Description = "Do a hundredth, to see that it runs; decides nothing." };
        var command = new ExampleCommand(
            "experiment",
            "Put a claim to the test.",
            ("umwelt experiment", "list the claims and what their last runs said"),
            ("umwelt experiment fuzz-readers", "run one; exit code 0 if the claim holds"),
            ("umwelt experiment mamba --seeds 3", "the same claim from three seeds"),
            ("umwelt experiment fuzz-readers --quick --seed 7 --json", "a short run with other random numbers, for a program"))
        {
            name,
            seed,
            seeds,
            threads,
            repeats,
            quick,
        };
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                var json = parsed.GetValue(CommandLine.Json);
                if (parsed.GetValue(name) is not { } wanted)
                {
                    List(experiments, records, json);
                    return CommandLine.Done;
                }

                var experiment = experiments.FirstOrDefault(entry => string.Equals(entry.Name, wanted, StringComparison.OrdinalIgnoreCase))
                    ?? throw new MisuseException(
                        Misuse.Unknown("experiment", wanted, experiments.Select(entry => entry.Name), "'umwelt experiment' lists them."));
                var options = new ExperimentOptions(parsed.GetValue(seed), parsed.GetValue(repeats), parsed.GetValue(quick))
                {
                    Seeds = parsed.GetValue(seeds),
                    Threads = parsed.GetValue(threads),
                };
                var result = Run(experiment, options, cancellation);
                Show(experiment, options, result, json);
                if (options is { Quick: false, Repeats: >= 1 })
                {
                    records.Save(experiment.Name, JsonLine.Text(line => Fill(line, experiment, options, result)));
                }

                return result.Holds ? CommandLine.Done : CommandLine.Failed;
            },
            CancellationToken.None));
        return command;
    }

    private static Option<int> WholeNumber(string name, string helpName, string description, int usual, int least)
    {
        var option = new Option<int>(name) { Description = description, HelpName = helpName, DefaultValueFactory = _ => usual };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !(int.TryParse(token.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= 1000))
            {
                result.AddError($"{name} takes a whole number from {least} to 1000");
            }
        });
        return option;
    }

    private static ExperimentResult Run(Experiment experiment, ExperimentOptions options, CancellationToken cancellation)
    {
        using var progress = new ProgressLine();
        return experiment.Run(options, progress, cancellation);
    }

    private static void List(IReadOnlyList<Experiment> experiments, ExperimentRecords records, bool json)
    {
        TextTable.Write(
            ["experiment", "last run", "claim"],
            [.. experiments.Select(entry => (IReadOnlyList<string>)[entry.Name, records.Last(entry.Name) ?? "not run here", entry.Claim])]);
        if (json)
        {
            JsonLine.Write(line =>
            {
                line.WriteStartArray("experiments");
                foreach (var entry in experiments)
                {
                    line.WriteStringValue(entry.Name);
                }

                line.WriteEndArray();
            });
        }
    }

    private static void Show(Experiment experiment, ExperimentOptions options, ExperimentResult result, bool json)
    {
        Console.WriteLine(experiment.Claim);
        TextTable.Write(
            ["figure", "value"],
            [.. result.Figures.Select(figure => (IReadOnlyList<string>)[figure.Key, figure.Value.ToString("G6", CultureInfo.InvariantCulture)])]);
        foreach (var threshold in result.Thresholds)
        {
            Console.WriteLine($"threshold: {threshold}");
        }

        Console.WriteLine(result.Holds ? "The claim holds." : "The claim does not hold.");
        if (json)
        {
            JsonLine.Write(line => Fill(line, experiment, options, result));
        }
    }

    private static void Fill(Utf8JsonWriter line, Experiment experiment, ExperimentOptions options, ExperimentResult result)
    {
        line.WriteString("experiment", experiment.Name);
        line.WriteBoolean("holds", result.Holds);
        line.WriteNumber("seed", options.Seed);
        line.WriteNumber("seeds", options.Seeds);
        line.WriteNumber("repeats", options.Repeats);
        line.WriteBoolean("quick", options.Quick);
        foreach (var (key, value) in result.Figures)
        {
            line.WriteFigure(key, value);
        }
    }
}
