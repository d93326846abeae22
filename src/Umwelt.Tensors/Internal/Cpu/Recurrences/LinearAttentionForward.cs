// A few heads through a whole sequence, chunk after chunk, side by side, since their rows share pages of memory. Within a chunk all pairs of moments meet in small products, as in
// attention; what came before the chunk answers through the memory. All products are tiles of four rows in registers.
// Law: a head's numbers depend on nothing but its own operands; every element is one chain in a fixed order.
using Umwelt.Tensors.Internal.Cpu.Attention;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Internal.Cpu.Recurrences;

internal unsafe struct LinearAttentionForward
{
    private const int Size = ChunkTiles.Size;
    private LinearAttentionArguments _a;
    private ChunkGates _gates;
    private int _keyWidth;
    private int _valueWidth;
    private float* _query;
    private float* _key;
    private float* _keyColumns;
    private float* _value;
    private float* _scores;
    private float* _answers;
    private float* _memory;
    private float* _normaliser;
    private float* _stabiliser;
    private float* _factors;
    private float* _states;

    public static long ScratchFloats(int keySize, int valueSize, int units)
    {
        long keys = ChunkTiles.WidestWidth(keySize), values = ChunkTiles.WidestWidth(valueSize);
        return (3 * Size * keys) + (2 * Size * values) + (Size * Size) + 16 + ChunkGates.Floats + (units * ((keys * values) + keys + 16));
    }

    public static void Run<V>(in LinearAttentionArguments a, int first, int end, float* scratch)
        where V : unmanaged, ISimd<V>
    {
        var task = new LinearAttentionForward
        {
            _a = a,
            _keyWidth = ChunkTiles.Width<V>(a.KeySize),
            _valueWidth = ChunkTiles.Width<V>(a.ValueSize),
        };
        task._query = scratch;
        task._key = task._query + (Size * task._keyWidth);
        task._keyColumns = task._key + (Size * task._keyWidth);
        task._value = task._keyColumns + (Size * task._keyWidth);
        task._answers = task._value + (Size * task._valueWidth);
        task._scores = task._answers + (Size * task._valueWidth);
        task._factors = task._scores + (Size * Size);
        task._gates = new ChunkGates(task._factors + 16);
        task._states = task._factors + 16 + ChunkGates.Floats;
        task.Sequences<V>(first, end);
    }

    private void Sequences<V>(int first, int end)
        where V : unmanaged, ISimd<V>
    {
        for (var unit = first; unit < end; unit++)
        {
            Turn(unit - first);
            Begin<V>(unit);
        }

        for (var chunk = 0; chunk < _a.Chunks; chunk++)
        {
            for (var unit = first; unit < end; unit++)
            {
                Turn(unit - first);
                Chunk<V>(unit, chunk);
            }
        }

        for (var unit = first; unit < end; unit++)
        {
            Turn(unit - first);
            End<V>(unit);
        }
    }

    // Chooses whose state is worked on.
    private void Turn(int place)
    {
        _memory = _states + (place * ((_keyWidth * _valueWidth) + _keyWidth + 16));
        _normaliser = _memory + (_keyWidth * _valueWidth);
        _stabiliser = _normaliser + _keyWidth;
    }

    private void Chunk<V>(int unit, int chunk)
        where V : unmanaged, ISimd<V>
    {
        var (batch, head) = Math.DivRem(unit, _a.Heads);
        if (_a.States != null)
        {
            Keep<V>(_a.State(unit, chunk));
        }

        var first = chunk * Size;
        var count = Math.Min(Size, _a.Time - first);
        _gates.Prepare<V>(_a, batch, head, first, count, *_stabiliser);
        ChunkTiles.Load<V>(_a.Query.At(batch, first, head), _a.Query.TimeStep, count, _a.KeySize, _query, _keyWidth);
        ChunkTiles.Load<V>(_a.Key.At(batch, first, head), _a.Key.TimeStep, count, _a.KeySize, _key, _keyWidth);
        ChunkTiles.Load<V>(_a.Value.At(batch, first, head), _a.Value.TimeStep, count, _a.ValueSize, _value, _valueWidth);
        ChunkTiles.Transpose(_key, _keyWidth, ChunkTiles.Blocks(count), _keyColumns, Size);
        for (var t = 0; t < count; t += 4)
        {
            Ahead(batch, head, first + Size + t);
            Answer<V>(t, count);
        }

        ChunkTiles.Store<V>(_answers, _valueWidth, count, _a.ValueSize, _a.Output.At(batch, first, head), _a.Output.TimeStep);
        Remember<V>(count);
        *_stabiliser = _gates.Stabiliser;
    }

    private readonly void End<V>(int unit)
        where V : unmanaged, ISimd<V>
    {
        ChunkTiles.Store<V>(_memory, _valueWidth, _a.KeySize, _a.ValueSize, _a.FinalMemory + (unit * _a.MemorySize), _a.ValueSize);
        if (_a.IsNormalised)
        {
            new ReadOnlySpan<float>(_normaliser, _a.KeySize).CopyTo(new Span<float>(_a.FinalNormaliser + ((nint)unit * _a.KeySize), _a.KeySize));
            _a.FinalStabiliser[unit] = *_stabiliser;
        }
    }

