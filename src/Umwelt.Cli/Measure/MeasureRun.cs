// One run of `umwelt measure`: who is measured, on which episodes, and which measures the data allows. What knows only channels
// runs on every recording; what knows the house runs where its hidden truth can be lived through again.
using System.Diagnostics;
using System.Globalization;
using Umwelt.Cli.Measure.House;
using Umwelt.Cli.Output;
using Umwelt.Learning;
using Umwelt.Learning.Measures;
using Umwelt.Moments;
using Umwelt.Storage;
using Umwelt.Storage.Internal;

namespace Umwelt.Cli.Measure;

/// <summary>What was measured.</summary>
internal sealed record MeasureResult(string Model, string Data, string Title, string Subtitle, IReadOnlyList<string> Conditions, Findings Findings, double Seconds);

internal sealed class MeasureRun(string model, string data, IReadOnlySet<string> chosen, MeasureOptions options)
{
    public const string Truth = "truth";
    public const string Copy = "copy";
    private const double UsualShare = 0.5;

    /// <summary>What --only can name.</summary>
    public static readonly IReadOnlyList<string> Names = ["fidelity", "forecast", "control", "memory", "doors", "hearing", "speech", "acting", "drift", "surprise"];

    public double? HeldOut { get; init; }

    public long? SplitSeed { get; init; }

    /// <summary>The measures that were asked for.</summary>
    public static IReadOnlySet<string> Chosen(string? names)
    {
        var chosen = new HashSet<string>(names?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? Names, StringComparer.Ordinal);
        foreach (var name in chosen.Where(name => !Names.Contains(name)))
        {
            var nearest = NearestName.Of(name, Names);
            throw new MisuseException($"--only names '{name}'; {(nearest is null ? "" : $"did you mean '{nearest}'? ")}there are {string.Join(", ", Names)}.");
        }

        return chosen.Count > 0 ? chosen : throw new MisuseException($"--only names nothing; there are {string.Join(", ", Names)}.");
    }

    public MeasureResult Run(IProgress<string> progress, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        using var recording = Recording.Open(data);
        progress.Report("living through some episodes again");
        using var replay = HouseReplay.Open(recording, out var problem);
        using var dreamer = MeasuredModel.Open(model, recording, replay, problem);
        var split = Split(recording);
        var usable = recording.Episodes.Where(episode => replay is null || HouseReplay.CanReplay(episode)).ToArray();
        var measured = usable.Where(split.IsHeldOut).ToArray();
        var forJudges = usable.Where(episode => !split.IsHeldOut(episode)).ToArray();
        if (measured.Length == 0)
        {
            throw new CommandFailedException($"{data}: none of its {Counted.Of(usable.Length, "episode")} is held out; raise --held-out, or record more episodes.");
        }

        var exam = new Examination(dreamer.Dreamer, recording, measured, forJudges, options)
        {
            Truth = replay,
            Progress = progress.Report,
            Cancellation = cancellation,
        };
        var findings = new Findings();
        if (replay is null)
        {
            findings.LeaveOut("everything that needs the hidden truth", problem);
        }

        Measure(exam, replay, findings);
        string[] conditions =
        [
            string.Create(CultureInfo.InvariantCulture, $"{dreamer.Dreamer.Name}, measured on {Counted.Of(measured.Length, "episode")} of {data} that {(measured.Length == 1 ? "was" : "were")} held out ({split.HeldOutShare:0.###} of {usable.Length}, seed {split.Seed}); judges learnt from the other {forJudges.Length}."),
            string.Create(CultureInfo.InvariantCulture, $"{Counted.Of(options.Rollouts, "dream")} of {options.Horizon} moments after {options.Prime} real ones, seed {options.Seed}, free dreams of {options.Minutes:0.##} minutes; {clock.Elapsed.TotalSeconds:0} s, umwelt {ThisAssemblyVersion.Value}."),
            replay is null ? $"The hidden truth is not known: {problem}." : "The hidden truth was found by living through the episodes again; what that gave was compared with the recording, bit for bit.",
        ];
        var title = $"{Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(data)))}: {(dreamer.IsControl ? dreamer.Dreamer.Name : model)}";
        return new MeasureResult(model, data, title, "How good a world model is, on what it has not learnt from.", conditions, findings, clock.Elapsed.TotalSeconds);
    }

