// Dreams of one model with the truth beside them, a row for each session. Rows that are due are taken out, stepped together and
// put back. A row whose senses are the truth's is awake: what is true is what it lives, and beside it stands what the model had
// expected. Let go, it lives what it dreams, and beside it stands what is true.
using Umwelt.Models;
using Umwelt.Moments;
using Umwelt.Server.Internal.Play;
using Umwelt.Server.Internal.Sessions;

namespace Umwelt.Server.Internal.Dreams;

internal sealed partial class DreamWorld : World
{
    private readonly List<KeptDream> _kept = [];
    private readonly bool _isRenewed;
    private Dream _dream;
    private readonly Stage? _truth;
    private readonly DreamRow[] _rows;
    private readonly DreamSteps?[] _steps;
    private readonly MomentBatch _real;
    private readonly MomentBatch _beside;
    private readonly MomentBatch _commands;
    private readonly MomentBatch _one;
    private readonly double[] _surprise;
    private readonly bool[] _realRows;

    /// <summary>Takes what it is given, and frees it in the end.</summary>
    /// <param name="dream">Sessions have a row each.</param>
    /// <param name="truth">A world of the same schema with as many rows; null for none.</param>
    /// <param name="truthName">What the truth is called, as recordings name their origin.</param>
    /// <param name="starts">What episodes can begin at; null for nothing recorded.</param>
    /// <param name="isRenewed">Whether another model may take over.</param>
    public DreamWorld(Dream dream, Stage? truth = null, string? truthName = null, StartingMoments? starts = null, bool isRenewed = false)
        : base(dream.Schema, dream.Count)
    {
        if (truth is not null && !truth.World.Schema.Equals(dream.Schema))
        {
            throw new ArgumentException($"The truth has ({truth.World.Schema}), the model knows ({dream.Schema}).", nameof(truth));
        }

        (_dream, _truth, TruthName, Starts, _isRenewed) = (dream, truth, truthName, starts, isRenewed);
        _rows = [.. Enumerable.Range(0, Count).Select(_ => NewRow())];
        _steps = new DreamSteps[Count + 1];
        _real = new MomentBatch(Schema, Count);
        _beside = new MomentBatch(Schema, Count);
        _commands = new MomentBatch(Schema.Motor, Count);
        _one = new MomentBatch(Schema, 1);
        _surprise = new double[Count * Schema.Channels.Length];
        _realRows = new bool[Count];
    }

    /// <summary>What runs beside; null where nothing does.</summary>
    public Stage? Truth => _truth;

    /// <summary>Its name.</summary>
    public string? TruthName { get; }

    /// <summary>Recorded moments to begin at; null where there are none.</summary>
    public StartingMoments? Starts { get; }

    /// <summary>What an episode begins with unless something else is asked for.</summary>
    public string UsualStart => Starts is { Count: > 0 } ? DreamStart.Recorded(0) : _truth is not null ? DreamStart.Life : DreamStart.Nothing;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Occupants => [.. _dream.Occupants.Take(1), .. (_truth?.World.Occupants ?? []).Concat(_dream.Occupants.Skip(1)).Distinct(StringComparer.Ordinal)];

    /// <summary>The truth's present moments, where it runs.</summary>
    internal MomentBatch Real => _real;

    /// <inheritdoc/>
    public override Occupant CreateOccupant(string name) =>
        string.Equals(name, _dream.Occupants[0], StringComparison.Ordinal) && !Schema.Motors.IsEmpty ? new DreamingOccupant(this)
        : _truth is not null && _truth.World.Occupants.Contains(name, StringComparer.Ordinal) ? new TrueOccupant(this, _truth.World.CreateOccupant(name))
        : _dream.CreateOccupant(name);

    /// <summary>What dreams at present.</summary>
    internal Dream Dream => _dream;

    /// <summary>Lets another model take over: every row remembers in it what was true last, or what it
    /// dreamed where no truth runs beside it, and goes on from there.</summary>
    /// <param name="next">Of the same schema with as many rows; becomes this world's.</param>
    /// <exception cref="ArgumentException">It is of another schema; nothing has changed.</exception>
    public void Become(Dream next)
    {
        if (!next.Schema.Equals(Schema) || next.Count != Count)
        {
            next.Dispose();
            throw new ArgumentException($"The new model knows ({next.Schema}), not ({Schema}).", nameof(next));
        }

        foreach (var kept in _kept)
        {
            kept.Forget();
        }

        _dream.Dispose();
        _dream = next;
        for (var row = 0; row < Count; row++)
        {
            Remember(row);
        }
    }

