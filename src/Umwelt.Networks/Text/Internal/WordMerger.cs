// Merges the tokens of one piece: always the pair of the lowest rank, the leftmost of several. Short pieces look through a small
// array each time; long ones keep a heap, so that a piece of n bytes takes n log n steps. Both give the same tokens.
namespace Umwelt.Networks.Text.Internal;

internal sealed class WordMerger(MergeTable merges)
{
    private const int LongestScanned = 48;
    private const int LongestKept = 1 << 16;

    private int[] _ranks = [];
    private int[] _results = [];
    private int[] _previous = [];
    private int[] _next = [];
    private ulong[] _heap = [];
    private int _heapCount;

    /// <summary>Merges in place and returns how many tokens are left.</summary>
    public int Merge(Span<int> tokens) =>
        merges.IsEmpty ? tokens.Length : tokens.Length <= LongestScanned ? Scan(tokens) : Sift(tokens);

    internal int Scan(Span<int> tokens)
    {
        Span<int> ranks = stackalloc int[LongestScanned];
        Span<int> results = stackalloc int[LongestScanned];
        var count = tokens.Length;
        for (var i = 0; i + 1 < count; i++)
        {
            ranks[i] = merges.Rank(tokens[i], tokens[i + 1], out results[i]);
        }

        while (count > 1)
        {
            var best = 0;
            for (var i = 1; i < count - 1; i++)
            {
                best = ranks[i] < ranks[best] ? i : best;
            }

            if (ranks[best] == MergeTable.Never)
            {
                break;
            }

            // Token best + 1 goes, and with it the pair it began.
            tokens[best] = results[best];
            for (var i = best + 1; i + 1 < count; i++)
            {
                tokens[i] = tokens[i + 1];
                ranks[i] = ranks[i + 1];
                results[i] = results[i + 1];
            }

            count--;
            if (best + 1 < count)
            {
                ranks[best] = merges.Rank(tokens[best], tokens[best + 1], out results[best]);
            }

            if (best > 0)
            {
                ranks[best - 1] = merges.Rank(tokens[best - 1], tokens[best], out results[best - 1]);
            }
        }

        return count;
    }

    internal int Sift(Span<int> tokens)
    {
        var count = tokens.Length;
        if (_ranks.Length < count)
        {
            Resize(count);
        }

        _heapCount = 0;
        for (var i = 0; i < count; i++)
        {
            _previous[i] = i - 1;
            _next[i] = i + 1;
            _ranks[i] = i + 1 < count ? merges.Rank(tokens[i], tokens[i + 1], out _results[i]) : MergeTable.Never;
            if (_ranks[i] != MergeTable.Never)
            {
                Push(i);
            }
        }

        while (_heapCount > 0)
        {
            // An entry counts only while its place still has the rank it was made for.
            var entry = Pop();
            var at = (int)(uint)entry;
            if (_ranks[at] != (int)(entry >> 32))
            {
                continue;
            }

            var right = _next[at];
            tokens[at] = _results[at];
            _ranks[right] = -1;
            _next[at] = _next[right];
            if (_next[at] < count)
            {
                _previous[_next[at]] = at;
            }

            Update(tokens, at, count);
            if (_previous[at] >= 0)
            {
                Update(tokens, _previous[at], count);
            }
        }

        var left = 0;
        for (var i = 0; i < count; i = _next[i])
        {
            tokens[left++] = tokens[i];
        }

        if (count > LongestKept)
        {
            Resize(0);
        }

        return left;
    }

    private void Update(ReadOnlySpan<int> tokens, int at, int count)
    {
        _ranks[at] = _next[at] < count ? merges.Rank(tokens[at], tokens[_next[at]], out _results[at]) : MergeTable.Never;
        if (_ranks[at] != MergeTable.Never)
        {
            Push(at);
        }
    }

    private void Resize(int count)
    {
        _ranks = new int[count];
        _results = new int[count];
        _previous = new int[count];
        _next = new int[count];
        _heap = new ulong[count];
    }

    private void Push(int at)
    {
        if (_heapCount == _heap.Length)
        {
            Array.Resize(ref _heap, Math.Max(16, _heap.Length * 2));
        }

        var entry = ((ulong)(uint)_ranks[at] << 32) | (uint)at;
        var hole = _heapCount++;
        while (hole > 0 && _heap[(hole - 1) / 2] > entry)
        {
            _heap[hole] = _heap[(hole - 1) / 2];
            hole = (hole - 1) / 2;
        }

        _heap[hole] = entry;
    }

    private ulong Pop()
    {
        var top = _heap[0];
        var last = _heap[--_heapCount];
        var hole = 0;
        while (true)
        {
            var child = (2 * hole) + 1;
            if (child >= _heapCount)
            {
                break;
            }

            child += child + 1 < _heapCount && _heap[child + 1] < _heap[child] ? 1 : 0;
            if (_heap[child] >= last)
            {
                break;
            }

            _heap[hole] = _heap[child];
            hole = child;
        }

        _heap[hole] = last;
        return top;
    }
}
