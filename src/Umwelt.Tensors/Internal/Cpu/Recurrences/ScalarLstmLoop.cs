// The sLSTM over time: four sequences of one head together go through all moments, so that a moment reads the head's
// weights once for all four. A row alone, or in a block of four, has the same bits (see TileProduct).
using Umwelt.Tensors.Internal.Cpu.Attention;
using Umwelt.Tensors.Internal.Simd;
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors.Internal.Cpu.Recurrences;

internal unsafe struct ScalarLstmArguments
{
    public int Batch;
    public int Time;
    public int Heads;
    public int Size;
    public bool IsForgetExponential;

    /// <summary>[batch, time, 4, heads, size]; null backward.</summary>
    public float* Gates;

    /// <summary>[4, heads, size, size].</summary>
    public float* Weights;

    /// <summary>[batch, 4, heads, size]: c, n, h, m; null for zeros.</summary>
    public float* State;
    public float* FinalState;

    /// <summary>[batch, time, heads, size].</summary>
    public float* Answers;

    /// <summary>[batch, time, 7, heads, size]; null where not wanted.</summary>
    public float* Kept;
    public float* AnswersGradient;
    public float* FinalStateGradient;
    public float* GatesGradient;
    public float* StateGradient;

    public readonly nint Width => (nint)Heads * Size;

    /// <summary>Row <paramref name="row"/> of <paramref name="rows"/> of a head at a moment (or of a state, with time 0 of 1).</summary>
    public readonly nint At(int batch, int time, int times, int row, int rows, int head) =>
        ((((((nint)batch * times) + time) * rows) + row) * Width) + (head * Size);
}

internal unsafe struct ScalarLstmLoop
{
    /// <summary>Sequences that go together.</summary>
    public const int Rows = 4;

    private ScalarLstmArguments _a;
    private int _head;
    private int _first;
    private int _count;
    private int _width;
    private float* _weights;
    private int _weightStep;

    // Four tiles [rows, width] each: gates before activation, and c, n, h, m; backward, gradients of these.
    private float* _gates;
    private float* _state;
    private float* _ones;

    public static long ScratchFloats(int size)
    {
        long width = ChunkTiles.WidestWidth(size);
        return (8 * Rows * width) + 16 + (4 * size * width);
    }

    public static void Forward<V>(in ScalarLstmArguments a, int unit, float* scratch)
        where V : unmanaged, ISimd<V>
    {
        var loop = Begin<V>(a, unit, scratch);
        loop.PlaceWeights<V>();
        loop.LoadState<V>(a.State, 4);
        for (var t = 0; t < a.Time; t++)
        {
            loop.LoadGates<V>(t);
            for (var gate = 0; gate < 4; gate++)
            {
                loop.Product<V>(loop.Tile(loop._state, 2), gate, loop.Tile(loop._gates, gate));
            }

            for (var row = 0; row < loop._count; row++)
            {
                loop.Moment<V>(t, row);
            }
        }

        loop.StoreState<V>(a.FinalState, 4);
    }

    public static void Backward<V>(in ScalarLstmArguments a, int unit, float* scratch)
        where V : unmanaged, ISimd<V>
    {
        var loop = Begin<V>(a, unit, scratch);
        loop.TransposeWeights();
        loop.LoadState<V>(a.FinalStateGradient, 3);
        for (var t = a.Time - 1; t >= 0; t--)
        {
            for (var row = 0; row < loop._count; row++)
            {
                loop.MomentGradient<V>(t, row);
            }

            var dh = loop.Tile(loop._state, 2);
            new Span<float>(dh, Rows * loop._width).Clear();
            for (var gate = 0; gate < 4; gate++)
            {
                loop.Product<V>(loop.Tile(loop._gates, gate), gate, dh);
            }
        }

        loop.StoreState<V>(a.StateGradient, 4);
    }

    private static ScalarLstmLoop Begin<V>(in ScalarLstmArguments a, int unit, float* scratch)
        where V : unmanaged, ISimd<V>
    {
        var blocks = (a.Batch + Rows - 1) / Rows;
        var loop = new ScalarLstmLoop
        {
            _a = a,
            _head = unit / blocks,
            _first = unit % blocks * Rows,
            _width = ChunkTiles.Width<V>(a.Size),
            _ones = scratch,
            _gates = scratch + 16,
        };
        loop._count = Math.Min(Rows, a.Batch - loop._first);
        loop._state = loop._gates + (4 * Rows * loop._width);
        loop._weights = loop._state + (4 * Rows * loop._width);
        new Span<float>(loop._ones, 16).Fill(1f);
        new Span<float>(loop._gates, 8 * Rows * loop._width).Clear();
        return loop;
    }

