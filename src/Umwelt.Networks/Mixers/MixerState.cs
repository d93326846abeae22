// What a time mixer remembers of each row: sessions that come, go, fork and live for different times. Its tensors belong to
// the state, not to any scope. A fork shares them until either side writes; a row of zeros and age 0 is a row that saw nothing.
using System.Collections.Immutable;
using Umwelt.Storage;
using Umwelt.Tensors;

namespace Umwelt.Networks;

/// <summary>The memory of a time mixer, row by row. Dispose it to free its tensors.</summary>
public sealed class MixerState : IDisposable
{
    private readonly Engine _engine;
    private readonly ImmutableArray<StatePart> _parts;
    private readonly Share[] _shares;
    private readonly int[] _ages;
    private readonly int _most;
    private int[] _numbers;
    private Tensor _savedAges;

    /// <param name="engine">Holds the tensors.</param>
    /// <param name="parts">What is remembered of a row.</param>
    /// <param name="rows">Sessions.</param>
    /// <param name="slots">Of a moment.</param>
    /// <param name="most">The most moments that a row may see: what its parts have room for.</param>
    internal MixerState(Engine engine, ImmutableArray<StatePart> parts, int rows, int slots, int most = int.MaxValue)
        : this(engine, parts, rows, slots, new Share[parts.Length], most)
    {
        for (var i = 0; i < parts.Length; i++)
        {
            _shares[i] = new Share(Empty(i));
            _shares[i].Value.Fill(0);
        }
    }

