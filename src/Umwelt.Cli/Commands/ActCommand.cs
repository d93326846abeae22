// `umwelt act AGENT WORLD`: lets somebody act and says how it went: a policy, a model that imitates, a planner in a model.
using System.CommandLine;
using System.Globalization;
using Umwelt.Agents;
using Umwelt.Cli.Act;
using Umwelt.Cli.Output;

namespace Umwelt.Cli.Commands;

internal static class ActCommand
{
    public static Command Create()
    {
        var who = new Argument<string>("AGENT") { Description = "The folder of a policy or a model, an occupant's name, or PLANNER:FOLDER." };
        var where = new Argument<string>("WORLD") { Description = "Where, such as 'house' or 'cartpole'; 'umwelt worlds' lists them." };
        var planner = new Option<string?>("--planner") { Description = $"Plan with the model, by {string.Join(", ", Planning.Names)}; without it the model imitates.", HelpName = "NAME" };
        var arguments = new PlannerArguments();
        var command = new ExampleCommand(
            "act",
            "Let an agent act in a world.",
            ("umwelt act umwelt-cartpole/policy cartpole", "what a policy learnt"),
            ("umwelt act umwelt-house/model house --moments 1200", "what a model expects itself to do: imitation"),
            ("umwelt act umwelt-house/model house --planner mppi --budget 256 --hold 8", "what it thinks best, by 256 imagined moments a decision"),
            ("umwelt act world pendulum --planner cem", "planning in copies of the world itself"))
        {
            who, where, planner,
        };
        arguments.AddTo(command);
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                var name = parsed.GetValue(planner);
                if (name is not null && !Planning.Names.Contains(name, StringComparer.Ordinal))
                {
                    throw new MisuseException(Misuse.Unknown("planner", name, Planning.Names, $"there are {string.Join(", ", Planning.Names)}."));
                }

                var options = arguments.Options(parsed);
                var seeds = arguments.Seeds(parsed);
                using var world = RecordCommand.Open(parsed.GetRequiredValue(where), Score.RowsFor(seeds.Length));
                using var agent = ActingAgent.Open(parsed.GetRequiredValue(who), world, name, options);
                var score = Score.Live(world, agent, seeds, parsed.GetValue(arguments.Longest), cancellation);
                TextTable.Write(
                    ["episode", "return", "moments", "ending"],
                    [.. score.Episodes.Select(static (episode, i) => (IReadOnlyList<string>)
                        [
                            string.Create(CultureInfo.InvariantCulture, $"{i}"),
                            episode.Return.ToString("0.00", CultureInfo.InvariantCulture),
                            string.Create(CultureInfo.InvariantCulture, $"{episode.Length}"),
                            episode.Ending switch { Moments.Ending.End => "end", Moments.Ending.Truncation => "time", _ => "cut off" },
                        ])]);
                TextTable.Write(Score.Columns, [score.Row()]);
                if (parsed.GetValue(CommandLine.Json))
                {
                    JsonLine.Write(score.Write);
                }

                return CommandLine.Done;
            },
            CancellationToken.None));
        return command;
    }
}
