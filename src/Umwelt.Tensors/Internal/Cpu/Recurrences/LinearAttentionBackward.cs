// Gradients of a few heads side by side, last chunk first. Scores and weights of a chunk are computed again from its rows and from the
// state that the forward pass kept before it; the gradient of the memory is carried backwards as the memory was forwards.
// The gradients of gates need no products of their own: a gate's logarithm scales every weight it takes part in, so it
// collects q · dq of the moments after it less k · dk of the moments from it on, and what the chunk's end hands in.
// The stabiliser is a unit of measurement: the true memory is C e^m, so m is held fixed and gradients are exact.
using Umwelt.Tensors.Internal.Cpu.Attention;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Internal.Cpu.Recurrences;

internal unsafe struct LinearAttentionBackward
{
    private const int Size = ChunkTiles.Size;
    private LinearAttentionArguments _a;
    private ChunkGates _gates;
    private int _keyWidth;
    private int _valueWidth;
    private int _batch;
    private int _head;
    private int _first;
    private int _count;

    // [chunk, keys]
    private float* _query;
    private float* _key;
    private float* _dQuery;
    private float* _dKey;

    // [chunk, values]
    private float* _value;
    private float* _dAnswer;
    private float* _dAnswerScaled;
    private float* _dValue;

    // [keys or values, chunk]
    private float* _keyColumns;
    private float* _valueColumns;

    // [chunk, chunk]
    private float* _scores;
    private float* _weights;
    private float* _dScores;

    // [keys, values] and their transposes
    private float* _memory;
    private float* _memoryColumns;
    private float* _dMemory;
    private float* _dMemoryColumns;

    // [keys]
    private float* _normaliser;
    private float* _dNormaliser;
    private float* _dStates;

    // [chunk]
    private float* _dDivisor;
    private float* _factors;
    private float* _queryDots;
    private float* _keyDots;

    public static long ScratchFloats(int keySize, int valueSize, int units)
    {
        long keys = ChunkTiles.WidestWidth(keySize), values = ChunkTiles.WidestWidth(valueSize);
        return (5 * Size * (keys + values)) + (3 * Size * Size) + (3 * keys * values) + keys + (4 * Size) + ChunkGates.Floats
            + (units * ((keys * values) + keys));
    }

    public static void Run<V>(in LinearAttentionArguments a, int first, int end, float* scratch)
        where V : unmanaged, ISimd<V>
    {
        var task = new LinearAttentionBackward
        {
            _a = a,
            _keyWidth = ChunkTiles.Width<V>(a.KeySize),
            _valueWidth = ChunkTiles.Width<V>(a.ValueSize),
        };
        task.Place(scratch);
        task.Sequences<V>(first, end);
    }

    private void Place(float* scratch)
    {
        float* Take(int floats)
        {
            var taken = scratch;
            scratch += floats;
            return taken;
        }

        var (keys, values, memory) = (Size * _keyWidth, Size * _valueWidth, _keyWidth * _valueWidth);
        _query = Take(keys);
        _key = Take(keys);
        _dQuery = Take(keys);
        _dKey = Take(keys);
        _keyColumns = Take(keys);
        _value = Take(values);
        _dAnswer = Take(values);
        _dAnswerScaled = Take(values);
        _dValue = Take(values);
        _valueColumns = Take(values);
        _scores = Take(Size * Size);
        _weights = Take(Size * Size);
        _dScores = Take(Size * Size);
        _memory = Take(memory);
        _memoryColumns = Take(memory);
        _dMemoryColumns = Take(memory);
        _normaliser = Take(_keyWidth);
        _dDivisor = Take(Size);
        _factors = Take(Size);
        _queryDots = Take(Size);
        _keyDots = Take(Size);
        _gates = new ChunkGates(Take(ChunkGates.Floats));
        _dStates = scratch;
    }

    private void Sequences<V>(int first, int end)
        where V : unmanaged, ISimd<V>
    {
        for (var unit = first; unit < end; unit++)
        {
            Turn(unit, unit - first);
            Begin<V>(unit);
        }

        for (var chunk = _a.Chunks - 1; chunk >= 0; chunk--)
        {
            for (var unit = first; unit < end; unit++)
            {
                Turn(unit, unit - first);
                Chunk<V>(unit, chunk);
            }
        }

        for (var unit = first; unit < end; unit++)
        {
            Turn(unit, unit - first);
            End<V>(unit);
        }
    }

    // Chooses whose gradient is worked on.
    private void Turn(int unit, int place)
    {
        (_batch, _head) = Math.DivRem(unit, _a.Heads);
        _dMemory = _dStates + (place * ((_keyWidth * _valueWidth) + _keyWidth));
        _dNormaliser = _dMemory + (_keyWidth * _valueWidth);
    }

