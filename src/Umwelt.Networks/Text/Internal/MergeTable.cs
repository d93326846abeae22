// Which two neighbouring tokens become one, and how early: a lower rank goes first. Open addressing over a multiplier nobody
// can foresee, half full at most; a lookup is one or two cache lines.
using System.Numerics;

namespace Umwelt.Networks.Text.Internal;

internal sealed class MergeTable
{
    /// <summary>The rank of two tokens that stay apart.</summary>
    public const int Never = int.MaxValue;

    private const ulong Free = ulong.MaxValue;
    private static readonly ulong Multiplier = Salts.Next() | 1;

    private readonly Slot[] _slots;
    private readonly int _shift;

    /// <summary>The merges in order of rank; of two merges of the same pair the later one holds.</summary>
    public MergeTable(ReadOnlySpan<Merge> merges)
    {
        IsEmpty = merges.IsEmpty;
        var size = BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, merges.Length * 2));
        _shift = 64 - BitOperations.Log2(size);
        _slots = new Slot[size];
        _slots.AsSpan().Fill(new Slot { Pair = Free });
        for (var rank = 0; rank < merges.Length; rank++)
        {
            var merge = merges[rank];
            var pair = Pair(merge.Left, merge.Right);
            var at = (int)((pair * Multiplier) >> _shift);
            while (_slots[at].Pair != Free && _slots[at].Pair != pair)
            {
                at = (at + 1) & (_slots.Length - 1);
            }

            _slots[at] = new Slot { Pair = pair, Rank = rank, Result = merge.Result };
        }
    }

    public bool IsEmpty { get; }

    /// <summary>The rank of two tokens, and what they become.</summary>
    public int Rank(int left, int right, out int result)
    {
        var pair = Pair(left, right);
        var slots = _slots;
        var at = (int)((pair * Multiplier) >> _shift);
        while (true)
        {
            ref readonly var slot = ref slots[at];
            if (slot.Pair == pair)
            {
                result = slot.Result;
                return slot.Rank;
            }

            if (slot.Pair == Free)
            {
                result = -1;
                return Never;
            }

            at = (at + 1) & (slots.Length - 1);
        }
    }

    private static ulong Pair(int left, int right) => ((ulong)(uint)left << 32) | (uint)right;

    private struct Slot
    {
        public ulong Pair;
        public int Rank;
        public int Result;
    }
}

/// <summary>Two tokens and the one they become.</summary>
internal readonly record struct Merge(int Left, int Right, int Result);