    /// <summary>What a row is like.</summary>
    public DreamRow Row(int row) => _rows[row];

    /// <summary>Whether an episode can begin so.</summary>
    public bool CanStart(string name) =>
        name == DreamStart.Nothing || (_truth is not null && name is DreamStart.Truth or DreamStart.Life) || (DreamStart.NumberOf(name) is { } number && number < (Starts?.Count ?? 0));

    /// <summary>All that episodes can begin with.</summary>
    public IEnumerable<string> AllStarts() =>
        [.. Enumerable.Range(0, Starts?.Count ?? 0).Select(DreamStart.Recorded), .. _truth is null ? Enumerable.Empty<string>() : [DreamStart.Life, DreamStart.Truth], DreamStart.Nothing];

    /// <summary>What stands beside the moments: what is true, or, of senses that are the truth's, what was expected.</summary>
    public MomentBatch Beside => _beside;

    /// <summary>How surprising the last moment of the truth was, channel by channel; NaN where nothing can be said.</summary>
    public ReadOnlySpan<double> Surprise(int row) => _surprise.AsSpan(row * Schema.Channels.Length, Schema.Channels.Length);

    /// <summary>Infers a moment from some of its channels; the row stays where it is.</summary>
    /// <param name="row">Whose memory; a row that dreams.</param>
    /// <param name="given">What is known.</param>
    /// <param name="forgets">Whether it answers as one that remembers nothing.</param>
    public MomentBatch Ask(int row, ChannelValues given, bool forgets)
    {
        using var part = _dream.Take(row);
        if (forgets)
        {
            part.Forget(0);
        }

        var answer = new MomentBatch(Schema, 1);
        given.Write(answer);
        part.Ask(answer, answer);
        return answer;
    }

    /// <summary>The whole state of a row, which is the caller's.</summary>
    public KeptDream Keep(int row)
    {
        var state = NewRow();
        state.Become(_rows[row]);
        var (real, beside) = (new MomentBatch(Schema, 1), new MomentBatch(Schema, 1));
        real.Copy(_real, row, 0);
        beside.Copy(_beside, row, 0);
        state.IsReal &= _truth is { CanKeep: true };
        var kept = new KeptDream(_dream.Take(row), state.IsReal ? _truth!.Keep(row) : null, real, beside, [.. Surprise(row)], state, gone => _kept.Remove(gone));
        _kept.Add(kept);
        return kept;
    }

    /// <summary>Brings a row to a state that was kept.</summary>
    public void Return(int row, KeptDream kept)
    {
        _rows[row].Become(kept.State);
        if (kept.Dream is { } dream)
        {
            _dream.Put(dream, row);
        }
        else
        {
            Remember(row); // Another model dreams by now.
        }

        if (kept.Truth is { } truth)
        {
            _truth!.Return(row, truth, _real);
        }

        _real.Copy(kept.Real, 0, row);
        _beside.Copy(kept.Beside, 0, row);
        kept.Surprise.CopyTo(_surprise.AsSpan(row * Schema.Channels.Length));
        GoOn(row);
    }

    /// <inheritdoc/>
    protected override void Advance(MomentBatch moments, ReadOnlySpan<bool> rows)
    {
        StepTruth(moments, rows);
        var count = rows.Count(true);
        var steps = _steps[count] ??= new DreamSteps(Schema, count);
        for (int row = 0, i = 0; row < Count; row++)
        {
            if (rows[row])
            {
                steps.Rows[i++] = row;
            }
        }

        using var part = count < Count ? _dream.Take(steps.Rows) : null;
        var dream = part ?? _dream;
        Expect(dream, steps, moments);
        for (var i = 0; i < count; i++)
        {
            Given(moments, steps.Rows[i], steps.Next, i);
        }

        dream.Continue(steps.Next);
        for (var i = 0; i < count; i++)
        {
            var (row, state) = (steps.Rows[i], _rows[steps.Rows[i]]);
            moments.Copy(steps.Next, i, row);
            if (state.IsReal)
            {
                state.Lived?.Add(_real, row); // A better model is not to go on from what a worse one made up.
            }
            else
            {
                state.Lived?.Add(steps.Next, i);
            }

            if (state.IsAwake)
            {
                moments.Endings[row] = _real.Endings[row];
            }

            state.IsReal &= _real.Endings[row] == Ending.None;
        }

        if (part is not null)
        {
            _dream.Put(part, steps.Rows);
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _dream.Dispose();
            _truth?.Dispose();
            Starts?.Dispose();
        }

        base.Dispose(disposing);
    }

