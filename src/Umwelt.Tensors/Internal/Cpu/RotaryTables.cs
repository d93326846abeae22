// Cosines and sines of rotary embeddings: a row for each position of a call, each value rounded from double. The last table
// is kept, since the layers of a model ask for the same positions one after the other.
using System.Runtime.InteropServices;
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors.Internal.Cpu;

/// <summary>What the rotary kernel reads: row i belongs to the i-th position of the call.</summary>
internal unsafe struct RotaryTable
{
    public float* Cosines;
    public float* Sines;
}

internal sealed unsafe class RotaryTables
{
    private float[] _table = [];
    private int[] _positions = [];
    private Key? _made;

    /// <summary>For positions offset, offset + 1, .. or those given, <paramref name="count"/> of them; valid until the next call.</summary>
    public RotaryTable For(in RotaryAttributes attributes, int* positions, int count)
    {
        var (size, half) = (attributes.Size, attributes.Size / 2);
        var wanted = new Key(attributes.Base, size, attributes.Offset, count, attributes.Scaling);
        var given = new ReadOnlySpan<int>(positions, positions == null ? 0 : count);
        wanted = wanted with { HasPositions = positions != null };
        var isMade = _made == wanted && (positions == null || given.SequenceEqual(_positions.AsSpan(0, count)));
        if (_table.Length < (long)count * size)
        {
            _table = GC.AllocateUninitializedArray<float>(checked(count * size), pinned: true);
        }

        var start = (float*)Marshal.UnsafeAddrOfPinnedArrayElement(_table, 0);
        var table = new RotaryTable { Cosines = start, Sines = start + ((long)count * half) };
        if (isMade)
        {
            return table;
        }

        _made = wanted;
        if (_positions.Length < given.Length)
        {
            _positions = new int[given.Length];
        }

        given.CopyTo(_positions);
        for (var i = 0; i < count; i++)
        {
            var position = positions != null ? positions[i] : attributes.Offset + i;
            Rows.Rotary.FillTables(table.Cosines + ((long)i * half), table.Sines + ((long)i * half), position, 1, attributes);
        }

        return table;
    }

    private readonly record struct Key(float Base, int Size, int Offset, int Count, RotaryScaling Scaling, bool HasPositions = false);
}
