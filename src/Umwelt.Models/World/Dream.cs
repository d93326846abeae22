// A live session of a world model, one or many at once: it takes motor commands and gives moments, as any world does. It can be
// asked for any part of the next moment given any other, primed with what really happened, forked, kept and restored. What a
// row dreams depends on its seed and what it was given, never on the rows beside it.
using Umwelt.Models.Internal.World;
using Umwelt.Moments;
using Umwelt.Storage;

namespace Umwelt.Models;

/// <summary>A world that is dreamed. Its model stays the caller's and must live as long, unless the dream was opened from a folder.</summary>
/// <remarks>One thread at a time uses a model and all its dreams.</remarks>
public sealed partial class Dream : World, IForkable
{
    private const string DreamerName = "dreamer";
    private readonly WorldModel _model;
    private readonly bool _ownsModel;
    private readonly DreamBody _body;
    private readonly long _seed;
    private readonly int[] _rows;
    private MomentBatch? _one;
    private MomentBatch? _acting;

    internal Dream(WorldModel model, long seed, int rows, bool ownsModel = false)
        : this(model, seed, new DreamBody(model, rows), ownsModel)
    {
    }

    private Dream(WorldModel model, long seed, DreamBody body, bool ownsModel)
        : base(model.Schema, body.Rows)
    {
        (_model, _seed, _body, _ownsModel) = (model, seed, body, ownsModel);
        _rows = new int[body.Rows];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Occupants => Schema.Motors.IsEmpty ? base.Occupants : [DreamerName, .. base.Occupants];

    /// <summary>A dream of the model in a folder, which is freed with the dream; its forks must not live longer.</summary>
    /// <param name="folder">What <see cref="WorldModel.Save"/> wrote.</param>
    /// <param name="seed">With a row's own seed it decides what is drawn.</param>
    /// <param name="rows">How many at once.</param>
    /// <exception cref="InvalidFileException">A file is missing or damaged, or they do not belong together.</exception>
    public static Dream Open(string folder, long seed = 0, int rows = 1) => new(WorldModel.Load(folder), seed, rows, ownsModel: true);

    /// <summary>
    /// Whether each moment comes with all that is only perceived: pictures, sound, words. Without it they are absent and a step
    /// costs a fraction; <see cref="Render"/> makes them on demand.
    /// </summary>
    public bool Renders
    {
        get => _body.Renders;
        set => _body.Renders = value;
    }

    /// <summary>Bytes of what is remembered, of all rows.</summary>
    public long StateBytes => _body.Bytes;

    /// <inheritdoc/>
    public override Occupant CreateOccupant(string name) =>
        string.Equals(name, DreamerName, StringComparison.Ordinal) && !Schema.Motors.IsEmpty ? new Dreamer(this) : base.CreateOccupant(name);

    /// <summary>Lets rows take in real moments that follow what they remember, and goes on from there; a row that has not begun begins with them.</summary>
    /// <param name="history">[row, time] in a batch: moment t of row r at r · <paramref name="length"/> + t.</param>
    /// <param name="length">Moments of each row.</param>
    public void Prime(MomentBatch history, int length)
    {
        ArgumentNullException.ThrowIfNull(history);
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        Check(history, checked(Count * length), nameof(history));
        _body.Prime(history, length);
        for (var row = 0; row < Count; row++)
        {
            GoOn(row);
        }
    }

    /// <summary>Lets the marked rows take in one real moment each; the others stay where they are.</summary>
    /// <param name="moments">A row each.</param>
    /// <param name="rows">Which rows.</param>
    public void Observe(MomentBatch moments, ReadOnlySpan<bool> rows)
    {
        Check(moments, Count, nameof(moments));
        ArgumentOutOfRangeException.ThrowIfNotEqual(rows.Length, Count, nameof(rows));
        if (!rows.Contains(false))
        {
            Prime(moments, 1);
            return;
        }

        var count = Marked(rows);
        if (count == 0)
        {
            return;
        }

        var marked = _rows.AsSpan(0, count);
        var part = new MomentBatch(Schema, count);
        for (var i = 0; i < count; i++)
        {
            part.Copy(moments, marked[i], i);
        }

        using var body = _body.Gather(marked);
        body.Prime(part, 1);
        _body.Scatter(body, marked);
        foreach (var row in marked)
        {
            GoOn(row);
        }
    }

    /// <summary>Makes a row one that remembers nothing, to be primed.</summary>
    /// <param name="row">Which row.</param>
    /// <param name="seed">Decides with the dream's own seed what the row draws.</param>
    public void Forget(int row, long seed = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)Count, nameof(row));
        _body.Forget(row, SeedOf(seed));
    }

    /// <summary>What the next moments would be, given some of their channels: those that are present stay as they are, the others are inferred.</summary>
    /// <param name="given">A row each; present channels are given.</param>
    /// <param name="answer">Becomes the whole moments; may be the same batch. The dream stays where it is.</param>
    public void Ask(MomentBatch given, MomentBatch answer)
    {
        Check(given, Count, nameof(given));
        Check(answer, Count, nameof(answer));
        for (var row = 0; row < Count && !ReferenceEquals(given, answer); row++)
        {
            answer.Copy(given, row, row);
        }

        _body.Ask(answer);
    }

    /// <summary>What the rows would do next by themselves, without the cost of anything else. The dream stays where it is.</summary>
    /// <param name="commands">Becomes a command for each row, of the schema's <see cref="Schema.Motor"/> part.</param>
    /// <param name="draw">Equal numbers give equal commands; 0 gives those that <see cref="Ask"/> infers.</param>
    public void Act(MomentBatch commands, long draw = 0)
    {
        ArgumentNullException.ThrowIfNull(commands);
        if (commands.Count != Count || !commands.Schema.Equals(Schema.Motor))
        {
            throw new ArgumentException($"This dream gives {Count} commands of ({Schema.Motor}), not {commands.Count} of ({commands.Schema}).", nameof(commands));
        }

        _acting ??= new MomentBatch(Schema, Count);
        _acting.Clear();
        _body.Act(_acting, draw);
        for (var row = 0; row < Count; row++)
        {
            for (var m = 0; m < Schema.Motors.Length; m++)
            {
                commands.Copy(_acting, Schema.Motors[m], row, m, row);
            }
        }
    }

    /// <summary>Reads out of the present moments whatever they lack.</summary>
    /// <param name="moments">The moments of the last step.</param>
    public void Render(MomentBatch moments)
    {
        Check(moments, Count, nameof(moments));
        _body.Render(moments);
    }

    /// <summary>
    /// How surprising the next moments are, channel by channel, each knowing what is inferred before it: nats for categories and
    /// text; for numbers the mean squared error of what is seen through noise at fixed levels, as the model sees numbers. Or all
    /// of them in deviations above what is usual.
    /// </summary>
    /// <param name="next">What really follows. The dream stays where it is.</param>
    /// <param name="scores">[row, channel]; NaN where a channel is absent.</param>
    /// <param name="isStandardised">Whether scores are in deviations above the mean of <see cref="WorldModel.Surprises"/>.</param>
    /// <exception cref="InvalidOperationException">It is to be standardised, and nobody measured what is usual.</exception>
    public void Surprise(MomentBatch next, Span<double> scores, bool isStandardised = false)
    {
        if (isStandardised && _model.Surprises.IsEmpty)
        {
            throw new InvalidOperationException("Nobody measured which surprise is usual for this model; a training does it at its end.");
        }

        Check(next, Count, nameof(next));
        ArgumentOutOfRangeException.ThrowIfNotEqual(scores.Length, Count * Schema.Channels.Length, nameof(scores));
        _body.Surprise(next, scores);
        for (var i = 0; i < scores.Length && isStandardised; i++)
        {
            scores[i] = _model.Surprises[i % Schema.Channels.Length]?.Standardised(scores[i]) ?? double.NaN;
        }
    }

    /// <summary>A dream that goes its own way from here; memory is shared until one of the two goes on.</summary>
    public Dream Fork()
    {
        var fork = new Dream(_model, _seed, _body.Fork(), ownsModel: false);
        for (var row = 0; row < Count; row++)
        {
            if (IsRunning(row))
            {
                fork.GoOn(row);
            }
        }

        return fork;
    }

    /// <summary>A dream of the same model that remembers nothing and renders as this one does.</summary>
    /// <param name="count">How many rows.</param>
    public World CreateRows(int count) => new Dream(_model, _seed, count) { Renders = Renders };

    /// <inheritdoc/>
    public void CopyRows(World source, ReadOnlySpan<int> sourceRows, ReadOnlySpan<int> rows)
    {
        if (source is Dream other && !ReferenceEquals(other._model, _model))
        {
            throw new ArgumentException("Only rows of a dream of the same model can be copied into a dream.", nameof(source));
        }

        var dream = GoOnAs<Dream>(source, sourceRows, rows);
        using var body = dream._body.Gather(sourceRows);
        _body.Scatter(body, rows);
    }

    /// <summary>Writes all that is remembered to a safetensors file.</summary>
    public void Save(string path) => _body.Save(path, IsRunning);

    /// <summary>Takes over what a dream of the same model with as many rows wrote.</summary>
    /// <exception cref="InvalidFileException">It is damaged or of another model.</exception>
    public void Restore(string path)
    {
        foreach (var row in _body.Restore(path))
        {
            GoOn(row);
        }
    }

    /// <inheritdoc/>
    protected override void Begin(int row, long seed, MomentBatch moments)
    {
        ArgumentNullException.ThrowIfNull(moments);
        _body.Forget(row, SeedOf(seed));
        Part([row], moments, isBeginning: true);
    }

    /// <inheritdoc/>
    protected override void Advance(MomentBatch moments, ReadOnlySpan<bool> rows)
    {
        ArgumentNullException.ThrowIfNull(moments);
        if (!rows.Contains(false))
        {
            _body.Step(moments);
            EndWhereInferred(moments, rows);
            return;
        }

        var count = Marked(rows);
        if (count > 0)
        {
            Part(_rows.AsSpan(0, count), moments, isBeginning: false);
            EndWhereInferred(moments, rows);
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _body.Dispose();
            if (_ownsModel)
            {
                _model.Dispose();
            }
        }

        base.Dispose(disposing);
    }

    private long SeedOf(long seed) => unchecked((long)RandomStream.Of(_seed, seed).Key);

    // Puts the places of the marked rows into _rows; gives how many they are.
    private int Marked(ReadOnlySpan<bool> rows)
    {
        var count = 0;
        for (var row = 0; row < Count; row++)
        {
            if (rows[row])
            {
                _rows[count++] = row;
            }
        }

        return count;
    }

    // Some rows by themselves: gathered, stepped and put back.
    private void Part(ReadOnlySpan<int> rows, MomentBatch moments, bool isBeginning)
    {
        var part = rows.Length == 1 ? _one ??= new MomentBatch(Schema, 1) : new MomentBatch(Schema, rows.Length);
        for (var i = 0; i < rows.Length; i++)
        {
            part.Copy(moments, rows[i], i);
            for (var m = 0; m < Schema.Motors.Length && isBeginning; m++)
            {
                part.SetAbsent(Schema.Motors[m], i);
            }
        }

        using var body = _body.Gather(rows);
        body.Step(part, infersMotors: !isBeginning);
        _body.Scatter(body, rows);
        for (var i = 0; i < rows.Length; i++)
        {
            moments.Copy(part, i, rows[i]);
        }
    }

    private void EndWhereInferred(MomentBatch moments, ReadOnlySpan<bool> rows)
    {
        if (Schema.End is not { } end)
        {
            return;
        }

        for (var row = 0; row < Count; row++)
        {
            if (rows[row] && moments.Category(end, row) == 1)
            {
                moments.Endings[row] = Ending.End;
            }
        }
    }

    private void Check(MomentBatch moments, int count, string name)
    {
        ArgumentNullException.ThrowIfNull(moments, name);
        if (moments.Count != count || !moments.Schema.Equals(Schema))
        {
            throw new ArgumentException($"This dream takes {count} moments of ({Schema}), not {moments.Count} of ({moments.Schema}).", name);
        }
    }
}
