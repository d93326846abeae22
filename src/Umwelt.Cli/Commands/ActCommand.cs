// `umwelt act AGENT WORLD`: lets somebody act and says how it went: a policy, a model that imitates, a planner in a model; with
// several budgets, what thinking longer is worth; with a film, how it looked.
using System.CommandLine;
using System.Globalization;
using Umwelt.Agents;
using Umwelt.Cli.Act;
using Umwelt.Cli.Dreams;
using Umwelt.Cli.Output;

namespace Umwelt.Cli.Commands;

internal static class ActCommand
{
    private const int FilmScale = 4;

    public static Command Create()
    {
        var who = new Argument<string>("AGENT") { Description = "The folder of a policy or a model, an occupant's name, or PLANNER:FOLDER." };
        var where = new Argument<string>("WORLD") { Description = "Where, such as 'house' or 'cartpole'; 'umwelt worlds' lists them." };
        var planner = new Option<string?>("--planner") { Description = $"Plan with the model, by {string.Join(", ", Planning.Names)}; without it the model imitates.", HelpName = "NAME" };
        var film = new Option<string?>("--film") { Description = "Also write a film of the first episode to this file (.mp4; needs ffmpeg).", HelpName = "FILE" };
        var arguments = new PlannerArguments();
        var command = new ExampleCommand(
            "act",
            "Let an agent act in a world.",
            ("umwelt act umwelt-cartpole/policy cartpole", "what a policy learnt"),
            ("umwelt act umwelt-house/model house --moments 1200 --film walk.mp4", "what a model expects itself to do: imitation, and a film of it"),
            ("umwelt act umwelt-house/model house --planner mppi --budget 64,256,1024 --hold 8", "what thinking longer is worth"),
            ("umwelt act best:umwelt-cartpole/policy cartpole --budget 512 --success 475", "the best of what a policy learnt in dreams would do"),
            ("umwelt act world pendulum --planner cem", "planning in copies of the world itself"))
        {
            who, where, planner, film,
        };
        arguments.AddTo(command);
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                var (name, place, by) = (parsed.GetRequiredValue(who), parsed.GetRequiredValue(where), parsed.GetValue(planner));
                if (by is not null && !Planning.Names.Contains(by, StringComparer.Ordinal))
                {
                    throw new MisuseException(Misuse.Unknown("planner", by, Planning.Names, $"there are {string.Join(", ", Planning.Names)}."));
                }

                var (options, seeds, budgets) = (arguments.Options(parsed), arguments.Seeds(parsed), arguments.Budgets(parsed));
                var scores = new List<Score>();
                foreach (var budget in budgets)
                {
                    using var world = RecordCommand.Open(place, Score.RowsFor(seeds.Length));
                    var (goal, renders) = arguments.GoalIn(parsed, world.Schema);
                    using var agent = ActingAgent.Open(name, world, by, options with { Budget = budget, Goal = goal }, renders);
                    var score = Score.Live(world, agent, seeds, parsed.GetValue(arguments.Longest), cancellation, goal) with { Bar = parsed.GetValue(arguments.Success) };
                    scores.Add(budgets.Length == 1 ? score : score with { Agent = string.Create(CultureInfo.InvariantCulture, $"{name}, budget {budget}") });
                }

                Show(scores);
                if (parsed.GetValue(film) is { } path)
                {
                    using var world = RecordCommand.Open(place, 1);
                    var (goal, renders) = arguments.GoalIn(parsed, world.Schema);
                    using var agent = ActingAgent.Open(name, world, by, options with { Budget = budgets[^1], Goal = goal }, renders);
                    using var line = new ProgressLine();
                    DreamFilm.Write(world, agent.Occupant, null, (int)Math.Min(int.MaxValue, parsed.GetValue(arguments.Longest)), seeds[0], path, FilmScale, line, cancellation);
                }

                if (parsed.GetValue(CommandLine.Json))
                {
                    JsonLine.Write(line => Write(scores, budgets, line));
                }

                return CommandLine.Done;
            },
            CancellationToken.None));
        return command;
    }

    private static void Show(List<Score> scores)
    {
        if (scores is [var one])
        {
            TextTable.Write(
                ["episode", "return", "moments", "ending"],
                [.. one.Episodes.Select(static (episode, i) => (IReadOnlyList<string>)
                    [
                        string.Create(CultureInfo.InvariantCulture, $"{i}"),
                        episode.Return.ToString("0.00", CultureInfo.InvariantCulture),
                        string.Create(CultureInfo.InvariantCulture, $"{episode.Length}"),
                        episode.Ending switch { Moments.Ending.End => "end", Moments.Ending.Truncation => "time", _ => "cut off" },
                    ])]);
        }

        TextTable.Write(Score.Columns, [.. scores.Select(static score => score.Row())]);
    }

    private static void Write(List<Score> scores, int[] budgets, System.Text.Json.Utf8JsonWriter line)
    {
        if (scores is [var one])
        {
            one.Write(line);
            return;
        }

        line.WriteStartArray("curve");
        for (var i = 0; i < scores.Count; i++)
        {
            line.WriteStartObject();
            line.WriteNumber("budget", budgets[i]);
            scores[i].Write(line);
            line.WriteEndObject();
        }

        line.WriteEndArray();
    }
}