    private DreamRow NewRow() => new(Schema.Channels.Length) { Start = UsualStart, Lived = _isRenewed ? new LivedMoments(Schema) : null };

    // Lets a row of a model that knows nothing of it remember what it lived last.
    private void Remember(int row)
    {
        _dream.Forget(row, _rows[row].Seed);
        if (_rows[row].Lived?.All() is { } lived)
        {
            Remember(row, lived, lived.Count);
        }
    }

    // The truth goes on with the same commands, wherever it runs.
    private void StepTruth(MomentBatch moments, ReadOnlySpan<bool> rows)
    {
        for (var row = 0; row < Count; row++)
        {
            _realRows[row] = rows[row] && _rows[row].IsReal;
            for (var m = 0; m < Schema.Motors.Length && _realRows[row]; m++)
            {
                _commands.Copy(moments, Schema.Motors[m], row, m, row);
            }
        }

        if (_realRows.AsSpan().Contains(true))
        {
            _truth!.World.Step(_commands, _real, _realRows);
        }
    }

    // How surprised the model is by what is true, and what it had expected where it is about to be told.
    private void Expect(Dream dream, DreamSteps steps, MomentBatch moments)
    {
        var (channels, isAwake, isReal) = (Schema.Channels.Length, false, false);
        for (var i = 0; i < steps.Rows.Length; i++)
        {
            var row = steps.Rows[i];
            steps.Next.Clear(i);
            steps.Expected.Clear(i);
            CopyMotors(moments, row, steps.Expected, i);
            if (_rows[row].IsReal)
            {
                (isReal, isAwake) = (true, isAwake || _rows[row].IsAwake);
                steps.Next.Copy(_real, row, i);
            }
        }

        steps.Scores.AsSpan().Fill(double.NaN);
        if (isReal)
        {
            dream.Surprise(steps.Next, steps.Scores);
        }

        if (isAwake)
        {
            dream.Ask(steps.Expected, steps.Expected);
        }

        for (var i = 0; i < steps.Rows.Length; i++)
        {
            var (row, state) = (steps.Rows[i], _rows[steps.Rows[i]]);
            steps.Scores.AsSpan(i * channels, channels).CopyTo(_surprise.AsSpan(row * channels));
            _beside.Clear(row);
            for (var c = 0; c < channels && state.IsReal; c++)
            {
                _beside.Copy(state.Given[c] ? steps.Expected : _real, c, state.Given[c] ? i : row, c, row);
            }
        }
    }

    // What the next moment of a row is given: its command, what is true and to be sensed, nothing where nothing is to be sensed,
    // and what somebody has said it holds.
    private void Given(MomentBatch moments, int row, MomentBatch next, int i)
    {
        var state = _rows[row];
        next.Clear(i);
        CopyMotors(moments, row, next, i);
        for (var c = 0; c < Schema.Channels.Length; c++)
        {
            if (Schema.Channels[c].Role == ChannelRole.Motor)
            {
                continue;
            }

            if (state.Held[c])
            {
                next.SetPresent(c, i);
            }
            else if (state.Given[c] && state.IsReal)
            {
                next.Copy(_real, c, row, c, i);
            }
        }

        state.Clamped?.Write(next, i);
        state.Clamped = null;
    }

    private void CopyMotors(MomentBatch source, int row, MomentBatch target, int i)
    {
        foreach (var m in Schema.Motors)
        {
            target.Copy(source, m, row, m, i);
        }
    }

    /// <summary>What so many rows are stepped with.</summary>
    private sealed class DreamSteps(Schema schema, int count)
    {
        public int[] Rows { get; } = new int[count];

        public MomentBatch Next { get; } = new(schema, count);

        public MomentBatch Expected { get; } = new(schema, count);

        public double[] Scores { get; } = new double[count * schema.Channels.Length];
    }
}

/// <summary>A row of a dream as it was, with the truth beside it where that can be kept.</summary>
internal sealed class KeptDream(Dream dream, object? truth, MomentBatch real, MomentBatch beside, double[] surprise, DreamRow state, Action<KeptDream> gone) : IDisposable
{
    private Dream? _dream = dream;

    /// <summary>What the model remembered; null once another model dreams.</summary>
    public Dream? Dream => _dream;

    public object? Truth => truth;

    public MomentBatch Real => real;

    public MomentBatch Beside => beside;

    public double[] Surprise => surprise;

    public DreamRow State => state;

    /// <summary>Frees what the model remembered, before the model itself goes.</summary>
    public void Forget()
    {
        _dream?.Dispose();
        _dream = null;
    }

    public void Dispose()
    {
        Forget();
        gone(this);
    }
}
