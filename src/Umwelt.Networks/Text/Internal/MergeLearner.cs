// Learns merges: again and again the pair of neighbouring tokens that occurs most often becomes a token, of several the one with the lowest
// numbers. Counts are kept up to date where a merge changes a word, so learning n merges costs far less than counting n times.
// The result depends on the counts of the words alone, not on their order.
using System.Text;

namespace Umwelt.Networks.Text.Internal;

internal sealed class MergeLearner
{
    private const int None = -1;

    private readonly long _fewest;
    private readonly ByteStrings _tokens;
    private readonly HashSet<ulong> _learnt = [];
    private readonly List<(int Left, int Right)> _merges = [];

    // The words one after another; a word that has been merged fills only the beginning of its place.
    private readonly int[] _symbols;
    private readonly int[] _starts;
    private readonly int[] _lengths;
    private readonly long[] _weights;

    private readonly Dictionary<ulong, int> _pairs = [];
    private readonly List<PairState> _states = [];
    private readonly List<(int Word, int Next)> _occurrences = [];
    private readonly PriorityQueue<int, Priority> _queue = new();
    private readonly List<int> _risen = [];
    private readonly int _special;

    /// <param name="counts">The words.</param>
    /// <param name="special">Tokens that come first and that no merge may spell.</param>
    /// <param name="fewest">How often a pair must occur to be merged.</param>
    public MergeLearner(WordCounts counts, IReadOnlyList<string> special, long fewest)
    {
        _fewest = Math.Max(1, fewest);
        _special = special.Count;
        _tokens = new ByteStrings(1024);
        foreach (var token in special)
        {
            // A special token is known here by the bytes that its spelling would stand for, so that no merge comes to be spelt like it.
            var spelling = Encoding.UTF8.GetBytes(token);
            var bytes = new byte[spelling.Length];
            _tokens.Add(ByteLevelAlphabet.TryBytes(spelling, bytes, out var count) ? bytes.AsSpan(0, count) : spelling);
        }

        if (_tokens.Count < _special)
        {
            throw new ArgumentException("Special tokens are spelt alike in GPT-2's alphabet; choose others.");
        }

        var tokenOf = new int[256];
        foreach (var b in ByteLevelAlphabet.InOrder)
        {
            tokenOf[b] = _tokens.Add([b]);
        }

        var words = counts.Words;
        var total = 0L;
        for (var i = 0; i < words.Count; i++)
        {
            total += words[i].Length;
        }

        _symbols = new int[total];
        _starts = new int[words.Count];
        _lengths = new int[words.Count];
        _weights = new long[words.Count];
        var at = 0;
        for (var i = 0; i < words.Count; i++)
        {
            (_starts[i], _lengths[i], _weights[i]) = (at, words[i].Length, counts.CountOf(i));
            foreach (var b in words[i])
            {
                _symbols[at++] = tokenOf[b];
            }
        }
    }

    /// <summary>Learns until there are so many tokens, or nothing is left to merge.</summary>
    public IReadOnlyList<(int Left, int Right)> Learn(int vocabulary, IProgress<TokenizerProgress>? progress, CancellationToken cancellation)
    {
        CountAll();
        var goal = vocabulary - _tokens.Count;
        while (_tokens.Count < vocabulary && _queue.TryDequeue(out var pair, out var priority))
        {
            cancellation.ThrowIfCancellationRequested();
            var state = _states[pair];
            if (state.Count != priority.Count)
            {
                Enqueue(pair);
                continue;
            }

            Merge(pair, state);
            if (_merges.Count % 64 == 0)
            {
                progress?.Report(new TokenizerProgress("learning merges", _merges.Count, goal));
            }
        }

        return _merges;
    }

    private static ulong Pair(int left, int right) => ((ulong)(uint)left << 32) | (uint)right;

    private void CountAll()
    {
        for (var word = 0; word < _starts.Length; word++)
        {
            for (var i = 0; i + 1 < _lengths[word]; i++)
            {
                Change(_symbols[_starts[word] + i], _symbols[_starts[word] + i + 1], _weights[word], word);
            }
        }

        EnqueueRisen();
    }

    private void Merge(int pair, PairState state)
    {
        var (left, right) = ((int)(state.Pair >> 32), (int)(uint)state.Pair);
        byte[] spelling = [.. _tokens[left], .. _tokens[right]];
        var known = _tokens.Find(spelling);
        if (known >= 0 && known < _special)
        {
            return;
        }

        // Two ways of making one token are two merges and one token; one way is one merge, however often it comes again.
        var merged = _tokens.Add(spelling);
        if (_learnt.Add(state.Pair))
        {
            _merges.Add((left, right));
        }

        var occurrence = state.Occurrences;
        _states[pair] = state with { Count = 0, Occurrences = None, LastWord = None };
        while (occurrence != None)
        {
            var (word, next) = _occurrences[occurrence];
            MergeIn(word, left, right, merged);
            occurrence = next;
        }

        _states[pair] = _states[pair] with { Count = 0 };
        EnqueueRisen();
    }

    private void MergeIn(int word, int left, int right, int merged)
    {
        var symbols = _symbols.AsSpan(_starts[word], _lengths[word]);
        var (kept, weight) = (0, _weights[word]);
        for (var i = 0; i < symbols.Length; i++)
        {
            if (symbols[i] != left || i + 1 == symbols.Length || symbols[i + 1] != right)
            {
                symbols[kept++] = symbols[i];
                continue;
            }

            if (kept > 0)
            {
                Change(symbols[kept - 1], left, -weight, word);
                Change(symbols[kept - 1], merged, weight, word);
            }

            if (i + 2 < symbols.Length)
            {
                Change(right, symbols[i + 2], -weight, word);
                Change(merged, symbols[i + 2], weight, word);
            }

            symbols[kept++] = merged;
            i++;
        }

        _lengths[word] = kept;
    }

    private void Change(int left, int right, long weight, int word)
    {
        var pair = Pair(left, right);
        if (!_pairs.TryGetValue(pair, out var index))
        {
            index = _states.Count;
            _pairs.Add(pair, index);
            _states.Add(new PairState(pair, 0, None, None, false));
        }

        var state = _states[index];
        if (weight > 0 && state.LastWord != word)
        {
            _occurrences.Add((word, state.Occurrences));
            state = state with { Occurrences = _occurrences.Count - 1, LastWord = word };
        }

        if (weight > 0 && !state.HasRisen)
        {
            _risen.Add(index);
            state = state with { HasRisen = true };
        }

        _states[index] = state with { Count = state.Count + weight };
    }

    private void EnqueueRisen()
    {
        foreach (var pair in _risen)
        {
            _states[pair] = _states[pair] with { HasRisen = false };
            Enqueue(pair);
        }

        _risen.Clear();
    }

    private void Enqueue(int pair)
    {
        if (_states[pair].Count >= _fewest)
        {
            _queue.Enqueue(pair, new Priority(_states[pair].Count, _states[pair].Pair));
        }
    }

    /// <summary>How often a pair occurs, and a list of words that hold it, or held it once.</summary>
    private readonly record struct PairState(ulong Pair, long Count, int Occurrences, int LastWord, bool HasRisen);

    private readonly record struct Priority(long Count, ulong Pair) : IComparable<Priority>
    {
        public int CompareTo(Priority other) => Count != other.Count ? other.Count.CompareTo(Count) : Pair.CompareTo(other.Pair);
    }
}
