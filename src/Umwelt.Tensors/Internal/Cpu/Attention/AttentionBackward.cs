// Backward, one tile of query rows against one tile of keys at a time, weights recomputed from the log-sum-exp.
// Laws: gradients of keys and values grow by row tiles in ascending order, gradients of queries by key tiles in
// ascending order; every element is one chain, so any split of the work over tiles gives equal bits.
// Source: Dao 2023, "FlashAttention-2", algorithm 2.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Internal.Cpu.Attention;

internal unsafe struct AttentionBackward
{
    private const int Size = RowTile.Size;
    private AttentionArguments _a;
    private RowTile _rows;
    private int _batch;
    private int _head;
    private int _width;
    private float* _queryColumns;
    private float* _gradientColumns;
    private float* _queryRows;
    private float* _gradientRows;
    private float* _queryGradient;
    private float* _keyScratch;
    private float* _valueScratch;
    private float* _target;
    private float* _scores;
    private float* _slopes;
    private float* _logSum;
    private float* _mean;
    private float* _low;
    private float* _high;
    private float* _ones;

    public static nuint ScratchBytes(int headSize)
    {
        var width = (nuint)(headSize + 63) / 64 * 64;
        return sizeof(float) * ((8 * Size * width) + (2 * Size * Size) + (5 * Size));
    }

    public static void Begin<V>(out AttentionBackward task, in AttentionArguments a, int batch, int head, float* scratch)
        where V : unmanaged, ISimd<V>
    {
        Unsafe.SkipInit(out task);
        task._a = a;
        task._batch = batch;
        task._head = head;
        task._width = KeyTile.Width<V>(a.HeadSize);
        var tile = Size * task._width;
        task._queryColumns = scratch;
        task._gradientColumns = scratch + tile;
        task._queryRows = scratch + (2 * tile);
        task._gradientRows = scratch + (3 * tile);
        task._queryGradient = scratch + (4 * tile);
        task._keyScratch = scratch + (5 * tile);
        task._valueScratch = scratch + (6 * tile);
        task._target = scratch + (7 * tile);
        task._scores = scratch + (8 * tile);
        task._slopes = task._scores + (Size * Size);
        task._logSum = task._slopes + (Size * Size);
        task._mean = task._logSum + Size;
        task._low = task._mean + Size;
        task._high = task._low + Size;
        task._ones = task._high + Size;
        new Span<float>(task._ones, 4).Fill(1f);
    }

    /// <summary>The gradients of all keys and values of the head, and of all its queries, in one pass.</summary>
    public void Fused<V>()
        where V : unmanaged, ISimd<V>
    {
        ClearKeys(0, _a.KeyLength);
        for (var first = 0; first < _a.Rows; first += Size)
        {
            PlaceRows<V>(first);
            for (var key = _rows.FirstKey; key < _rows.EndKey; key += Size)
            {
                Pair<V>(key, wantQuery: true, wantKey: true);
            }

            StoreQueryGradient<V>();
        }
    }

    public void QueriesOnly<V>(int first)
        where V : unmanaged, ISimd<V>
    {
        PlaceRows<V>(first);
        for (var key = _rows.FirstKey; key < _rows.EndKey; key += Size)
        {
            Pair<V>(key, wantQuery: true, wantKey: false);
        }

        StoreQueryGradient<V>();
    }

    public void KeysOnly<V>(int key)
        where V : unmanaged, ISimd<V>
    {
        ClearKeys(key, Math.Min(key + Size, _a.KeyLength));
        for (var first = 0; first < _a.Rows; first += Size)
        {
            _rows.Place(_a, _batch, first, V.Count);
            if (_rows.FirstKey <= key && key < _rows.EndKey)
            {
                PlaceRows<V>(first);
                Pair<V>(key, wantQuery: false, wantKey: true);
            }
        }
    }

    private readonly float* KeyGradient => _a.KeyGradient + (_batch * _a.KeyGradientBatch) + (_head * _a.KeyGradientHead);

    private readonly float* ValueGradient => _a.ValueGradient + (_batch * _a.ValueGradientBatch) + (_head * _a.ValueGradientHead);

    private readonly void ClearKeys(int from, int to)
    {
        for (var key = from; key < to; key++)
        {
            new Span<float>(KeyGradient + (key * _a.KeyGradientTime), _a.HeadSize).Clear();
            new Span<float>(ValueGradient + (key * _a.ValueGradientTime), _a.HeadSize).Clear();
        }
    }

    private void PlaceRows<V>(int first)
        where V : unmanaged, ISimd<V>
    {
        _rows.Place(_a, _batch, first, V.Count);
        var firstHead = _head * _a.Group;
        var query = _a.Query + (_batch * _a.QueryBatch) + (firstHead * _a.QueryHead);
        var gradient = _a.OutputGradient + (_batch * _a.OutputGradientBatch) + (firstHead * _a.OutputGradientHead);
        var output = _a.Output + (_batch * _a.OutputBatch) + (firstHead * _a.OutputHead);
        _rows.Columns(_a, query, _a.QueryHead, _a.QueryTime, _a.Scale * AttentionForward.Log2E, _queryColumns);
        _rows.Columns(_a, gradient, _a.OutputGradientHead, _a.OutputGradientTime, 1f, _gradientColumns);
        new Span<float>(_queryGradient, Size * _width).Clear();
        new Span<float>(_logSum, Size).Fill(float.PositiveInfinity);
        new Span<float>(_mean, Size).Clear();
        for (var row = 0; row < _rows.Count; row++)
        {
            var (time, member) = _rows.At(_a, row);
            var slope = gradient + (member * _a.OutputGradientHead) + (time * _a.OutputGradientTime);
            KeyTile.Copy<V>(query + (member * _a.QueryHead) + (time * _a.QueryTime), 0, 1, _a.HeadSize, _queryRows + (row * _width), _width);
            KeyTile.Copy<V>(slope, 0, 1, _a.HeadSize, _gradientRows + (row * _width), _width);
            _mean[row] = Dot<V>(slope, output + (member * _a.OutputHead) + (time * _a.OutputTime), _a.HeadSize) * _a.Scale;
            var saved = _a.LogSumExp[((((nint)_batch * _a.Heads) + firstHead + member) * _a.QueryLength) + time];
            _logSum[row] = float.IsNegativeInfinity(saved) ? float.PositiveInfinity : saved * AttentionForward.Log2E;
        }

        new Span<float>(_queryRows + (_rows.Count * _width), (_rows.Padded - _rows.Count) * _width).Clear();
        new Span<float>(_gradientRows + (_rows.Count * _width), (_rows.Padded - _rows.Count) * _width).Clear();
    }

