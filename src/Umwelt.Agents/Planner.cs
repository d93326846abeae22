// Thinks before it acts: tries futures in an imagination and does what went best. What planners share is here: when a plan is
// made and how long it is followed; how it is found is each planner's own. Equal seeds, moments and budgets give equal plans.
using System.Diagnostics;
using Umwelt.Agents.Internal;
using Umwelt.Moments;

namespace Umwelt.Agents;

/// <summary>An occupant that plans.</summary>
public abstract class Planner : Occupant, IDisposable
{
    private readonly RowState[] _rows;
    private long _began;

    private protected Planner(Imagination imagination, PlannerOptions options)
    {
        ArgumentNullException.ThrowIfNull(imagination);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        (Imagination, Options) = (imagination, options);
        Goal = options.Goal ?? Goals.Reward(imagination.Schema);
        Commands = new CommandSpace(imagination.Schema.Motor);
        _rows = new RowState[imagination.Count];
        for (var row = 0; row < _rows.Length; row++)
        {
            _rows[row] = new RowState(new float[options.Horizon * Commands.Size]);
        }
    }

    /// <summary>Moments imagined so far, all rows and decisions together.</summary>
    public long ImaginedMoments { get; private protected set; }

    /// <summary>Decisions made so far.</summary>
    public long Decisions { get; private set; }

    /// <summary>How it thinks.</summary>
    public PlannerOptions Options { get; }

    /// <summary>Whether what is promised holds more than the scores within the horizon.</summary>
    internal virtual bool PromisesMore => Options.Value is not null;

    private protected Imagination Imagination { get; }

    internal MomentScores Goal { get; }

    private protected CommandSpace Commands { get; }

    /// <summary>What the plan that a row follows was thought to bring within the horizon: the discounted sum of scores.</summary>
    public double Promise(int row) => _rows[row].Promise;

    /// <summary>Whether a row's last command was the first of a new plan.</summary>
    public bool HasDecided(int row) => _rows[row].Done == 1;

    /// <inheritdoc/>
    public override void Reset(int row, long seed)
    {
        Imagination.Reset(row, seed);
        var state = _rows[row];
        (state.Seed, state.Decisions, state.Done, state.Length, state.Promise) = (seed, 0, 0, 0, 0);
        Forget(row);
    }

    /// <inheritdoc/>
    public override void Act(MomentBatch moments, MomentBatch commands, ReadOnlySpan<bool> rows)
    {
        ArgumentNullException.ThrowIfNull(moments);
        ArgumentNullException.ThrowIfNull(commands);
        Imagination.Observe(moments, rows);
        for (var row = 0; row < rows.Length; row++)
        {
            if (!rows[row])
            {
                continue;
            }

            var state = _rows[row];
            if (state.Done == state.Length)
            {
                _began = Stopwatch.GetTimestamp();
                var made = Plan(row, state.Done, unchecked((long)Storage.RandomStream.Of(Options.Seed, state.Seed, state.Decisions++).Key), state.Plan);
                (state.Promise, state.Done, state.Length) = (made.Promise, 0, Math.Clamp(made.Length, 1, Options.Hold));
                Decisions++;
            }

            Commands.Write(state.Plan.AsSpan(state.Done++ * Commands.Size, Commands.Size), commands, row);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees the futures.</summary>
    protected virtual void Dispose(bool disposing)
    {
    }

    /// <summary>Makes a plan from a row's present.</summary>
    /// <param name="row">Which row.</param>
    /// <param name="since">Moments since the row's last plan began: how far that one is behind.</param>
    /// <param name="seed">Names the chances of this decision.</param>
    /// <param name="plan">Becomes commands, one after another.</param>
    /// <returns>What it promises, and how many commands it has.</returns>
    private protected abstract (double Promise, int Length) Plan(int row, int since, long seed, Span<float> plan);

    /// <summary>Forgets earlier plans of a row.</summary>
    private protected virtual void Forget(int row)
    {
    }

    /// <summary>Whether the time for this decision is over.</summary>
    private protected bool IsLate() => Options.Time is { } time && Stopwatch.GetElapsedTime(_began) >= time;

    private sealed class RowState(float[] plan)
    {
        public float[] Plan { get; } = plan;

        public long Seed { get; set; }

        public long Decisions { get; set; }

        public int Done { get; set; }

        public int Length { get; set; }

        public double Promise { get; set; }
    }
}
