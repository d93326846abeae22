// The sLSTM over time: a block of sequences of one head goes through all moments. A row alone, or in a block of four, has the
// same bits (see TileProduct).
using System.Runtime.Intrinsics.X86;
using Umwelt.Tensors.Internal.Cpu.Attention;
using Umwelt.Tensors.Internal.Simd;
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors.Internal.Cpu.Recurrences;

internal unsafe struct ScalarLstmForward
{
    private const int Rows = ScalarLstmArguments.Rows;

    // Moments between asking for memory and needing it; a head's part of a moment lies on a page of its own.
    private const int Ahead = 4;
    private ScalarLstmArguments _a;
    private int _head;
    private int _first;
    private int _count;
    private int _width;
    private float* _weights;
    private int _weightStep;

    // Tiles [rows, width]: z, i, f, o and the slope of ln f; c, n, h, m.
    private float* _gates;
    private float* _state;
    private float* _ones;

    public static long ScratchFloats(int size)
    {
        long width = ChunkTiles.WidestWidth(size);
        return (9 * Rows * width) + 16 + (4 * size * width);
    }

    public static void Run<V>(in ScalarLstmArguments a, int unit, float* scratch)
        where V : unmanaged, ISimd<V>
    {
        var (head, block) = Math.DivRem(unit, a.Blocks);
        var loop = new ScalarLstmForward
        {
            _a = a,
            _head = head,
            _first = block * Rows,
            _count = Math.Min(Rows, a.Batch - (block * Rows)),
            _width = ChunkTiles.Width<V>(a.Size),
            _ones = scratch,
            _gates = scratch + 16,
        };
        loop._state = loop._gates + (5 * Rows * loop._width);
        loop._weights = loop._state + (4 * Rows * loop._width);
        new Span<float>(loop._ones, 16).Fill(1f);
        new Span<float>(loop._gates, 9 * Rows * loop._width).Clear();
        loop.PlaceWeights<V>();
        loop.Moments<V>();
    }

    private readonly void Moments<V>()
        where V : unmanaged, ISimd<V>
    {
        for (var row = 0; _a.State != null && row < _count; row++)
        {
            for (var part = 0; part < 4; part++)
            {
                KeyTile.Copy<V>(_a.State + _a.At(_first + row, 0, 1, part, 4, _head), 0, 1, _a.Size, State(part) + (row * _width), _width);
            }
        }

        nint cells = _count * _width;
        for (var t = 0; t < _a.Time; t++)
        {
            Load<V>(t);
            for (var gate = 0; gate < 4; gate++)
            {
                // There and back again: what was read last is still in the first cache.
                Product<V>((t & 1) == 0 ? gate : 3 - gate);
            }

            ScalarLstmCell.Stabilise<V>(Gate(1), Gate(2), Gate(4), State(1), State(3), cells, _a.IsForgetExponential);
            ScalarLstmCell.Answer<V>(Gate(0), Gate(1), Gate(2), Gate(3), State(0), State(1), State(2), cells);
            Store<V>(t);
        }

        for (var row = 0; row < _count; row++)
        {
            for (var part = 0; part < 4; part++)
            {
                Copy<V>(State(part) + (row * _width), _a.FinalState + _a.At(_first + row, 0, 1, part, 4, _head));
            }
        }
    }

    private readonly float* Gate(int gate) => _gates + (gate * Rows * _width);

    private readonly float* State(int part) => _state + (part * Rows * _width);

    // Weights of whole registers are read where they lie.
    private void PlaceWeights<V>()
        where V : unmanaged, ISimd<V>
    {
        _weightStep = _width == _a.Size ? 0 : _a.Size * _width;
        for (var gate = 0; gate < 4 && _weightStep > 0; gate++)
        {
            KeyTile.Copy<V>(_a.HeadWeights(gate, _head), _a.Size, _a.Size, _a.Size, _weights + (gate * _weightStep), _width);
        }
    }

    // A gate reads the head's last answer.
    private readonly void Product<V>(int gate)
        where V : unmanaged, ISimd<V>
    {
        var weights = _weightStep > 0 ? _weights + (gate * _weightStep) : _a.HeadWeights(gate, _head);
        if (_count == 1)
        {
            TileProduct.Row<V>(State(2), weights, _width, Gate(gate), _width / V.Count, _a.Size, 1f);
        }
        else
        {
            TileProduct.Run<V>(State(2), _width, 1, weights, _width, Gate(gate), _width, _width / V.Count, _a.Size, _ones);
        }
    }

    private readonly void Load<V>(int t)
        where V : unmanaged, ISimd<V>
    {
        for (var row = 0; row < _count; row++)
        {
            var source = _a.Gates + _a.At(_first + row, t, _a.Time, 0, 4, _head);
            for (var gate = 0; gate < 4; gate++, source += _a.Width)
            {
                KeyTile.Copy<V>(source, 0, 1, _a.Size, Gate(gate) + (row * _width), _width);
            }

            if (t + Ahead < _a.Time)
            {
                Ask(_a.Gates + _a.At(_first + row, t + Ahead, _a.Time, 0, 4, _head), 4);
                Ask(_a.Answers + _a.At(_first + row, t + Ahead, _a.Time, 0, 1, _head), 1);
                Ask(_a.Kept == null ? null : _a.Kept + _a.At(_first + row, t + Ahead, _a.Time, 0, ScalarLstm.Kept, _head), ScalarLstm.Kept);
            }
        }
    }

    private readonly void Store<V>(int t)
        where V : unmanaged, ISimd<V>
    {
        for (var row = 0; row < _count; row++)
        {
            Copy<V>(State(2) + (row * _width), _a.Answers + _a.At(_first + row, t, _a.Time, 0, 1, _head));
            if (_a.Kept == null)
            {
                continue;
            }

            var kept = _a.Kept + _a.At(_first + row, t, _a.Time, 0, ScalarLstm.Kept, _head);
            for (var gate = 0; gate < 5; gate++)
            {
                Copy<V>(Gate(gate) + (row * _width), kept + (gate * _a.Width));
            }

            Copy<V>(State(0) + (row * _width), kept + (5 * _a.Width));
            Copy<V>(State(1) + (row * _width), kept + (6 * _a.Width));
        }
    }

    private readonly void Copy<V>(float* row, float* target)
        where V : unmanaged, ISimd<V> => ChunkTiles.Store<V>(row, _width, 1, _a.Size, target, 0);

    private readonly void Ask(float* rows, int count)
    {
        for (var row = 0; Sse.IsSupported && rows != null && row < count; row++)
        {
            for (var d = 0; d < _a.Size; d += 16)
            {
                Sse.Prefetch1(rows + (row * _a.Width) + d);
            }
        }
    }
}
