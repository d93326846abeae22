// `umwelt forecast MODEL DATA`: what follows the end of a recording, as quantiles of many dreams, a row a moment. How good such forecasts are
// beside plain ones is what `umwelt measure --only forecast` says.
using System.CommandLine;
using System.Globalization;
using System.Text;
using Umwelt.Cli.Output;
using Umwelt.Models;
using Umwelt.Moments;
using Umwelt.Storage;

namespace Umwelt.Cli.Commands;

internal static class ForecastCommand
{
    public static readonly double[] Quantiles = [0.1, 0.5, 0.9];

    private const int UsualHorizon = 50;
    private const int UsualPrime = 240;
    private const int UsualDraws = 32;

    public static Command Create()
    {
        var model = new Argument<string>("MODEL") { Description = "The model's folder." };
        var data = new Argument<string>("DATA") { Description = "The recording's folder." };
        var output = new Option<string>("--out") { Description = "Write the table to this CSV file.", HelpName = "FILE", Required = true };
        var episode = new Option<int?>("--episode") { Description = "After which episode, from 0; the last unless said.", HelpName = "NUMBER" };
        var horizon = new Option<int>("--horizon") { Description = "How many moments.", HelpName = "NUMBER", DefaultValueFactory = _ => UsualHorizon };
        var prime = new Option<int>("--prime") { Description = "How many of the last moments are taken in.", HelpName = "NUMBER", DefaultValueFactory = _ => UsualPrime };
        var draws = new Option<int>("--draws") { Description = "How many dreams.", HelpName = "NUMBER", DefaultValueFactory = _ => UsualDraws };
        var seed = new Option<long>("--seed") { Description = "Names every choice.", HelpName = "NUMBER", DefaultValueFactory = _ => 1 };
        var command = new ExampleCommand(
            "forecast",
            "Say what follows a recording: quantiles of many dreams.",
            ("umwelt forecast sensors/model sensors-data --horizon 24 --out next.csv", "the next day of hours"),
            ("umwelt measure sensors/model sensors-data --only forecast", "how good that is beside last value, season and a linear rule"))
        {
            model, data, output, episode, horizon, prime, draws, seed,
        };
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                foreach (var option in new[] { horizon, prime, draws })
                {
                    if (parsed.GetValue(option) is < 1 or > 10_000)
                    {
                        throw new MisuseException($"{option.Name} is {parsed.GetValue(option)}; it can be 1 to 10000.");
                    }
                }

                using var loaded = WorldModel.Load(parsed.GetRequiredValue(model));
                using var recording = Recording.Open(parsed.GetRequiredValue(data));
                if (!recording.Schema.Equals(loaded.Schema))
                {
                    throw new CommandFailedException($"{recording.Folder} holds ({recording.Schema}), the model knows ({loaded.Schema}).");
                }

                var number = parsed.GetValue(episode) ?? recording.Episodes.Count - 1;
                var past = (uint)number < (uint)recording.Episodes.Count
                    ? recording.Episodes[number]
                    : throw new MisuseException($"--episode is {number}; {recording.Folder} has {Counted.Of(recording.Episodes.Count, "episode")}, from 0.");
                var table = Of(loaded, recording, past, parsed.GetValue(horizon), parsed.GetValue(prime), parsed.GetValue(draws), parsed.GetValue(seed), cancellation);
                var file = parsed.GetRequiredValue(output);
                AtomicFile.WriteAllText(file, table);
                Console.WriteLine($"{file}: {Counted.Of(parsed.GetValue(horizon), "moment")} after episode {number}, each the least, middle and most of eight in ten of {Counted.Of(parsed.GetValue(draws), "dream")}.");
                return CommandLine.Done;
            },
            CancellationToken.None));
        return command;
    }

    /// <summary>The table: a row a moment, for each number its quantiles.</summary>
    public static string Of(WorldModel model, Recording recording, RecordedEpisode past, int horizon, int prime, int draws, long seed, CancellationToken cancellation)
    {
        var schema = model.Schema;
        var channels = schema.Senses.Where(channel => schema.Channels[channel] is VectorChannel).ToArray();
        if (channels.Length == 0)
        {
            throw new CommandFailedException($"{recording.Folder}: there are no numbers among its senses.");
        }

        var length = (int)Math.Min(prime, past.Length);
        var history = new MomentBatch(schema, draws * length);
        for (var draw = 0; draw < draws; draw++)
        {
            recording.Read(past.Start + past.Length - length, length, history, draw * length);
        }

        // Whatever was done last goes on being done.
        var commands = new MomentBatch(schema.Motor, draws);
        new StillOccupant(schema.Motor).Act(history, commands, Enumerable.Repeat(true, draws).ToArray());
        for (var draw = 0; draw < draws; draw++)
        {
            for (var m = 0; m < schema.Motors.Length; m++)
            {
                if (history.IsPresent(schema.Motors[m], length - 1))
                {
                    commands.Copy(history, schema.Motors[m], length - 1, m, draw);
                }
            }
        }

        using var dream = model.Dream(seed, draws);
        for (var draw = 0; draw < draws; draw++)
        {
            dream.Forget(draw, draw);
        }

        dream.Prime(history, length);
        var moments = new MomentBatch(schema, draws);
        var table = new StringBuilder("step,time");
        foreach (var channel in channels)
        {
            table.Append(string.Concat(Names((VectorChannel)schema.Channels[channel]).SelectMany(static name => Quantiles.Select(quantile => string.Create(CultureInfo.InvariantCulture, $",{name}.q{quantile * 100:0}")))));
        }

        var values = new float[draws];
        for (var step = 1; step <= horizon; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            dream.Step(commands, moments);
            table.Append(CultureInfo.InvariantCulture, $"\n{step},{step / schema.Rate:R}");
            foreach (var channel in channels)
            {
                for (var i = 0; i < schema.Channels[channel].ElementCount; i++)
                {
                    for (var draw = 0; draw < draws; draw++)
                    {
                        values[draw] = moments.Vector(channel, draw)[i];
                    }

                    Array.Sort(values);
                    foreach (var quantile in Quantiles)
                    {
                        table.Append(CultureInfo.InvariantCulture, $",{At(values, quantile):R}");
                    }
                }
            }
        }

        return table.Append('\n').ToString();
    }

    // Between the two values on either side, as most programs have it.
    private static float At(float[] sorted, double quantile)
    {
        var at = quantile * (sorted.Length - 1);
        var (low, high) = ((int)Math.Floor(at), (int)Math.Ceiling(at));
        return (float)(sorted[low] + ((at - low) * ((double)sorted[high] - sorted[low])));
    }

    private static IEnumerable<string> Names(VectorChannel vector) => vector.Size == 1
        ? [vector.Name]
        : Enumerable.Range(0, vector.Size).Select(i => vector.Names.IsDefault || vector.Names[i].AsSpan().IndexOfAny(",\"\n\r") >= 0
            ? string.Create(CultureInfo.InvariantCulture, $"{vector.Name}[{i}]")
            : $"{vector.Name}[{vector.Names[i]}]");
}
