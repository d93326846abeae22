// The options of commands that let agents act: how long they may think, how far ahead, and how many episodes they live.
using System.CommandLine;
using System.Globalization;
using Umwelt.Agents;
using Umwelt.Moments;

namespace Umwelt.Cli.Act;

internal sealed class PlannerArguments
{
    private static readonly PlannerOptions Usual = new() { Budget = 256, Horizon = 24, Hold = 4 };

    public Option<int> Budget { get; } = Number("--budget", "Moments imagined for a decision.", Usual.Budget);

    public Option<int> Horizon { get; } = Number("--horizon", "How many moments ahead is planned.", Usual.Horizon);

    public Option<int> Hold { get; } = Number("--hold", "How many moments of a plan are done before there is another one.", Usual.Hold);

    public Option<double?> Milliseconds { get; } = new("--milliseconds") { Description = "Time for a decision, at most.", HelpName = "NUMBER" };

    public Option<int> Episodes { get; } = Number("--episodes", "How many episodes are lived.", 10);

    public Option<long> Longest { get; } = new("--moments") { Description = "The most moments of an episode.", HelpName = "NUMBER", DefaultValueFactory = _ => 1000 };

    public Option<long> Seed { get; } = new("--seed") { Description = "Names every episode.", HelpName = "NUMBER", DefaultValueFactory = _ => 1 };

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[Budget, Horizon, Hold, Milliseconds, Episodes, Longest, Seed])
        {
            command.Add(option);
        }
    }

    /// <summary>How planners think, with what was said.</summary>
    public PlannerOptions Options(ParseResult parsed)
    {
        var time = parsed.GetValue(Milliseconds);
        if (time is { } said && !(said > 0 && said < 1e9))
        {
            throw new MisuseException($"--milliseconds is {said.ToString(CultureInfo.InvariantCulture)}; it is a number above 0.");
        }

        var options = new PlannerOptions
        {
            Budget = parsed.GetValue(Budget),
            Horizon = parsed.GetValue(Horizon),
            Hold = Math.Min(parsed.GetValue(Hold), Math.Max(1, parsed.GetValue(Horizon))),
            Time = time is { } milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : null,
            Seed = parsed.GetValue(Seed),
        };
        try
        {
            options.Validate();
        }
        catch (ArgumentException error)
        {
            throw new MisuseException($"--{error.Message}.");
        }

        if (parsed.GetValue(Episodes) is < 1 or > 100_000 || parsed.GetValue(Longest) < 1)
        {
            throw new MisuseException("--episodes and --moments are numbers above 0.");
        }

        return options;
    }

    /// <summary>What episodes begin with: the same for everybody who is compared.</summary>
    public long[] Seeds(ParseResult parsed) => [.. Enumerable.Range(0, parsed.GetValue(Episodes)).Select(number => Recorder.EpisodeSeed(parsed.GetValue(Seed), 0, number))];

    private static Option<int> Number(string name, string description, int usual) =>
        new(name) { Description = description, HelpName = "NUMBER", DefaultValueFactory = _ => usual };
}