    private readonly void Begin<V>(int unit)
        where V : unmanaged, ISimd<V> =>
        Restore<V>(
            _a.FinalMemoryGradient == null ? null : _a.FinalMemoryGradient + (unit * _a.MemorySize),
            _a.FinalNormaliserGradient == null ? null : _a.FinalNormaliserGradient + ((nint)unit * _a.KeySize),
            _dMemory,
            _dNormaliser);

    private void Chunk<V>(int unit, int chunk)
        where V : unmanaged, ISimd<V>
    {
        var state = _a.State(unit, chunk);
        _first = chunk * Size;
        _count = Math.Min(Size, _a.Time - _first);
        Restore<V>(state, state + _a.MemorySize, _memory, _normaliser);
        _gates.Prepare<V>(_a, _batch, _head, _first, _count, _a.IsNormalised ? state[_a.MemorySize + _a.KeySize] : 0f);
        Load<V>();
        Scores<V>();
        QueryGradient<V>();
        var end = KeyAndValueGradients<V>();
        MemoryGradient<V>(ref end);
        Store<V>(end);
    }

    private readonly void End<V>(int unit)
        where V : unmanaged, ISimd<V>
    {
        ChunkTiles.Store<V>(_dMemory, _valueWidth, _a.KeySize, _a.ValueSize, _a.MemoryGradient + (unit * _a.MemorySize), _a.ValueSize);
        if (_a.IsNormalised)
        {
            new ReadOnlySpan<float>(_dNormaliser, _a.KeySize).CopyTo(new Span<float>(_a.NormaliserGradient + ((nint)unit * _a.KeySize), _a.KeySize));
        }
    }

    private readonly void Restore<V>(float* memory, float* normaliser, float* toMemory, float* toNormaliser)
        where V : unmanaged, ISimd<V>
    {
        new Span<float>(toMemory, _keyWidth * _valueWidth).Clear();
        new Span<float>(toNormaliser, _keyWidth).Clear();
        if (memory != null)
        {
            KeyTile.Copy<V>(memory, _a.ValueSize, _a.KeySize, _a.ValueSize, toMemory, _valueWidth);
        }

        if (normaliser != null && _a.IsNormalised)
        {
            new ReadOnlySpan<float>(normaliser, _a.KeySize).CopyTo(new Span<float>(toNormaliser, _a.KeySize));
        }
    }

    private readonly void Load<V>()
        where V : unmanaged, ISimd<V>
    {
        ChunkTiles.Load<V>(_a.Query.At(_batch, _first, _head), _a.Query.TimeStep, _count, _a.KeySize, _query, _keyWidth);
        ChunkTiles.Load<V>(_a.Key.At(_batch, _first, _head), _a.Key.TimeStep, _count, _a.KeySize, _key, _keyWidth);
        ChunkTiles.Load<V>(_a.Value.At(_batch, _first, _head), _a.Value.TimeStep, _count, _a.ValueSize, _value, _valueWidth);
        ChunkTiles.Load<V>(_a.OutputGradient.At(_batch, _first, _head), _a.OutputGradient.TimeStep, _count, _a.ValueSize, _dAnswer, _valueWidth);
        ChunkTiles.Transpose(_key, _keyWidth, ChunkTiles.Blocks(_count), _keyColumns, Size);
        ChunkTiles.Transpose(_value, _valueWidth, ChunkTiles.Blocks(_count), _valueColumns, Size);
        ChunkTiles.Transpose(_memory, _valueWidth, _keyWidth, _memoryColumns, _keyWidth);
        ChunkTiles.Transpose(_dMemory, _valueWidth, _keyWidth, _dMemoryColumns, _keyWidth);
    }

    // Weighted scores, and their gradients before and after weighting; both are 0 where a moment does not see another.
    private void Scores<V>()
        where V : unmanaged, ISimd<V>
    {
        for (var t = 0; t < _count; t += 4)
        {
            Ahead(_first - Size + t);
            var registers = ChunkTiles.Registers<V>(t);
            TileProduct.Run<V>(_query + (t * _keyWidth), _keyWidth, 1, _keyColumns, Size, _scores + (t * Size), Size, registers, _a.KeySize, null);
            for (var row = t; row < t + 4; row++)
            {
                var sum = Weigh<V>(row, registers * V.Count);
                _dDivisor[row] = 0f;
                if (_a.IsNormalised && row < _count)
                {
                    Divide<V>(row, sum);
                }
            }

            TileProduct.Run<V>(
                _dAnswer + (t * _valueWidth), _valueWidth, 1, _valueColumns, Size, _dScores + (t * Size), Size, registers, _a.ValueSize, null);
            for (var row = t; row < t + 4; row++)
            {
                var dDivisor = V.Broadcast(_dDivisor[row]);
                for (var at = row * Size; at < (row * Size) + (registers * V.Count); at += V.Count)
                {
                    // Chosen rather than multiplied: what a moment does not see is never computed from.
                    var weight = V.Load(_weights + at);
                    var slope = weight * (V.Load(_dScores + at) + dDivisor);
                    V.Store(V.Select(V.Equal(weight, V.Zero), V.Zero, slope), _dScores + at);
                }
            }
        }
    }

