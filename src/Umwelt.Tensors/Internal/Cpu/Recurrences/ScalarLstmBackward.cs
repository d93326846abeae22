// Gradients of an sLSTM, last moment first. What the gates of a chunk of moments get stays at hand until the weights have
// taken their part of it: one product a chunk, over answers that are long in order. Blocks of sequences of a group add to one
// sum, the last chunk first; groups are added in order by whoever called.
using System.Runtime.Intrinsics.X86;
using Umwelt.Tensors.Internal.Cpu.Attention;
using Umwelt.Tensors.Internal.Simd;
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors.Internal.Cpu.Recurrences;

internal unsafe struct ScalarLstmBackward
{
    private const int Rows = ScalarLstmArguments.Rows;
    private const int Chunk = 32;
    private const int Ahead = 4;
    private ScalarLstmArguments _a;
    private int _head;
    private int _first;
    private int _count;
    private int _width;

    // [4 · width, width]: a gate's weights, turned.
    private float* _weights;

    // [size in fours, 4 · width].
    private float* _dWeights;

    // [chunk · rows, 4 · width] and [chunk · rows, width], moment by moment.
    private float* _dGates;
    private float* _answers;

    // Tiles [rows, width]: gradients of c, n and h.
    private float* _dState;
    private float* _ones;

    public static long ScratchFloats(int size)
    {
        long width = ChunkTiles.WidestWidth(size);
        return 16 + (8 * width * width) + (((Chunk + 1) * Rows) * 5 * width) + (3 * Rows * width);
    }

    /// <summary>The blocks of one head from one on to another, whose weights' gradient goes to <paramref name="weightSum"/>, [4, heads, size, size].</summary>
    public static void Run<V>(in ScalarLstmArguments a, int head, int firstBlock, int endBlock, float* weightSum, float* scratch)
        where V : unmanaged, ISimd<V>
    {
        var width = ChunkTiles.Width<V>(a.Size);
        var loop = new ScalarLstmBackward { _a = a, _head = head, _width = width, _ones = scratch, _weights = scratch + 16 };
        loop._dWeights = loop._weights + (4 * width * width);
        loop._dGates = loop._dWeights + (4 * width * width);
        loop._answers = loop._dGates + ((Chunk + 1) * Rows * 4 * width);
        loop._dState = loop._answers + ((Chunk + 1) * Rows * width);
        new Span<float>(loop._ones, 16).Fill(1f);
        loop.Clear();
        loop.TurnWeights();
        for (var block = firstBlock; block < endBlock; block++)
        {
            loop._first = block * Rows;
            loop._count = Math.Min(Rows, a.Batch - loop._first);
            loop.Moments<V>();
        }

        for (var gate = 0; weightSum != null && gate < 4; gate++)
        {
            var target = weightSum + ((((nint)gate * a.Heads) + head) * a.Size * a.Size);
            ChunkTiles.Store<V>(loop._dWeights + (gate * width), 4 * width, a.Size, a.Size, target, a.Size);
        }
    }

    // Sums begin at zero, and so does whatever lies between rows and stays there.
    private readonly void Clear()
    {
        var isPadded = _width != _a.Size;
        var first = isPadded ? _weights : _dWeights;
        var end = isPadded ? _dState : _dGates;
        new Span<float>(first, checked((int)(end - first))).Clear();
    }

    private readonly void TurnWeights()
    {
        for (var gate = 0; gate < 4; gate++)
        {
            var source = _a.HeadWeights(gate, _head);
            var target = _weights + ((nint)gate * _width * _width);
            for (var from = 0; from < _a.Size; from++)
            {
                for (var to = 0; to < _a.Size; to++)
                {
                    target[(to * _width) + from] = source[(from * _a.Size) + to];
                }
            }
        }
    }

    private readonly void Moments<V>()
        where V : unmanaged, ISimd<V>
    {
        new Span<float>(_dState, 3 * Rows * _width).Clear();
        for (var row = 0; _a.FinalStateGradient != null && row < _count; row++)
        {
            for (var part = 0; part < 3; part++)
            {
                KeyTile.Copy<V>(_a.FinalStateGradient + _a.At(_first + row, 0, 1, part, 4, _head), 0, 1, _a.Size, State(part) + (row * _width), _width);
            }
        }

        for (var first = (_a.Time - 1) / Chunk * Chunk; first >= 0; first -= Chunk)
        {
            var end = Math.Min(first + Chunk, _a.Time);
            for (var t = end - 1; t >= first; t--)
            {
                var gates = _dGates + ((nint)(t - first) * _count * 4 * _width);
                for (var row = 0; row < _count; row++)
                {
                    Prefetch(_first + row, t - Ahead);
                    Cells<V>(t, row, gates + (row * 4 * _width));
                }

                LastAnswers<V>(gates);
            }

            if (_a.WeightSums != null)
            {
                AddWeights<V>(first, end);
            }
        }

        for (var row = 0; row < _count; row++)
        {
            for (var part = 0; part < 4; part++)
            {
                var target = _a.StateGradient + _a.At(_first + row, 0, 1, part, 4, _head);
                if (part < 3)
                {
                    ChunkTiles.Store<V>(State(part) + (row * _width), _width, 1, _a.Size, target, 0);
                }
                else
                {
                    new Span<float>(target, _a.Size).Clear();
                }
            }
        }
    }

    private readonly float* State(int part) => _dState + (part * Rows * _width);