    // What the model held out, where it learnt from this very recording; a half of what it has never seen otherwise.
    private EpisodeSplit Split(Recording recording)
    {
        var config = Path.Combine(Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(model))) ?? ".", "config.json");
        if (HeldOut is null && File.Exists(config))
        {
            try
            {
                var run = WorldRun.Read(config, []);
                if (run.Data.Recordings.Any(path => string.Equals(Full(path), Full(recording.Folder), StringComparison.Ordinal)) && run.Data.HeldOut > 0)
                {
                    return new EpisodeSplit(run.Data.HeldOut, run.Seed);
                }
            }
            catch (InvalidFileException)
            {
                // Whatever stands beside the model is no training of a world model.
            }
        }

        return new EpisodeSplit(HeldOut ?? UsualShare, SplitSeed ?? 0);

        static string Full(string path) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
    }

    private void Measure(Examination exam, HouseReplay? replay, Findings findings)
    {
        using var inverse = Inverse(exam, findings);
        using var detector = chosen.Contains("hearing") && replay is not null && exam.ForJudges.Count > 0 ? EventDetector.Train(exam, replay) : null;
        Beside(exam, replay, inverse, detector, findings);
        if (chosen.Contains("forecast"))
        {
            Forecast.Run(exam, findings);
        }

        if (chosen.Contains("speech"))
        {
            Captions.Run(exam, findings);
        }

        if (chosen.Contains("acting"))
        {
            MotorGain.Run(exam, findings);
        }

        if (replay is not null)
        {
            InTheHouse(exam, replay, findings);
        }

        var free = new List<FreeMeasure>();
        if (detector is not null)
        {
            free.Add(new BellInterval(exam, detector));
        }

        if (chosen.Contains("drift"))
        {
            if (Drift.CanMeasure(exam))
            {
                free.Add(new Drift(exam, inverse));
            }
            else
            {
                findings.LeaveOut("drift_hour", "the free dream is too short; raise --minutes");
            }
        }

        if (free.Count > 0)
        {
            FreeDream.Run(exam, free, findings);
        }
    }

    private InverseModel? Inverse(Examination exam, Findings findings)
    {
        if (!chosen.Contains("control") && !chosen.Contains("drift"))
        {
            return null;
        }

        if (exam.First<ImageChannel>() is { } sight && InverseModel.NumbersOf(exam.Schema).Count > 0 && exam.ForJudges.Count > 0)
        {
            return InverseModel.Train(exam, sight);
        }

        findings.LeaveOut("control", exam.ForJudges.Count == 0 ? "no episode is left for judges to learn from; lower --held-out" : "there are no pictures, or no numbers among the commands");
        return null;
    }

    private void Beside(Examination exam, HouseReplay? replay, InverseModel? inverse, EventDetector? detector, Findings findings)
    {
        var beside = new List<RolloutMeasure>();
        if (chosen.Contains("fidelity"))
        {
            if (exam.First<ImageChannel>() is { } sight)
            {
                beside.Add(new Fidelity(exam, sight));
            }
            else
            {
                findings.LeaveOut("fidelity", "there is no picture");
            }
        }

        if (chosen.Contains("control") && inverse is not null)
        {
            beside.Add(new Control(exam, inverse));
        }

        if (detector is not null && replay is not null)
        {
            beside.Add(new Hearing(exam, replay, detector));
        }

        if (beside.Count > 0)
        {
            beside.Add(new FilmStrips(exam));
            Rollouts.Run(exam, beside, findings);
        }
    }

    private void InTheHouse(Examination exam, HouseReplay replay, Findings findings)
    {
        if (chosen.Contains("speech"))
        {
            Imagine.Run(exam, replay, findings);
        }

        if (chosen.Contains("acting"))
        {
            Coverage.Run(exam, replay, findings);
        }

        if (chosen.Contains("memory"))
        {
            MemorySwap.Run(exam, replay, findings);
        }

        if (chosen.Contains("doors"))
        {
            DoorMemory.Run(exam, replay, findings);
        }

        if (chosen.Contains("surprise"))
        {
            PlantedSurprise.Run(exam, replay, findings);
        }
    }
}