    private void Pair<V>(int key, bool wantQuery, bool wantKey)
        where V : unmanaged, ISimd<V>
    {
        var count = Math.Min(Size, _a.KeyLength - key);
        var keys = KeyTile.Over<V>(_a.Key + (_batch * _a.KeyBatch) + (_head * _a.KeyHead) + (key * _a.KeyTime), _a.KeyTime, count, _a.HeadSize, asRegisters: wantQuery, _keyScratch);
        var values = KeyTile.Over<V>(_a.Value + (_batch * _a.ValueBatch) + (_head * _a.ValueHead) + (key * _a.ValueTime), _a.ValueTime, count, _a.HeadSize, asRegisters: false, _valueScratch);
        TileScores.Run<V>(_rows, key, keys, _queryColumns, _a.HeadSize, _scores);
        TileScores.Run<V>(_rows, key, values, _gradientColumns, _a.HeadSize, _slopes);
        for (var lane = 0; lane < _rows.Padded; lane += V.Count)
        {
            var (from, to) = TileScores.Keys(_rows, key, lane, V.Count);
            if (from < to)
            {
                var all = TileScores.Bounds(_rows, key, lane, V.Count, from, to, _low, _high);
                OnlineSoftmax.Backward<V>(_scores + lane, _slopes + lane, from, to, all ? null : _low + lane, _high + lane, _logSum + lane, _mean + lane, _a.Scale);
            }
        }

        if (wantKey)
        {
            Gather<V>(key, count, _scores, _gradientRows, ValueGradient + (key * _a.ValueGradientTime), _a.ValueGradientTime);
            Gather<V>(key, count, _slopes, _queryRows, KeyGradient + (key * _a.KeyGradientTime), _a.KeyGradientTime);
        }

        for (var row = 0; wantQuery && row < _rows.Padded; row += 4)
        {
            var (from, to) = _rows.Keys(key, row, 4);
            if (from < to)
            {
                TileProduct.Run<V>(
                    _slopes + (from * Size) + row, 1, Size, keys.Data + (from * keys.Stride), keys.Stride,
                    _queryGradient + (row * _width), _width, _width / V.Count, to - from, _ones);
            }
        }
    }

    // target[key] += sum over the rows that see the key of factors[key, row] * rows[row].
    private readonly void Gather<V>(int key, int count, float* factors, float* rows, float* target, nint stride)
        where V : unmanaged, ISimd<V>
    {
        var direct = count % 4 == 0 && _width == _a.HeadSize;
        var (c, cRow) = direct ? (target: (nint)target, stride) : ((nint)_target, _width);
        if (!direct)
        {
            KeyTile.Copy<V>(target, stride, count, _a.HeadSize, _target, _width);
        }

        var first = 0;
        var end = 0;
        for (var j = 0; j < count; j += 4)
        {
            while (first < _rows.Padded && _rows.High[first] <= key + j)
            {
                first++;
            }

            while (end < _rows.Padded && _rows.Low[end] < key + j + 4)
            {
                end++;
            }

            if (first < end)
            {
                TileProduct.Run<V>(
                    factors + (j * Size) + first, Size, 1, rows + (first * _width), _width,
                    (float*)c + (j * cRow), cRow, _width / V.Count, end - first, _ones);
            }
        }

        for (var row = 0; !direct && row < count; row++)
        {
            new ReadOnlySpan<float>(_target + (row * _width), _a.HeadSize).CopyTo(new Span<float>(target + (row * stride), _a.HeadSize));
        }
    }

    private readonly void StoreQueryGradient<V>()
        where V : unmanaged, ISimd<V>
    {
        for (var row = 0; row < _rows.Count; row++)
        {
            var (time, member) = _rows.At(_a, row);
            var head = (_head * _a.Group) + member;
            var target = _a.QueryGradient + (_batch * _a.QueryGradientBatch) + (head * _a.QueryGradientHead) + (time * _a.QueryGradientTime);
            for (var d = 0; d < _a.HeadSize; d += V.Count)
            {
                // Adding zero makes a negative zero positive, as in the forward pass.
                V.StorePartial(V.Load(_queryGradient + (row * _width) + d) + V.Zero, target + d, Math.Min(V.Count, _a.HeadSize - d));
            }
        }
    }

    private static float Dot<V>(float* a, float* b, int count)
        where V : unmanaged, ISimd<V>
    {
        var sum = V.Zero;
        for (var d = 0; d < count; d += V.Count)
        {
            var left = Math.Min(V.Count, count - d);
            sum = V.MultiplyAdd(V.LoadPartial(a + d, left), V.LoadPartial(b + d, left), sum);
        }

        return V.Sum(sum);
    }
}