    private readonly void Ahead(int time)
    {
        if (time < 0)
        {
            return;
        }

        ChunkTiles.Ahead(_a.Query, _batch, _head, time, _a.Time, _a.KeySize);
        ChunkTiles.Ahead(_a.Key, _batch, _head, time, _a.Time, _a.KeySize);
        ChunkTiles.Ahead(_a.Value, _batch, _head, time, _a.Time, _a.ValueSize);
        ChunkTiles.Ahead(_a.Output, _batch, _head, time, _a.Time, _a.ValueSize);
        ChunkTiles.Ahead(_a.OutputGradient, _batch, _head, time, _a.Time, _a.ValueSize);
        ChunkTiles.Ahead(_a.QueryGradient, _batch, _head, time, _a.Time, _a.KeySize);
        ChunkTiles.Ahead(_a.KeyGradient, _batch, _head, time, _a.Time, _a.KeySize);
        ChunkTiles.Ahead(_a.ValueGradient, _batch, _head, time, _a.Time, _a.ValueSize);
    }

    private readonly float Weigh<V>(int row, int lanes)
        where V : unmanaged, ISimd<V>
    {
        var scale = V.Broadcast(_a.Scale);
        var sum = V.Zero;
        for (var lane = 0; lane < lanes; lane += V.Count)
        {
            var at = (row * Size) + lane;
            var seen = V.FirstLanes(Math.Clamp(row + 1 - lane, 0, V.Count));
            var weight = V.Select(seen, _gates.Weights<V>(row, lane) * scale, V.Zero);
            var weighted = V.Select(seen, V.Load(_scores + at) * weight, V.Zero);
            V.Store(weight, _weights + at);
            V.Store(weighted, _scores + at);
            sum += weighted;
        }

        return V.Sum(sum);
    }

    // y = r / D with D = max(|n · q|, e^−m): turns the gradient of y into that of r, and finds that of n · q.
    private void Divide<V>(int row, float sum)
        where V : unmanaged, ISimd<V>
    {
        var normaliser = (_gates.ScaledCarried[row] * ChunkTiles.Dot<V>(_query + (row * _keyWidth), _normaliser, _keyWidth)) + sum;
        var divisor = LinearAttentionForward.Divisor(normaliser, _gates.Bounds[row]);
        var gradient = _dAnswer + (row * _valueWidth);
        if (MathF.Abs(normaliser) > _gates.Bounds[row])
        {
            var answer = _a.Output.At(_batch, _first + row, _head);
            var product = V.Zero;
            for (var d = 0; d < _a.ValueSize; d += V.Count)
            {
                var lanes = Math.Min(V.Count, _a.ValueSize - d);
                product = V.MultiplyAdd(V.LoadPartial(answer + d, lanes), V.Load(gradient + d), product);
            }

            _dDivisor[row] = -V.Sum(product) / normaliser;
        }

        _factors[0] = 1f / divisor;
        ChunkTiles.Scale<V>(gradient, _factors, _valueWidth, 1, gradient);
    }

    private readonly void QueryGradient<V>()
        where V : unmanaged, ISimd<V>
    {
        var registers = _keyWidth / V.Count;
        for (var t = 0; t < _count; t += 4)
        {
            var target = _dQuery + (t * _keyWidth);
            TileProduct.Run<V>(_dAnswer + (t * _valueWidth), _valueWidth, 1, _memoryColumns, _keyWidth, target, _keyWidth, registers, _a.ValueSize, null);
            TileProduct.Run<V>(
                _dScores + (t * Size), Size, 1, _key, _keyWidth, target, _keyWidth, registers, Math.Min(t + 4, _count), _gates.ScaledCarried + t);
        }

        for (var t = 0; t < _count; t++)
        {
            var target = _dQuery + (t * _keyWidth);
            if (_a.IsNormalised)
            {
                ChunkTiles.Add<V>(_normaliser, _gates.ScaledCarried[t] * _dDivisor[t], target, _keyWidth);
            }

            _queryDots[t] = ChunkTiles.Dot<V>(_query + (t * _keyWidth), target, _keyWidth);
        }
    }