    private readonly float* Tile(float* tiles, int index) => tiles + (index * Rows * _width);

    private readonly float* HeadWeights(int gate) => _a.Weights + ((((nint)gate * _a.Heads) + _head) * _a.Size * _a.Size);

    // Weights of whole registers are read where they lie.
    private void PlaceWeights<V>()
        where V : unmanaged, ISimd<V>
    {
        _weightStep = _width == _a.Size ? 0 : _a.Size * _width;
        for (var gate = 0; gate < 4 && _weightStep > 0; gate++)
        {
            KeyTile.Copy<V>(HeadWeights(gate), _a.Size, _a.Size, _a.Size, _weights + (gate * _weightStep), _width);
        }
    }

    private void TransposeWeights()
    {
        _weightStep = _a.Size * _width;
        new Span<float>(_weights, 4 * _weightStep).Clear();
        for (var gate = 0; gate < 4; gate++)
        {
            var source = HeadWeights(gate);
            var target = _weights + (gate * _weightStep);
            for (var from = 0; from < _a.Size; from++)
            {
                for (var to = 0; to < _a.Size; to++)
                {
                    target[(to * _width) + from] = source[(from * _a.Size) + to];
                }
            }
        }
    }

    // target += rows · weights of the gate.
    private readonly void Product<V>(float* rows, int gate, float* target)
        where V : unmanaged, ISimd<V>
    {
        var weights = _weightStep > 0 ? _weights + (gate * _weightStep) : HeadWeights(gate);
        if (_count == 1)
        {
            TileProduct.Row<V>(rows, weights, _width, target, _width / V.Count, _a.Size, 1f);
        }
        else
        {
            TileProduct.Run<V>(rows, _width, 1, weights, _width, target, _width, _width / V.Count, _a.Size, _ones);
        }
    }

    private readonly void LoadState<V>(float* state, int parts)
        where V : unmanaged, ISimd<V>
    {
        for (var row = 0; state != null && row < _count; row++)
        {
            for (var part = 0; part < parts; part++)
            {
                KeyTile.Copy<V>(state + _a.At(_first + row, 0, 1, part, 4, _head), 0, 1, _a.Size, Tile(_state, part) + (row * _width), _width);
            }
        }
    }

    private readonly void StoreState<V>(float* state, int parts)
        where V : unmanaged, ISimd<V>
    {
        for (var row = 0; row < _count; row++)
        {
            for (var part = 0; part < parts; part++)
            {
                ChunkTiles.Store<V>(Tile(_state, part) + (row * _width), _width, 1, _a.Size, state + _a.At(_first + row, 0, 1, part, 4, _head), 0);
            }
        }
    }

    private readonly void LoadGates<V>(int t)
        where V : unmanaged, ISimd<V>
    {
        for (var row = 0; row < _count; row++)
        {
            for (var gate = 0; gate < 4; gate++)
            {
                KeyTile.Copy<V>(_a.Gates + _a.At(_first + row, t, _a.Time, gate, 4, _head), 0, 1, _a.Size, Tile(_gates, gate) + (row * _width), _width);
            }
        }
    }

    private readonly void Moment<V>(int t, int row)
        where V : unmanaged, ISimd<V>
    {
        var answer = _a.Answers + _a.At(_first + row, t, _a.Time, 0, 1, _head);
        var kept = _a.Kept == null ? null : _a.Kept + _a.At(_first + row, t, _a.Time, 0, ScalarLstm.Kept, _head);
        var tile = (nint)Rows * _width;
        for (var d = 0; d < _a.Size; d += V.Count)
        {
            var lanes = Math.Min(V.Count, _a.Size - d);
            var gates = _gates + (row * _width) + d;
            var state = _state + (row * _width) + d;
            var preForget = V.Load(gates + (2 * tile));
            var normaliser = V.Load(state + tile);
            var (input, forget, m) = ScalarLstmCell.Gates(V.Load(gates + tile), preForget, normaliser, V.Load(state + (3 * tile)), _a.IsForgetExponential);
            var c = ChunkGates.Flushed(V.MultiplyAdd(forget, V.Load(state), input * SimdMath.Tanh(V.Load(gates))));
            var n = ChunkGates.Flushed(V.MultiplyAdd(forget, normaliser, input));
            var h = SimdMath.Sigmoid(V.Load(gates + (3 * tile))) * c / ScalarLstmCell.Divisor(n);
            V.Store(c, state);
            V.Store(n, state + tile);
            V.Store(h, state + (2 * tile));
            V.Store(m, state + (3 * tile));
            Lanes.Store(h, answer + d, lanes);
            if (kept != null)
            {
                for (var gate = 0; gate < 4; gate++)
                {
                    Lanes.Store(V.Load(gates + (gate * tile)), kept + (gate * _a.Width) + d, lanes);
                }

                Lanes.Store(c, kept + (4 * _a.Width) + d, lanes);
                Lanes.Store(n, kept + (5 * _a.Width) + d, lanes);
                Lanes.Store(m, kept + (6 * _a.Width) + d, lanes);
            }
        }
    }