    // One sequence at one moment: gradients of its gates before activation, and of the state before it but for the answer's.
    private readonly void Cells<V>(int t, int row, float* gates)
        where V : unmanaged, ISimd<V>
    {
        var batch = _first + row;
        var step = _a.Width;
        var kept = _a.Kept + _a.At(batch, t, _a.Time, 0, ScalarLstm.Kept, _head);
        var before = t > 0 ? kept - _a.Step(ScalarLstm.Kept) + (5 * step) : _a.State == null ? null : _a.State + _a.At(batch, 0, 1, 0, 4, _head);
        var dAnswer = _a.AnswersGradient + _a.At(batch, t, _a.Time, 0, 1, _head);
        var target = _a.GatesGradient + _a.At(batch, t, _a.Time, 0, 4, _head);
        var state = State(0) + (row * _width);
        var tile = (nint)Rows * _width;
        var one = V.Broadcast(1f);
        for (var d = 0; d < _a.Size; d += V.Count)
        {
            var lanes = Math.Min(V.Count, _a.Size - d);
            var z = Lanes.Load<V>(kept + d, lanes);
            var input = Lanes.Load<V>(kept + step + d, lanes);
            var forget = Lanes.Load<V>(kept + (2 * step) + d, lanes);
            var o = Lanes.Load<V>(kept + (3 * step) + d, lanes);
            var share = one / ScalarLstmCell.Divisor(Lanes.Load<V>(kept + (6 * step) + d, lanes));
            var ratio = Lanes.Load<V>(kept + (5 * step) + d, lanes) * share;
            var c = before == null ? V.Zero : Lanes.Load<V>(before + d, lanes);
            var n = before == null ? V.Zero : Lanes.Load<V>(before + step + d, lanes);

            var dh = Lanes.Load<V>(dAnswer + d, lanes) + V.Load(state + (2 * tile) + d);
            var dRatio = dh * o * share;
            var dc = V.Load(state + d) + dRatio;
            var dn = V.Load(state + tile + d) - (dRatio * ratio);
            var dForget = V.MultiplyAdd(dc, c, dn * n) * forget * Lanes.Load<V>(kept + (4 * step) + d, lanes);
            Put(dc * input * (one - (z * z)), gates + d, target + d, lanes);
            Put(V.MultiplyAdd(dc, z, dn) * input, gates + _width + d, target + step + d, lanes);
            Put(dForget, gates + (2 * _width) + d, target + (2 * step) + d, lanes);
            Put(dh * ratio * o * (one - o), gates + (3 * _width) + d, target + (3 * step) + d, lanes);
            V.Store(ChunkGates.Flushed(dc * forget), state + d);
            V.Store(ChunkGates.Flushed(dn * forget), state + tile + d);
        }
    }

    // The gradient of the answers that the gates read.
    private readonly void LastAnswers<V>(float* gates)
        where V : unmanaged, ISimd<V>
    {
        var target = State(2);
        new Span<float>(target, Rows * _width).Clear();
        if (_count == 1)
        {
            TileProduct.Row<V>(gates, _weights, _width, target, _width / V.Count, 4 * _width, 1f);
        }
        else
        {
            TileProduct.Run<V>(gates, 4 * _width, 1, _weights, _width, target, _width, _width / V.Count, 4 * _width, _ones);
        }
    }

    // Every gate read the answer of the moment before.
    private readonly void AddWeights<V>(int first, int end)
        where V : unmanaged, ISimd<V>
    {
        var target = _answers;
        for (var t = first; t < end; t++)
        {
            for (var row = 0; row < _count; row++, target += _width)
            {
                var answer = t > 0 ? _a.Answers + _a.At(_first + row, t - 1, _a.Time, 0, 1, _head)
                    : _a.State == null ? null : _a.State + _a.At(_first + row, 0, 1, 2, 4, _head);
                if (answer == null)
                {
                    new Span<float>(target, _width).Clear();
                }
                else
                {
                    KeyTile.Copy<V>(answer, 0, 1, _a.Size, target, _width);
                }
            }
        }

        for (var from = 0; from < _a.Size; from += 4)
        {
            TileProduct.Run<V>(
                _answers + from, 1, _width, _dGates, 4 * _width, _dWeights + (from * 4 * _width), 4 * _width, 4 * _width / V.Count, (end - first) * _count, _ones);
        }
    }

    private readonly void Prefetch(int batch, int t)
    {
        if (!Sse.IsSupported || t < 0)
        {
            return;
        }

        var kept = _a.Kept + _a.At(batch, t, _a.Time, 0, ScalarLstm.Kept, _head);
        var gates = _a.GatesGradient + _a.At(batch, t, _a.Time, 0, 4, _head);
        var answers = _a.At(batch, t, _a.Time, 0, 1, _head);
        for (var d = 0; d < _a.Size; d += 16)
        {
            for (var row = 0; row < ScalarLstm.Kept; row++)
            {
                Sse.Prefetch1(kept + (row * _a.Width) + d);
            }

            for (var gate = 0; gate < 4; gate++)
            {
                Sse.Prefetch1(gates + (gate * _a.Width) + d);
            }

            Sse.Prefetch1(_a.AnswersGradient + answers + d);
            Sse.Prefetch1(_a.Answers + answers + d);
        }
    }

    private static void Put<V>(V value, float* tile, float* target, int lanes)
        where V : unmanaged, ISimd<V>
    {
        V.Store(value, tile);
        Lanes.Store(value, target, lanes);
    }
}
