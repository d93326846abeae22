// `umwelt measure MODEL DATA`: how good a model is, on episodes that it has not learnt from, as a table, a page and JSON. In
// place of a model stand the two controls: `truth`, which must pass, and `copy`, which must fail.
using System.CommandLine;
using System.Globalization;
using Umwelt.Cli.Measure;
using Umwelt.Cli.Output;
using Umwelt.Learning.Measures;

namespace Umwelt.Cli.Commands;

internal static class MeasureCommand
{
    public static Command Create()
    {
        var usual = new MeasureOptions();
        var model = new Argument<string>("MODEL") { Description = "The model's folder; 'truth' and 'copy' are the controls that pass and fail." };
        var data = new Argument<string>("DATA") { Description = "The recording's folder." };
        var only = new Option<string?>("--only") { Description = $"Of {string.Join(", ", MeasureRun.Names)}; all unless said.", HelpName = "NAMES" };
        var rollouts = new Option<int>("--rollouts") { Description = "Dreams beside the truth.", HelpName = "NUMBER", DefaultValueFactory = _ => usual.Rollouts };
        var prime = new Option<int>("--prime") { Description = "Real moments before each.", HelpName = "NUMBER", DefaultValueFactory = _ => usual.Prime };
        var horizon = new Option<int>("--horizon") { Description = "Moments dreamed after them.", HelpName = "NUMBER", DefaultValueFactory = _ => usual.Horizon };
        var minutes = new Option<double>("--minutes") { Description = "How long a free dream is.", HelpName = "NUMBER", DefaultValueFactory = _ => usual.Minutes };
        var seed = new Option<long>("--seed") { Description = "Names every choice.", HelpName = "NUMBER", DefaultValueFactory = _ => usual.Seed };
        var heldOut = new Option<double?>("--held-out")
        {
            Description = "The share of episodes that is measured; judges learn from the others. What the model held out, where it learnt from DATA; otherwise a half.",
            HelpName = "SHARE",
        };
        var splitSeed = new Option<long?>("--split-seed") { Description = "Names which episodes these are; the seed of the model's training.", HelpName = "NUMBER" };
        var output = new Option<string?>("--out") { Description = "Write a page with curves, film strips and tables to this file.", HelpName = "FILE" };
        var command = new ExampleCommand(
            "measure",
            "Measure how good a world model is.",
            ("umwelt measure umwelt-house/model house-data --out house.html", "everything, on one page"),
            ("umwelt measure umwelt-house/model house-data --only fidelity,control --rollouts 50", "a quick look"),
            ("umwelt measure truth house-data --only fidelity", "the control that must pass"))
        {
            model, data, only, rollouts, prime, horizon, minutes, seed, heldOut, splitSeed, output,
        };
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                var options = usual with
                {
                    Rollouts = Within("--rollouts", parsed.GetValue(rollouts), 1, 100_000),
                    Prime = Within("--prime", parsed.GetValue(prime), 1, 100_000),
                    Horizon = Within("--horizon", parsed.GetValue(horizon), 1, 100_000),
                    Seed = parsed.GetValue(seed),
                    Minutes = parsed.GetValue(minutes) is var length and > 0 and <= 1e5 ? length : throw new MisuseException($"--minutes is {parsed.GetValue(minutes).ToString(CultureInfo.InvariantCulture)}; it is a number above 0."),
                };
                var share = parsed.GetValue(heldOut);
                if (share is not (null or (> 0 and < 1)))
                {
                    throw new MisuseException($"--held-out is {share.Value.ToString(CultureInfo.InvariantCulture)}; it is a share between 0 and 1.");
                }

                var run = new MeasureRun(parsed.GetRequiredValue(model), parsed.GetRequiredValue(data), MeasureRun.Chosen(parsed.GetValue(only)), options)
                {
                    HeldOut = share,
                    SplitSeed = parsed.GetValue(splitSeed),
                };
                using var progress = new ProgressLine();
                var result = run.Run(progress, cancellation);
                progress.Dispose();
                Show(result, parsed.GetValue(output));
                if (parsed.GetValue(CommandLine.Json))
                {
                    Write(result);
                }

                return CommandLine.Done;
            },
            CancellationToken.None));
        return command;
    }

    private static int Within(string name, int value, int least, int most) =>
        value >= least && value <= most ? value : throw new MisuseException(string.Create(CultureInfo.InvariantCulture, $"{name} is {value}; it can be {least} to {most}."));

    private static void Show(MeasureResult result, string? page)
    {
        foreach (var condition in result.Conditions)
        {
            Console.WriteLine(condition);
        }

        TextTable.Write(MeasureReport.Columns, MeasureReport.Rows(result.Findings));
        foreach (var what in result.Findings.LeftOut)
        {
            Console.WriteLine($"left out: {what}");
        }

        if (page is not null)
        {
            MeasureReport.Of(result.Title, result.Subtitle, result.Conditions, result.Findings).Save(page);
            Console.WriteLine($"The page is {page}.");
        }
    }

    private static void Write(MeasureResult result) => JsonLine.Write(line =>
    {
        line.WriteString("model", result.Model);
        line.WriteString("data", result.Data);
        line.WriteNumber("seconds", result.Seconds);
        foreach (var figure in result.Findings.Figures)
        {
            line.WriteFigure(figure.Key, figure.Estimate.Value);
            if (double.IsFinite(figure.Estimate.Low))
            {
                line.WriteFigure(figure.Key + "_low", figure.Estimate.Low);
                line.WriteFigure(figure.Key + "_high", figure.Estimate.High);
            }
        }

        line.WriteString("left_out", string.Join("; ", result.Findings.LeftOut));
    });
}