    private readonly void MomentGradient<V>(int t, int row)
        where V : unmanaged, ISimd<V>
    {
        var batch = _first + row;
        var kept = _a.Kept + _a.At(batch, t, _a.Time, 0, ScalarLstm.Kept, _head);
        var dAnswer = _a.AnswersGradient + _a.At(batch, t, _a.Time, 0, 1, _head);
        var target = _a.GatesGradient + _a.At(batch, t, _a.Time, 0, 4, _head);
        var tile = (nint)Rows * _width;
        var one = V.Broadcast(1f);
        for (var d = 0; d < _a.Size; d += V.Count)
        {
            var lanes = Math.Min(V.Count, _a.Size - d);
            var (c0, n0, m0) = Before<V>(batch, t, d, lanes);
            var preForget = Lanes.Load<V>(kept + (2 * _a.Width) + d, lanes);
            var (input, forget, _) = ScalarLstmCell.Gates(Lanes.Load<V>(kept + _a.Width + d, lanes), preForget, n0, m0, _a.IsForgetExponential);
            var z = SimdMath.Tanh(Lanes.Load<V>(kept + d, lanes));
            var o = SimdMath.Sigmoid(Lanes.Load<V>(kept + (3 * _a.Width) + d, lanes));
            var divisor = ScalarLstmCell.Divisor(Lanes.Load<V>(kept + (5 * _a.Width) + d, lanes));
            var ratio = Lanes.Load<V>(kept + (4 * _a.Width) + d, lanes) / divisor;

            var state = _state + (row * _width) + d;
            var dh = Lanes.Load<V>(dAnswer + d, lanes) + V.Load(state + (2 * tile));
            var dRatio = dh * o / divisor;
            var dc = V.Load(state) + dRatio;
            var dn = V.Load(state + tile) - (dRatio * ratio);
            var dForget = V.MultiplyAdd(dc, c0, dn * n0) * forget;
            var gates = _gates + (row * _width) + d;
            Put(gates, target + d, dc * input * (one - (z * z)), lanes);
            Put(gates + tile, target + _a.Width + d, V.MultiplyAdd(dc, z, dn) * input, lanes);
            Put(gates + (2 * tile), target + (2 * _a.Width) + d, _a.IsForgetExponential ? dForget : dForget * SimdMath.Sigmoid(-preForget), lanes);
            Put(gates + (3 * tile), target + (3 * _a.Width) + d, dh * ratio * o * (one - o), lanes);
            V.Store(ChunkGates.Flushed(dc * forget), state);
            V.Store(ChunkGates.Flushed(dn * forget), state + tile);
        }
    }

    // c, n and m before a moment.
    private readonly (V C, V N, V M) Before<V>(int batch, int t, int d, int lanes)
        where V : unmanaged, ISimd<V>
    {
        if (t > 0)
        {
            var kept = _a.Kept + _a.At(batch, t - 1, _a.Time, 4, ScalarLstm.Kept, _head) + d;
            return (Lanes.Load<V>(kept, lanes), Lanes.Load<V>(kept + _a.Width, lanes), Lanes.Load<V>(kept + (2 * _a.Width), lanes));
        }

        if (_a.State == null)
        {
            return (V.Zero, V.Zero, V.Zero);
        }

        var state = _a.State + _a.At(batch, 0, 1, 0, 4, _head) + d;
        return (Lanes.Load<V>(state, lanes), Lanes.Load<V>(state + _a.Width, lanes), Lanes.Load<V>(state + (3 * _a.Width), lanes));
    }

    private static void Put<V>(float* tile, float* target, V value, int lanes)
        where V : unmanaged, ISimd<V>
    {
        V.Store(value, tile);
        Lanes.Store(value, target, lanes);
    }
}