    private MixerState(Engine engine, ImmutableArray<StatePart> parts, int rows, int slots, Share[] shares, int most)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfLessThan(slots, 1);
        _engine = engine;
        _parts = parts;
        _shares = shares;
        _most = most;
        _ages = new int[rows];
        _numbers = new int[2 * rows * slots];
        Rows = rows;
        Slots = slots;
    }

    /// <summary>How many sessions it remembers.</summary>
    public int Rows { get; }

    /// <summary>Slots of a moment, each with a memory of its own; they come and go together.</summary>
    public int Slots { get; }

    /// <summary>How many moments each row has seen.</summary>
    public ReadOnlySpan<int> Ages => _ages;

    /// <summary>Bytes of its tensors; what forks share counts for each.</summary>
    public long Bytes => _shares.Sum(share => share.Value.Count * share.Value.Type.Size());

    /// <summary>A state that goes its own way from here; tensors are shared until one of the two writes them.</summary>
    public MixerState Fork()
    {
        var shares = (Share[])_shares.Clone();
        foreach (var share in shares)
        {
            share.References++;
        }

        var fork = new MixerState(_engine, _parts, Rows, Slots, shares, _most);
        _ages.CopyTo(fork._ages, 0);
        return fork;
    }

    /// <summary>A new state of these rows in this order; a row may be named many times. No gradient flows into it.</summary>
    public MixerState Gather(ReadOnlySpan<int> rows)
    {
        CheckRows(rows);
        var gathered = new MixerState(_engine, _parts, rows.Length, Slots, new Share[_parts.Length], _most);
        for (var part = 0; part < _parts.Length; part++)
        {
            gathered._shares[part] = new Share(gathered.Empty(part));
            for (var i = 0; i < rows.Length; i++)
            {
                CopyRow(_shares[part].Value, rows[i], gathered._shares[part].Value, i);
            }
        }

        for (var i = 0; i < rows.Length; i++)
        {
            gathered._ages[i] = _ages[rows[i]];
        }

        return gathered;
    }

    /// <summary>Overwrites rows of this state: row i of the source goes to the i-th of these rows.</summary>
    public void Scatter(MixerState source, ReadOnlySpan<int> rows)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (source.Rows != rows.Length || source.Slots != Slots || !source.IsOf(_parts))
        {
            throw new ArgumentException($"{source.Rows} rows of {source.Slots} slots do not go into {rows.Length} rows of {Slots} slots of this mixer.", nameof(source));
        }

        CheckRows(rows);
        for (var part = 0; part < _parts.Length; part++)
        {
            RefuseGradients(part);
        }

        for (var part = 0; part < _parts.Length; part++)
        {
            var target = Own(part);
            for (var i = 0; i < rows.Length; i++)
            {
                CopyRow(source._shares[part].Value, i, target, rows[i]);
            }
        }

        for (var i = 0; i < rows.Length; i++)
        {
            _ages[rows[i]] = source._ages[i];
        }
    }

    /// <summary>Makes a row forget everything. Gradients that others carry stay.</summary>
    public void Reset(int row)
    {
        CheckRows([row]);
        _ages[row] = 0;
        for (var part = 0; part < _parts.Length; part++)
        {
            using var scope = _engine.Scope();
            if (_shares[part].Value.RequiresGradient)
            {
                Put(part, Mask(row, part).Where(_engine.Scalar(0), _shares[part].Value));
                continue;
            }

            using var unrecorded = _engine.NoGradient();
            Own(part).Slice(0, row * Slots, Slots).Fill(0);
        }
    }

    /// <summary>Cuts the state off from what it was computed from: no gradient goes back any further.</summary>
    public void Detach()
    {
        for (var part = 0; part < _parts.Length; part++)
        {
            if (_shares[part].Value.RequiresGradient)
            {
                Put(part, _shares[part].Value.Detach());
            }
        }
    }

    /// <summary>Its tensors with their names, and the ages as "ages": what a file holds of it.</summary>
    /// <param name="prefix">Before each name.</param>
    public IReadOnlyList<KeyValuePair<string, Tensor>> Named(string prefix = "")
    {
        if (_savedAges.IsDefault)
        {
            _savedAges = _engine.Empty([Rows], DataType.Int32).Hold();
        }

        _savedAges.Write<int>(_ages);
        return
        [
            .. _parts.Select((part, i) => KeyValuePair.Create(prefix + part.Name, _shares[i].Value)),
            KeyValuePair.Create($"{prefix}ages", _savedAges),
        ];
    }

    /// <summary>Writes the state to a safetensors file.</summary>
    public void Save(string path) => TensorFile.Save(path, Named());

    /// <summary>Reads what <see cref="Save"/> wrote from a state of the same mixer, rows and slots.</summary>
    public void Load(string path) => Load(path, "");

    /// <inheritdoc/>
    public void Dispose()
    {
        for (var part = 0; part < _shares.Length; part++)
        {
            Release(_shares[part]);
            _shares[part] = Share.Nothing;
        }

        if (_savedAges.IsAlive)
        {
            _savedAges.Dispose();
        }
    }

    internal void Load(string path, string prefix)
    {
        for (var part = 0; part < _parts.Length; part++)
        {
            RefuseGradients(part);
            Own(part);
        }

        TensorFile.Load(path, Named(prefix));
        _savedAges.Read<int>(_ages);
        if (_ages.AsSpan().ContainsAnyInRange(int.MinValue, -1))
        {
            throw new InvalidFileException(path, $"'{prefix}ages' holds a negative age");
        }
    }

    /// <summary>Whether it is a state of these parts.</summary>
    internal bool IsOf(ImmutableArray<StatePart> parts) => _parts == parts || _parts.AsSpan().SequenceEqual(parts.AsSpan());

    /// <summary>Whether it is a state of these parts, but for how many moments its caches hold.</summary>
    internal bool IsLike(ImmutableArray<StatePart> parts)
    {
        if (_parts == parts || _parts.Length != parts.Length)
        {
            return _parts == parts;
        }

        for (var i = 0; i < parts.Length; i++)
        {
            if (_parts[i].Name != parts[i].Name || _parts[i].Shape.With(0, 1) != parts[i].Shape.With(0, 1))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>A part as it is, not to be written.</summary>
    internal Tensor this[int part] => _shares[part].Value;

    /// <summary>A part to be written in place: from here on nobody shares it.</summary>
    internal Tensor Own(int part)
    {
        if (_shares[part].References > 1)
        {
            using var unrecorded = _engine.NoGradient();
            using var scope = _engine.Scope();
            Put(part, _shares[part].Value.Clone());
        }

        return _shares[part].Value;
    }

    /// <summary>Puts a tensor, whose memory nobody else writes, in a part's place.</summary>
    internal void Put(int part, Tensor value)
    {
        value.Hold();
        var share = _shares[part];
        if (share.References > 1)
        {
            share.References--;
            _shares[part] = new Share(value);
            return;
        }

        var before = share.Value;
        share.Value = value;
        before.Dispose();
    }

    /// <summary>Refuses more moments than there is room for, before anything has changed.</summary>
    internal void CheckRoom(int moments)
    {
        foreach (var age in _ages)
        {
            if (age > _most - moments)
            {
                throw new InvalidOperationException($"This state was made for rows of at most {_most} moments; {moments} more after {age} do not fit.");
            }
        }
    }

    internal void Advance(int moments)
    {
        foreach (ref var age in _ages.AsSpan())
        {
            age = checked(age + moments);
        }
    }

    /// <summary>The age of all rows, if they have one.</summary>
    internal bool HaveOneAge(out int age)
    {
        age = _ages.Length > 0 ? _ages[0] : 0;
        return !_ages.AsSpan().ContainsAnyExcept(age);
    }

    /// <summary>Int32 [rows · slots]: ages and so many moments more.</summary>
    internal Tensor RowAges(int more = 0)
    {
        var numbers = _numbers.AsSpan(0, Rows * Slots);
        for (var i = 0; i < numbers.Length; i++)
        {
            numbers[i] = _ages[i / Slots] + more;
        }

        return _engine.From<int>((ReadOnlySpan<int>)numbers, [numbers.Length]);
    }

    /// <summary>Int32 [rows · slots, time]: where the next moments of each row stand in its time.</summary>
    internal Tensor Positions(int time)
    {
        var count = Rows * Slots * time;
        if (_numbers.Length < count)
        {
            _numbers = new int[count];
        }

        for (var i = 0; i < count; i++)
        {
            _numbers[i] = _ages[i / time / Slots] + (i % time);
        }

        return _engine.From<int>(_numbers.AsSpan(0, count), [Rows * Slots, time]);
    }

    /// <summary>Int32 [rows · slots, 2]: which moments exist where a ring of so much room, in the order of time, ends at a start and new ones follow.</summary>
    internal Tensor LastMoments(int room, int start, int time)
    {
        var numbers = _numbers.AsSpan(0, 2 * Rows * Slots);
        for (var i = 0; i < Rows * Slots; i++)
        {
            numbers[2 * i] = start - Math.Min(_ages[i / Slots], room);
            numbers[(2 * i) + 1] = start + time;
        }

        return _engine.From<int>((ReadOnlySpan<int>)numbers, [Rows * Slots, 2]);
    }

    /// <summary>Int32 [rows · slots, 2]: which places of a ring are filled once the next moment is written.</summary>
    internal Tensor FilledPlaces(int capacity)
    {
        var numbers = _numbers.AsSpan(0, 2 * Rows * Slots);
        for (var i = 0; i < Rows * Slots; i++)
        {
            numbers[2 * i] = 0;
            numbers[(2 * i) + 1] = (int)Math.Min(_ages[i / Slots] + 1L, capacity);
        }

        return _engine.From<int>((ReadOnlySpan<int>)numbers, [Rows * Slots, 2]);
    }

    private static void Release(Share share)
    {
        if (!ReferenceEquals(share, Share.Nothing) && --share.References == 0 && share.Value.IsAlive)
        {
            share.Value.Dispose();
        }
    }

    private Tensor Empty(int part)
    {
        var shape = _parts[part].Shape;
        return _engine.Empty(Shape.Of([Rows * Slots, .. shape.Dimensions])).Hold();
    }

    private void CopyRow(Tensor source, int from, Tensor target, int to)
    {
        using var unrecorded = _engine.NoGradient();
        using var scope = _engine.Scope();
        target.Slice(0, to * Slots, Slots).CopyFrom(source.Slice(0, from * Slots, Slots));
    }

    // Ones where a part belongs to the row.
    private Tensor Mask(int row, int part)
    {
        var mask = _engine.Zeros(_shares[part].Value.Shape);
        mask.Slice(0, row * Slots, Slots).Fill(1);
        return mask;
    }

    private void CheckRows(ReadOnlySpan<int> rows)
    {
        foreach (var row in rows)
        {
            if ((uint)row >= (uint)Rows)
            {
                throw new ArgumentOutOfRangeException(nameof(rows), row, $"The state remembers {Rows} rows, and there is no row {row} among them.");
            }
        }
    }

    private void RefuseGradients(int part)
    {
        if (_shares[part].Value.RequiresGradient)
        {
            throw new InvalidOperationException("The state carries gradients; detach it before its rows are overwritten.");
        }
    }

    // A tensor and how many states read it. After disposal nothing is left to read.
    private sealed class Share(Tensor value)
    {
        public static Share Nothing { get; } = new(default);

        public Tensor Value { get; set; } = value;

        public int References { get; set; } = 1;
    }
}