    private readonly void Ahead(int batch, int head, int time)
    {
        ChunkTiles.Ahead(_a.Query, batch, head, time, _a.Time, _a.KeySize);
        ChunkTiles.Ahead(_a.Key, batch, head, time, _a.Time, _a.KeySize);
        ChunkTiles.Ahead(_a.Value, batch, head, time, _a.Time, _a.ValueSize);
        ChunkTiles.Ahead(_a.Output, batch, head, time, _a.Time, _a.ValueSize);
    }

    private readonly void Begin<V>(int unit)
        where V : unmanaged, ISimd<V>
    {
        new Span<float>(_memory, (_keyWidth * _valueWidth) + _keyWidth).Clear();
        if (_a.Memory != null)
        {
            KeyTile.Copy<V>(_a.Memory + (unit * _a.MemorySize), _a.ValueSize, _a.KeySize, _a.ValueSize, _memory, _valueWidth);
        }

        if (_a.Normaliser != null)
        {
            new ReadOnlySpan<float>(_a.Normaliser + ((nint)unit * _a.KeySize), _a.KeySize).CopyTo(new Span<float>(_normaliser, _a.KeySize));
        }

        *_stabiliser = _a.Stabiliser != null ? _a.Stabiliser[unit] : float.NegativeInfinity;
    }

    private readonly void Keep<V>(float* state)
        where V : unmanaged, ISimd<V>
    {
        ChunkTiles.Store<V>(_memory, _valueWidth, _a.KeySize, _a.ValueSize, state, _a.ValueSize);
        if (_a.IsNormalised)
        {
            new ReadOnlySpan<float>(_normaliser, _a.KeySize).CopyTo(new Span<float>(state + _a.MemorySize, _a.KeySize));
            state[_a.MemorySize + _a.KeySize] = *_stabiliser;
        }
    }

    // The answers of four moments.
    private readonly void Answer<V>(int t, int count)
        where V : unmanaged, ISimd<V>
    {
        var scores = _scores + (t * Size);
        var answers = _answers + (t * _valueWidth);
        TileProduct.Run<V>(_query + (t * _keyWidth), _keyWidth, 1, _keyColumns, Size, scores, Size, ChunkTiles.Registers<V>(t), _a.KeySize, null);
        for (var row = t; row < t + 4; row++)
        {
            var sum = Weigh<V>(row, ChunkTiles.Registers<V>(t) * V.Count);
            if (_a.IsNormalised)
            {
                var normaliser = (_gates.ScaledCarried[row] * ChunkTiles.Dot<V>(_query + (row * _keyWidth), _normaliser, _keyWidth)) + sum;
                _factors[row - t] = 1f / Divisor(normaliser, _gates.Bounds[row]);
            }
        }

        var registers = _valueWidth / V.Count;
        TileProduct.Run<V>(_query + (t * _keyWidth), _keyWidth, 1, _memory, _valueWidth, answers, _valueWidth, registers, _a.KeySize, null);
        TileProduct.Run<V>(scores, Size, 1, _value, _valueWidth, answers, _valueWidth, registers, Math.Min(t + 4, count), _gates.ScaledCarried + t);
        if (_a.IsNormalised)
        {
            ChunkTiles.Scale<V>(answers, _factors, _valueWidth, 4, answers);
        }
    }

    /// <summary>What an answer is divided by; never 0, where a large stabiliser leaves no bound.</summary>
    public static float Divisor(float normaliser, float bound) => MathF.Max(MathF.Max(MathF.Abs(normaliser), bound), ChunkGates.SmallestNormal);

    // Scores of one moment times the weights of those it sees; their sum.
    private readonly float Weigh<V>(int row, int lanes)
        where V : unmanaged, ISimd<V>
    {
        var scores = _scores + (row * Size);
        var scale = V.Broadcast(_a.Scale);
        var sum = V.Zero;
        for (var lane = 0; lane < lanes; lane += V.Count)
        {
            var seen = V.FirstLanes(Math.Clamp(row + 1 - lane, 0, V.Count));
            var weighted = V.Select(seen, V.Load(scores + lane) * (_gates.Weights<V>(row, lane) * scale), V.Zero);
            V.Store(weighted, scores + lane);
            sum += weighted;
        }

        return V.Sum(sum);
    }

    // The memory after the chunk.
    private readonly void Remember<V>(int count)
        where V : unmanaged, ISimd<V>
    {
        var kept = _answers;
        ChunkTiles.Scale<V>(_value, _gates.Kept, _valueWidth, count, kept);
        var carried = _gates.Carried[count - 1];
        new Span<float>(_factors, 4).Fill(carried);
        for (var k = 0; k < _keyWidth; k += 4)
        {
            TileProduct.Run<V>(_key + k, 1, _keyWidth, kept, _valueWidth, _memory + (k * _valueWidth), _valueWidth, _valueWidth / V.Count, count, _factors);
        }

        ChunkGates.Flush<V>(_memory, (nint)_keyWidth * _valueWidth);
        if (_a.IsNormalised)
        {
            TileProduct.Row<V>(_gates.Kept, _key, _keyWidth, _normaliser, _keyWidth / V.Count, count, carried);
            ChunkGates.Flush<V>(_normaliser, _keyWidth);
        }
    }
}
