// A dream that begins where a real history leaves off, as a world: an episode's first moment is the last real one, and what
// follows is dreamed.
using Umwelt.Models;
using Umwelt.Moments;

namespace Umwelt.Cli.Dreams;

internal sealed class PrimedDream : World
{
    private readonly Dream _dream;
    private readonly MomentBatch? _history;
    private readonly MomentBatch _commands;
    private readonly MomentBatch _moment;

    /// <param name="dream">Of one row; it stays the caller's.</param>
    /// <param name="history">The real moments, in order; null to dream from nothing.</param>
    public PrimedDream(Dream dream, MomentBatch? history)
        : base(dream.Schema, 1)
    {
        (_dream, _history) = (dream, history);
        _commands = new MomentBatch(Schema.Motor, 1);
        _moment = new MomentBatch(Schema, 1);
    }

    public override IReadOnlyList<string> Occupants => [OwnOccupant.Name, .. base.Occupants];

    public override Occupant CreateOccupant(string name) => string.Equals(name, OwnOccupant.Name, StringComparison.Ordinal) ? new OwnOccupant(_dream) : base.CreateOccupant(name);

    protected override void Begin(int row, long seed, MomentBatch moments)
    {
        if (_history is null)
        {
            _dream.Reset(0, seed, moments);
            return;
        }

        _dream.Forget(0, seed);
        _dream.Prime(_history, _history.Count);
        moments.Copy(_history, _history.Count - 1, 0);
        foreach (var motor in Schema.Motors)
        {
            moments.SetAbsent(motor, 0);
        }

        moments.Endings[0] = Ending.None;
    }

    protected override void Advance(MomentBatch moments, ReadOnlySpan<bool> rows)
    {
        for (var m = 0; m < Schema.Motors.Length; m++)
        {
            _commands.Copy(moments, Schema.Motors[m], 0, m, 0);
        }

        _dream.Step(_commands, _moment);
        moments.Copy(_moment, 0, 0);
    }

    /// <summary>The dream's own wishes.</summary>
    private sealed class OwnOccupant(Dream dream) : Occupant
    {
        public const string Name = "itself";

        public override void Reset(int row, long seed)
        {
        }

        public override void Act(MomentBatch moments, MomentBatch commands, ReadOnlySpan<bool> rows) => dream.Act(commands);
    }
}
