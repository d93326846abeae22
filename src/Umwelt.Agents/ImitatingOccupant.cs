// Acts in any world as those did whom a model learnt from: the model takes in each moment that really happens and infers the
// command that comes next, given nothing.
using Umwelt.Models;
using Umwelt.Moments;

namespace Umwelt.Agents;

/// <summary>An occupant whose commands are a world model's own expectation of what is done next.</summary>
public sealed class ImitatingOccupant : Occupant, IDisposable
{
    private readonly Dream _dream;
    private readonly MomentBatch _commands;

    /// <summary>For this many rows of a world of the model's schema.</summary>
    /// <param name="model">Stays the caller's and must live as long.</param>
    /// <param name="rows">How many rows the world has.</param>
    /// <param name="seed">With a row's own seed it decides what is drawn.</param>
    public ImitatingOccupant(WorldModel model, int rows, long seed = 0)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (model.Schema.Motors.IsEmpty)
        {
            throw new ArgumentException("The model knows of no motor channel, so it can't act.", nameof(model));
        }

        _dream = model.Dream(seed, rows);
        _dream.Renders = false;
        _commands = new MomentBatch(model.Schema.Motor, rows);
    }

    /// <inheritdoc/>
    public override void Reset(int row, long seed) => _dream.Forget(row, seed);

    /// <inheritdoc/>
    public override void Act(MomentBatch moments, MomentBatch commands, ReadOnlySpan<bool> rows)
    {
        ArgumentNullException.ThrowIfNull(commands);
        _dream.Observe(moments, rows);
        _dream.Act(_commands);
        for (var row = 0; row < rows.Length; row++)
        {
            if (rows[row])
            {
                commands.Copy(_commands, row, row);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _dream.Dispose();
}
