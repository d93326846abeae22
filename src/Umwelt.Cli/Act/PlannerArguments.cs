// The options of commands that let agents act: how long they may think, how far ahead, and how many episodes they live.
using System.CommandLine;
using System.Globalization;
using Umwelt.Agents;
using Umwelt.Moments;
using Umwelt.Storage;

namespace Umwelt.Cli.Act;

internal sealed class PlannerArguments
{
    private static readonly PlannerOptions Usual = new() { Budget = 256, Horizon = 24, Hold = 4 };

    public Option<string> Budget { get; } = new("--budget")
    {
        Description = "Moments imagined for a decision; several, such as 64,256,1024, for what thinking longer is worth.",
        HelpName = "NUMBER",
        DefaultValueFactory = _ => Usual.Budget.ToString(CultureInfo.InvariantCulture),
    };

    public Option<int> Horizon { get; } = Number("--horizon", "How many moments ahead is planned.", Usual.Horizon);

    public Option<int> Hold { get; } = Number("--hold", "How many moments of a plan are done before there is another one.", Usual.Hold);

    public Option<double?> Milliseconds { get; } = new("--milliseconds") { Description = "Time for a decision, at most.", HelpName = "NUMBER" };

    public Option<int> Episodes { get; } = Number("--episodes", "How many episodes are lived.", 10);

    public Option<long> Longest { get; } = new("--moments") { Description = "The most moments of an episode.", HelpName = "NUMBER", DefaultValueFactory = _ => 1000 };

    public Option<long> Seed { get; } = new("--seed") { Description = "Names every episode.", HelpName = "NUMBER", DefaultValueFactory = _ => 1 };

    public Option<string> Goal { get; } = new("--goal")
    {
        Description = "What counts: reward, picture:FILE.png (how near sight is to it), words:TEXT (moments in which it is said).",
        HelpName = "GOAL",
        DefaultValueFactory = _ => "reward",
    };

    public Option<double?> Success { get; } = new("--success") { Description = "The return from which an episode is a success.", HelpName = "NUMBER" };

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[Budget, Horizon, Hold, Milliseconds, Episodes, Longest, Seed, Goal, Success])
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
            Budget = Budgets(parsed)[0],
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

    /// <summary>The budgets that were asked for.</summary>
    public int[] Budgets(ParseResult parsed)
    {
        var said = parsed.GetValue(Budget)!;
        var budgets = new List<int>();
        foreach (var one in said.Split(','))
        {
            budgets.Add(int.TryParse(one, NumberStyles.None, CultureInfo.InvariantCulture, out var budget) && budget >= 1
                ? budget
                : throw new MisuseException($"--budget is '{said}'; it is a whole number above 0, or several with commas between, such as 64,256,1024."));
        }

        return [.. budgets];
    }

    /// <summary>What counts in a world of this schema, and whether a dream must be rendered for it.</summary>
    public (MomentScores? Goal, bool Renders) GoalIn(ParseResult parsed, Schema schema)
    {
        var said = parsed.GetValue(Goal)!;
        var colon = said.IndexOf(':', StringComparison.Ordinal);
        var (kind, what) = colon < 0 ? (said, "") : (said[..colon], said[(colon + 1)..]);
        try
        {
            return kind switch
            {
                "reward" when colon < 0 => (null, false),
                "picture" when what.Length > 0 => (Goals.Picture(schema, FirstOf<ImageChannel>(schema, "picture").Name, Pixels(what, FirstOf<ImageChannel>(schema, "picture"))), true),
                "words" when what.Trim().Length > 0 => (Goals.Words(schema, FirstOf<TextChannel>(schema, "words").Name, what), true),
                _ => throw new MisuseException($"--goal is '{said}'; it is reward, picture:FILE.png or words:TEXT."),
            };
        }
        catch (ArgumentException error)
        {
            throw new MisuseException($"--goal {said}: {error.Message.Replace($" (Parameter '{error.ParamName}')", "", StringComparison.Ordinal)}");
        }
    }

    /// <summary>What episodes begin with: the same for everybody who is compared.</summary>
    public long[] Seeds(ParseResult parsed) => [.. Enumerable.Range(0, parsed.GetValue(Episodes)).Select(number => Recorder.EpisodeSeed(parsed.GetValue(Seed), 0, number))];

    private static T FirstOf<T>(Schema schema, string what)
        where T : Channel =>
        schema.Senses.Select(sense => schema.Channels[sense]).OfType<T>().FirstOrDefault() ?? throw new MisuseException($"the world has no {what} to pursue; its senses are {string.Join(", ", schema.Senses.Select(sense => schema.Channels[sense].Name))}.");

    private static byte[] Pixels(string path, ImageChannel channel)
    {
        var picture = Png.Read(File.Exists(path) ? path : throw new CommandFailedException($"{path}: there is no such picture."), (PngLayout)channel.Colours);
        return picture.Width == channel.Width && picture.Height == channel.Height
            ? picture.Pixels
            : throw new CommandFailedException($"{path}: it has {picture.Width} x {picture.Height} pixels; '{channel.Name}' has {channel.Width} x {channel.Height}.");
    }

    private static Option<int> Number(string name, string description, int usual) =>
        new(name) { Description = description, HelpName = "NUMBER", DefaultValueFactory = _ => usual };
}
