// Anything that turns motor commands into moments: a built-in house, somebody's environment, a robot, a dream. The base class
// keeps the law of order within a tick once for all of them: moment t holds the command that led to it and the senses that
// followed; the first moment of an episode has no command.
using Umwelt.Moments.Internal;

namespace Umwelt.Moments;

/// <summary>A world, or many of one kind stepped at once: a row each.</summary>
/// <remarks>One thread at a time uses it. Derive from it to make an own world: say its schema, and write the senses of the
/// first moment in <see cref="Begin"/> and of those after it in <see cref="Advance"/>.</remarks>
public abstract class World : IDisposable
{
    private readonly bool[] _isRunning;
    private readonly bool[] _all;

    /// <summary>A world of this schema, this many times.</summary>
    protected World(Schema schema, int count)
    {
        ArgumentNullException.ThrowIfNull(schema);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        Schema = schema;
        Count = count;
        _isRunning = new bool[count];
        _all = new bool[count];
        Array.Fill(_all, true);
    }

    /// <summary>What its moments hold.</summary>
    public Schema Schema { get; }

    /// <summary>How many rows it has.</summary>
    public int Count { get; }

    /// <summary>The names of the occupants it knows, the usual one first.</summary>
    public virtual IReadOnlyList<string> Occupants => ["random", "still"];

    /// <summary>Somebody who acts in this world.</summary>
    /// <exception cref="ArgumentException">There is none of this name; it names those there are.</exception>
    public virtual Occupant CreateOccupant(string name) => name switch
    {
        "random" => new RandomOccupant(Schema.Motor, Count),
        "still" => new StillOccupant(Schema.Motor),
        _ => throw new ArgumentException($"no occupant '{name}'; there are {string.Join(", ", Occupants)}", nameof(name)),
    };

    /// <summary>Begins an episode in one row and writes its first moment, which has no command.</summary>
    /// <param name="row">Which row.</param>
    /// <param name="seed">Equal seeds and commands give equal moments.</param>
    /// <param name="moments">A batch of <see cref="Count"/> rows of this <see cref="Schema"/>; only this row changes.</param>
    public void Reset(int row, long seed, MomentBatch moments)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)Count, nameof(row));
        Check(moments, Schema, nameof(moments));
        moments.Clear(row);
        Begin(row, seed, moments);
        Closed(row, moments);
    }

    /// <summary>Steps every row.</summary>
    /// <param name="commands">What each row does: <see cref="Count"/> rows of the schema's <see cref="Schema.Motor"/> part.</param>
    /// <param name="moments">Becomes what follows.</param>
    public void Step(MomentBatch commands, MomentBatch moments) => Step(commands, moments, _all);

    /// <summary>Steps the rows that are marked; the others stay as they are.</summary>
    /// <param name="commands">What each row does: <see cref="Count"/> rows of the schema's <see cref="Schema.Motor"/> part.
    /// Numbers beyond a channel's range are brought into it, and the moment holds what was really done.</param>
    /// <param name="moments">Becomes what follows, in the rows that are marked.</param>
    /// <param name="rows">Which rows to step.</param>
    /// <exception cref="ArgumentException">A command is absent, not a number or no category; nothing has been stepped.</exception>
    public void Step(MomentBatch commands, MomentBatch moments, ReadOnlySpan<bool> rows)
    {
        Check(commands, Schema.Motor, nameof(commands));
        Check(moments, Schema, nameof(moments));
        ArgumentOutOfRangeException.ThrowIfNotEqual(rows.Length, Count, nameof(rows));
        for (var row = 0; row < Count; row++)
        {
            if (rows[row])
            {
                if (!_isRunning[row])
                {
                    throw new InvalidOperationException($"Row {row} has no episode under way; reset it first.");
                }

                CommandCheck.Throw(commands, row);
            }
        }

        for (var row = 0; row < Count; row++)
        {
            if (rows[row])
            {
                moments.Clear(row);
                for (var i = 0; i < Schema.Motors.Length; i++)
                {
                    moments.Copy(commands, i, row, Schema.Motors[i], row);
                    CommandCheck.Clamp(moments, Schema.Motors[i], row);
                }
            }
        }

        Advance(moments, rows);
        for (var row = 0; row < Count; row++)
        {
            if (rows[row])
            {
                Closed(row, moments);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Writes the first moment of an episode: senses, reward, end and, if it stops at once, its ending.</summary>
    /// <param name="row">Which row.</param>
    /// <param name="seed">Names every choice of the episode.</param>
    /// <param name="moments">The row is empty.</param>
    protected abstract void Begin(int row, long seed, MomentBatch moments);

    /// <summary>Writes what follows the commands that stand in the motor channels of the moments already: senses, reward, end
    /// and, where an episode stops, its ending. Where the schema has an end channel the base class writes it.</summary>
    /// <param name="moments">Rows that are marked hold their commands and nothing else.</param>
    /// <param name="rows">Which rows to step.</param>
    protected abstract void Advance(MomentBatch moments, ReadOnlySpan<bool> rows);

    /// <summary>Whether a row has an episode under way.</summary>
    protected bool IsRunning(int row) => _isRunning[row];

    /// <summary>Says that a row has an episode under way that it did not begin: one it was brought into the middle of.</summary>
    protected void GoOn(int row) => _isRunning[row] = true;

    /// <summary>Says that rows go on from where rows of another world of this type stand: the beginning of <see cref="IForkable.CopyRows"/>.</summary>
    /// <typeparam name="T">This world's type.</typeparam>
    /// <returns>The other world.</returns>
    /// <exception cref="ArgumentException">It is of another kind, or one of its rows has no episode under way; nothing has changed.</exception>
    protected T GoOnAs<T>(World source, ReadOnlySpan<int> sourceRows, ReadOnlySpan<int> rows)
        where T : World
    {
        if (source is not T same || !same.Schema.Equals(Schema))
        {
            throw new ArgumentException("Only rows of a world of the same kind can be copied.", nameof(source));
        }

        ArgumentOutOfRangeException.ThrowIfNotEqual(rows.Length, sourceRows.Length, nameof(rows));
        foreach (var row in sourceRows)
        {
            if (!source._isRunning[row])
            {
                throw new ArgumentException($"Row {row} has no episode under way to be copied.", nameof(sourceRows));
            }
        }

        foreach (var row in rows)
        {
            _isRunning[row] = true;
        }

        return same;
    }

    /// <summary>Frees what the world holds.</summary>
    protected virtual void Dispose(bool disposing)
    {
    }

    private void Closed(int row, MomentBatch moments)
    {
        var ending = moments.Endings[row];
        _isRunning[row] = ending == Ending.None;
        if (Schema.End is { } end)
        {
            moments.Category(end, row) = ending == Ending.End ? 1 : 0;
            moments.SetPresent(end, row);
        }
    }

    private void Check(MomentBatch batch, Schema schema, string name)
    {
        ArgumentNullException.ThrowIfNull(batch, name);
        if (batch.Count != Count || !(ReferenceEquals(batch.Schema, schema) || batch.Schema.Equals(schema)))
        {
            throw new ArgumentException($"This world takes {Count} rows of ({schema}), not {batch.Count} of ({batch.Schema}).", name);
        }
    }
}
