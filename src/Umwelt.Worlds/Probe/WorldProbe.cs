// Finds out by living in it what a world is like: what its channels really hold, how fast it is, whether equal seeds and
// commands give equal moments, and how many moments pass between a command and its effect.
using System.Diagnostics;
using Umwelt.Moments;

namespace Umwelt.Worlds.Probe;

internal static class WorldProbe
{
    private const int Branches = 6;
    private const int Patience = 40;
    private const int LastBranch = 120;
    private const int MostMotors = 16;

    /// <summary>Probes a world for so many moments.</summary>
    /// <param name="open">Opens it with so many rows; each is disposed here.</param>
    /// <param name="moments">How many moments the two long runs take.</param>
    /// <param name="seed">Of the first episode; those after it count on.</param>
    /// <param name="progress">Told what is done.</param>
    /// <param name="cancellation">Ends it early.</param>
    public static ProbeReport Run(Func<int, World> open, long moments, long seed, IProgress<string>? progress, CancellationToken cancellation)
    {
        var first = new ProbeRun();
        Schema schema;
        long firstEpisode;
        using (var world = open(1))
        {
            schema = world.Schema;
            first.Live(world, moments, seed, count => progress?.Report($"living: {count:N0} of {moments:N0} moments"), cancellation);
            firstEpisode = first.FirstEpisode;
        }

        var second = new ProbeRun { Reference = first };
        using (var world = open(1))
        {
            second.Live(world, moments, seed, count => progress?.Report($"once more, for determinism: {count:N0} of {moments:N0} moments"), cancellation);
        }

        var delays = new List<ProbeDelay>();
        var correlations = new List<ProbeCorrelation>();
        if (second.Difference is null && schema.Motors.Length > 0)
        {
            progress?.Report("branching commands");
            delays = Delays(open, schema, firstEpisode, seed, cancellation);
        }
        else if (schema.Motors.Length > 0)
        {
            correlations = first.Changes.Correlations(schema);
        }

        return new ProbeReport(schema, first.Moments, first.Ends, first.Truncations, first.MomentsPerSecond, first.Channels, second.Difference, delays, correlations);
    }

    private static List<ProbeDelay> Delays(Func<int, World> open, Schema schema, long firstEpisode, long seed, CancellationToken cancellation)
    {
        using var branch = new CommandBranch(open(2));
        var found = new List<ProbeDelay>();
        for (var motor = 0; motor < Math.Min(schema.Motors.Length, MostMotors); motor++)
        {
            var least = new int?[schema.Senses.Length];
            for (var i = 0; i < Branches; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                var moment = (int)(Math.Min(firstEpisode - 1, LastBranch) * i / Branches);
                if (branch.Delays(motor, moment, Patience, seed) is { } delays)
                {
                    for (var sense = 0; sense < delays.Length; sense++)
                    {
                        least[sense] = delays[sense] is { } delay ? Math.Min(delay, least[sense] ?? delay) : least[sense];
                    }
                }
            }

            found.AddRange(schema.Senses.Select((channel, sense) => new ProbeDelay(
                schema.Channels[schema.Motors[motor]].Name, schema.Channels[channel].Name, least[sense])));
        }

        return found;
    }

    /// <summary>One life of so many moments, watched.</summary>
    private sealed class ProbeRun
    {
        private readonly List<ulong> _signs = [];

        public ProbeRun? Reference { get; init; }

        public long Moments { get; private set; }

        public long Ends { get; private set; }

        public long Truncations { get; private set; }

        /// <summary>How many moments the first episode had.</summary>
        public long FirstEpisode { get; private set; }

        public double MomentsPerSecond { get; private set; }

        public ProbeDifference? Difference { get; private set; }

        public IReadOnlyList<ChannelProbe> Channels { get; private set; } = [];

        public ChangeTrace Changes { get; } = new();

        public void Live(World world, long wanted, long seed, Action<long> tell, CancellationToken cancellation)
        {
            var moments = new MomentBatch(world.Schema, 1);
            var commands = new MomentBatch(world.Schema.Motor, 1);
            var occupant = new RandomOccupant(world.Schema.Motor, 1);
            Channels = [.. world.Schema.Channels.Select(channel => new ChannelProbe(channel))];
            var (spent, clock, isOver) = (0L, Stopwatch.StartNew(), true);
            var told = clock.Elapsed;
            while (Moments < wanted && Difference is null)
            {
                cancellation.ThrowIfCancellationRequested();
                var start = Stopwatch.GetTimestamp();
                if (isOver)
                {
                    world.Reset(0, seed, moments);
                    spent += Stopwatch.GetTimestamp() - start;
                    occupant.Reset(0, seed++);
                    Changes.Begin();
                }
                else
                {
                    occupant.Act(moments, commands, [true]);
                    start = Stopwatch.GetTimestamp();
                    world.Step(commands, moments);
                    spent += Stopwatch.GetTimestamp() - start;
                }

                Watch(world.Schema, moments);
                isOver = moments.Endings[0] != Ending.None;
                Moments++;
                if (clock.Elapsed - told > TimeSpan.FromSeconds(0.2))
                {
                    told = clock.Elapsed;
                    tell(Moments);
                }
            }

            FirstEpisode = FirstEpisode == 0 ? Moments : FirstEpisode;
            MomentsPerSecond = Moments / Math.Max(1e-9, spent / (double)Stopwatch.Frequency);
        }

        private void Watch(Schema schema, MomentBatch moments)
        {
            for (var i = 0; i < schema.Channels.Length; i++)
            {
                Channels[i].Add(moments, i, 0);
                var sign = MomentSigns.Of(moments, i, 0);
                if (Reference is null)
                {
                    _signs.Add(sign);
                }
                else if (Difference is null && sign != Reference._signs[(int)(Moments * schema.Channels.Length) + i])
                {
                    Difference = new ProbeDifference(Moments, schema.Channels[i].Name);
                }
            }

            Changes.Add(moments, 0);
            Ends += moments.Endings[0] == Ending.End ? 1 : 0;
            Truncations += moments.Endings[0] == Ending.Truncation ? 1 : 0;
            if (moments.Endings[0] != Ending.None && FirstEpisode == 0)
            {
                FirstEpisode = Moments + 1;
            }
        }
    }
}