    // Returns what the memory at the chunk's end owes to what the chunk put in: the sum of its elements times their gradients.
    private readonly double KeyAndValueGradients<V>()
        where V : unmanaged, ISimd<V>
    {
        var end = 0.0;
        for (var s = 0; s < _count; s += 4)
        {
            var dKey = _dKey + (s * _keyWidth);
            var dValue = _dValue + (s * _valueWidth);
            TileProduct.Run<V>(
                _value + (s * _valueWidth), _valueWidth, 1, _dMemoryColumns, _keyWidth, dKey, _keyWidth, _keyWidth / V.Count, _a.ValueSize, null);
            for (var row = s; row < Math.Min(s + 4, _count); row++)
            {
                if (_a.IsNormalised)
                {
                    ChunkTiles.Add<V>(_dNormaliser, 1f, _dKey + (row * _keyWidth), _keyWidth);
                }

                end += (double)_gates.Kept[row] * ChunkTiles.Dot<V>(_key + (row * _keyWidth), _dKey + (row * _keyWidth), _keyWidth);
            }

            // Rows before s see nothing of these four, and rows of the block see no more than they should: 0 elsewhere.
            var from = (s * Size) + s;
            TileProduct.Run<V>(
                _dScores + from, 1, Size, _query + (s * _keyWidth), _keyWidth, dKey, _keyWidth, _keyWidth / V.Count, _count - s, _gates.Kept + s);
            TileProduct.Run<V>(
                _key + (s * _keyWidth), _keyWidth, 1, _dMemory, _valueWidth, dValue, _valueWidth, _valueWidth / V.Count, _a.KeySize, null);
            TileProduct.Run<V>(
                _scores + from, 1, Size, _dAnswer + (s * _valueWidth), _valueWidth, dValue, _valueWidth, _valueWidth / V.Count, _count - s, _gates.Kept + s);
        }

        for (var s = 0; s < _count; s++)
        {
            _keyDots[s] = ChunkTiles.Dot<V>(_key + (s * _keyWidth), _dKey + (s * _keyWidth), _keyWidth);
        }

        return end;
    }

    // The gradient of the memory before the chunk, from that of the memory after it.
    private readonly void MemoryGradient<V>(ref double end)
        where V : unmanaged, ISimd<V>
    {
        var carried = _gates.Carried[_count - 1];
        end += (double)carried * ChunkTiles.Dot<V>(_memory, _dMemory, (nint)_keyWidth * _valueWidth);
        ChunkTiles.Scale<V>(_dAnswer, _gates.ScaledCarried, _valueWidth, _count, _dAnswerScaled);
        new Span<float>(_factors, 4).Fill(carried);
        for (var k = 0; k < _keyWidth; k += 4)
        {
            TileProduct.Run<V>(
                _query + k, 1, _keyWidth, _dAnswerScaled, _valueWidth, _dMemory + (k * _valueWidth), _valueWidth, _valueWidth / V.Count, _count, _factors);
        }

        ChunkGates.Flush<V>(_dMemory, (nint)_keyWidth * _valueWidth);
        if (_a.IsNormalised)
        {
            end += (double)carried * ChunkTiles.Dot<V>(_normaliser, _dNormaliser, _keyWidth);
            for (var t = 0; t < _count; t++)
            {
                _dDivisor[t] *= _gates.ScaledCarried[t];
            }

            TileProduct.Row<V>(_dDivisor, _query, _keyWidth, _dNormaliser, _keyWidth / V.Count, _count, carried);
            ChunkGates.Flush<V>(_dNormaliser, _keyWidth);
        }
    }

    private readonly void Store<V>(double end)
        where V : unmanaged, ISimd<V>
    {
        ChunkTiles.Store<V>(_dQuery, _keyWidth, _count, _a.KeySize, _a.QueryGradient.At(_batch, _first, _head), _a.QueryGradient.TimeStep);
        ChunkTiles.Store<V>(_dKey, _keyWidth, _count, _a.KeySize, _a.KeyGradient.At(_batch, _first, _head), _a.KeyGradient.TimeStep);
        ChunkTiles.Store<V>(_dValue, _valueWidth, _count, _a.ValueSize, _a.ValueGradient.At(_batch, _first, _head), _a.ValueGradient.TimeStep);
        for (var t = _count - 1; t >= 0; t--)
        {
            end += (double)_queryDots[t] - _keyDots[t];
            *_a.DecayGradient.At(_batch, _first + t, _head) = (float)end;
            if (_a.InputGateGradient.IsPresent)
            {
                *_a.InputGateGradient.At(_batch, _first + t, _head) = _keyDots[t];
            }
        }
    }
}
