// `umwelt contest A B … --in WORLD`: agents on equal seeds and budgets, as a table with intervals.
using System.CommandLine;
using Umwelt.Cli.Act;
using Umwelt.Cli.Output;

namespace Umwelt.Cli.Commands;

internal static class ContestCommand
{
    public static Command Create()
    {
        var who = new Argument<string[]>("AGENT") { Description = "Occupants' names, folders of policies or models, PLANNER:FOLDER, PLANNER@BUDGET:FOLDER.", Arity = ArgumentArity.OneOrMore };
        var where = new Option<string>("--in") { Description = "The world they meet in.", HelpName = "WORLD", Required = true };
        var arguments = new PlannerArguments();
        var command = new ExampleCommand(
            "contest",
            "Compare agents on equal seeds and budgets.",
            ("umwelt contest random umwelt-cartpole/policy cem:world --in cartpole --episodes 50", "chance, what was learnt, and planning"),
            ("umwelt contest mppi@64:umwelt-house/model mppi@1024:umwelt-house/model --in house --hold 8", "what thinking longer is worth"))
        {
            who, where,
        };
        arguments.AddTo(command);
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                var options = arguments.Options(parsed);
                if (arguments.Budgets(parsed).Length > 1)
                {
                    throw new MisuseException("--budget is one number here; say PLANNER@BUDGET:FOLDER for agents that think for longer than others.");
                }

                var seeds = arguments.Seeds(parsed);
                var scores = new List<Score>();
                foreach (var name in parsed.GetRequiredValue(who))
                {
                    // A world of its own for each: nobody meets what another left behind.
                    using var world = RecordCommand.Open(parsed.GetRequiredValue(where), Score.RowsFor(seeds.Length));
                    var (goal, renders) = arguments.GoalIn(parsed, world.Schema);
                    using var agent = ActingAgent.Open(name, world, null, options with { Goal = goal }, renders);
                    scores.Add(Score.Live(world, agent, seeds, parsed.GetValue(arguments.Longest), cancellation, goal) with { Bar = parsed.GetValue(arguments.Success) });
                }

                TextTable.Write(Score.Columns, [.. scores.Select(static score => score.Row())]);
                if (parsed.GetValue(CommandLine.Json))
                {
                    JsonLine.Write(line =>
                    {
                        line.WriteString("world", parsed.GetRequiredValue(where));
                        line.WriteStartArray("agents");
                        foreach (var score in scores)
                        {
                            line.WriteStartObject();
                            score.Write(line);
                            line.WriteEndObject();
                        }

                        line.WriteEndArray();
                    });
                }

                return CommandLine.Done;
            },
            CancellationToken.None));
        return command;
    }
}
