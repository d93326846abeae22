// What an agent's episodes came to: means with 95% intervals over episodes, which are the independent evidence.
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Umwelt.Agents;
using Umwelt.Cli.Output;
using Umwelt.Learning.Measures;
using Umwelt.Moments;

namespace Umwelt.Cli.Act;

internal sealed record Score(string Agent, IReadOnlyList<TrialEpisode> Episodes, double Seconds, double ImaginedPerDecision)
{
    private const int MostRows = 32;

    public static IReadOnlyList<string> Columns { get; } = ["agent", "episodes", "return", "95% from", "to", "success %", "moments", "ended %", "promised", "kept", "ms a moment"];

    public Estimate Return => Of(static episode => episode.Return);

    public Estimate Length => Of(static episode => episode.Length);

    public Estimate Promised => Of(static episode => episode.Promised);

    public Estimate Kept => Of(static episode => episode.Kept);

    /// <summary>How far what plans promise is from what comes, episode by episode.</summary>
    public Estimate Gap => Of(static episode => episode.Promised - episode.Kept);

    /// <summary>The return from which an episode is a success; null where nobody said.</summary>
    public double? Bar { get; init; }

    /// <summary>The share of episodes that succeed.</summary>
    public Estimate Success => Bar is { } bar ? Of(episode => episode.Return >= bar ? 1 : 0) : Estimate.Unknown;

    public double Ended => Episodes.Count(static episode => episode.Ending == Ending.End) / (double)Episodes.Count;

    public double MillisecondsPerMoment => Seconds * 1e3 / Math.Max(1, Episodes.Sum(static episode => episode.Length));

    /// <summary>How many episodes are lived side by side.</summary>
    public static int RowsFor(int episodes) => Math.Min(episodes, MostRows);

    public static Score Live(World world, ActingAgent agent, long[] seeds, long longest, CancellationToken cancellation, MomentScores? goal = null)
    {
        using var line = new ProgressLine();
        var start = Stopwatch.GetTimestamp();
        var episodes = Trial.Run(world, agent.Occupant, seeds, longest, goal, progress: new Shown(line, agent.Name, seeds.Length), cancellation: cancellation);
        return new Score(agent.Name, episodes, Stopwatch.GetElapsedTime(start).TotalSeconds, agent.Planner is { } planner ? planner.ImaginedMoments / (double)Math.Max(1, planner.Decisions) : 0);
    }

    public IReadOnlyList<string> Row() =>
    [
        Agent, Text(Episodes.Count, "0"), Text(Return.Value, "0.00"), Text(Return.Low, "0.00"), Text(Return.High, "0.00"), Text(100 * Success.Value, "0"), Text(Length.Value, "0.0"),
        Text(100 * Ended, "0"), Text(Promised.Value, "0.00"), Text(Kept.Value, "0.00"), Text(MillisecondsPerMoment, "0.00"),
    ];

    public void Write(Utf8JsonWriter line)
    {
        line.WriteString("agent", Agent);
        line.WriteNumber("episodes", Episodes.Count);
        Estimated("return", Return);
        Estimated("moments", Length);
        if (Bar is not null)
        {
            Estimated("success", Success);
        }

        line.WriteFigure("ended", Ended);
        line.WriteFigure("promised", Promised.Value);
        line.WriteFigure("kept", Kept.Value);
        Estimated("gap", Gap);
        line.WriteFigure("imagined_per_decision", ImaginedPerDecision);
        line.WriteFigure("milliseconds_per_moment", MillisecondsPerMoment);

        void Estimated(string name, Estimate estimate)
        {
            line.WriteFigure(name, estimate.Value);
            line.WriteFigure($"{name}_low", estimate.Low);
            line.WriteFigure($"{name}_high", estimate.High);
        }
    }

    private Estimate Of(Func<TrialEpisode, double> figure) => Bootstrap.Mean([.. Enumerable.Range(0, Episodes.Count).Select(static i => (long)i)], [.. Episodes.Select(figure)]);

    private static string Text(double value, string format) => double.IsFinite(value) ? value.ToString(format, CultureInfo.InvariantCulture) : "-";

    private sealed class Shown(IProgress<string> line, string name, int episodes) : IProgress<int>
    {
        public void Report(int value) => line.Report(string.Create(CultureInfo.InvariantCulture, $"{name}: {value:N0} of {Counted.Of(episodes, "episode")}"));
    }
}
