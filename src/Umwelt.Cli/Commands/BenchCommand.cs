// `umwelt bench [NAME]`: measures one part of the engine and shows a table, beside peers where they are installed.
using System.CommandLine;
using Umwelt.Cli.Bench;
using Umwelt.Cli.Output;

namespace Umwelt.Cli.Commands;

internal static class BenchCommand
{
    public static Command Create(IReadOnlyList<BenchmarkEntry> benchmarks)
    {
        var name = new Argument<string?>("NAME")
        {
            Description = "What to measure; without it, the benchmarks are listed.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var repeats = PositiveFactor.Option("How often to measure, as a multiple of the usual number.");
        var preset = new Option<string?>("--preset") { Description = "A size that the benchmark knows by name.", HelpName = "SIZE" };
        var command = new ExampleCommand(
            "bench",
            "Measure the speed of one part of the engine.",
            ("umwelt bench", "list the benchmarks"),
            ("umwelt bench gemm --json", "matrix products; the figures once more as JSON"),
            ("umwelt bench train --repeats 0.2", "a quick look at training speed"))
        {
            name,
            repeats,
            preset,
        };
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                var json = parsed.GetValue(CommandLine.Json);
                if (parsed.GetValue(name) is not { } wanted)
                {
                    List(benchmarks, json);
                    return CommandLine.Done;
                }

                var benchmark = benchmarks.FirstOrDefault(entry => string.Equals(entry.Name, wanted, StringComparison.OrdinalIgnoreCase))
                    ?? throw new MisuseException(
                        Misuse.Unknown("benchmark", wanted, benchmarks.Select(entry => entry.Name), "'umwelt bench' lists them."));
                Show(benchmark.Name, Measure(benchmark, parsed.GetValue(repeats), parsed.GetValue(preset), cancellation), json);
                return CommandLine.Done;
            },
            CancellationToken.None));
        return command;
    }

    private static BenchmarkReport Measure(BenchmarkEntry benchmark, double repeats, string? preset, CancellationToken cancellation)
    {
        using var progress = new ProgressLine();
        return benchmark.Run(new BenchmarkOptions(repeats, preset, progress), cancellation);
    }

    private static void List(IReadOnlyList<BenchmarkEntry> benchmarks, bool json)
    {
        TextTable.Write(["benchmark", "measures"], [.. benchmarks.Select(entry => (IReadOnlyList<string>)[entry.Name, entry.Summary])]);
        if (json)
        {
            JsonLine.Write(line =>
            {
                line.WriteStartArray("benchmarks");
                foreach (var entry in benchmarks)
                {
                    line.WriteStringValue(entry.Name);
                }

                line.WriteEndArray();
            });
        }
    }

    private static void Show(string name, BenchmarkReport report, bool json)
    {
        TextTable.Write(report.Columns, report.Rows);
        foreach (var note in report.Notes)
        {
            Console.WriteLine(note);
        }

        if (json)
        {
            JsonLine.Write(line =>
            {
                line.WriteString("bench", name);
                foreach (var (key, value) in report.Figures)
                {
                    line.WriteFigure(key, value);
                }
            });
        }
    }
}
