// Cosines and sines of rotary embeddings, made once for each base and size and kept while positions stay small; positions
// far out, or negative, get a table for their own call. Either way each value is rounded from double.
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors.Internal.Cpu;

/// <summary>What the rotary kernel reads: tables, and which of their rows.</summary>
internal unsafe struct RotaryTable
{
    public float* Cosines;
    public float* Sines;
    public int* Positions;
    public int Offset;
}

internal sealed unsafe class RotaryTables
{
    private const int MostKept = 65536;
    private readonly Dictionary<(float Base, int Size), float[]> _kept = [];
    private float[] _own = [];

    /// <summary>For positions offset, offset + 1, .. or those given, <paramref name="count"/> of them.</summary>
    public RotaryTable For(in RotaryAttributes attributes, int* positions, int count)
    {
        var first = attributes.Offset;
        var last = first + count - 1L;
        if (positions != null)
        {
            first = int.MaxValue;
            last = int.MinValue;
            for (var i = 0; i < count; i++)
            {
                first = Math.Min(first, positions[i]);
                last = Math.Max(last, positions[i]);
            }
        }

        return first >= 0 && last < MostKept ? Kept(attributes, positions, (int)last + 1) : Own(attributes, positions, count);
    }

    private RotaryTable Kept(in RotaryAttributes attributes, int* positions, int needed)
    {
        var size = attributes.Size;
        _kept.TryGetValue((attributes.Base, size), out var table);
        if (table is null || table.Length < (long)needed * size)
        {
            var rows = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(needed, 256));
            table = GC.AllocateUninitializedArray<float>(rows * size, pinned: true);
            _kept[(attributes.Base, size)] = table;
            var made = Halves(table);
            Rows.Rotary.FillTables(made.Cosines, made.Sines, 0, rows, size, attributes.Base);
        }

        var result = Halves(table);
        result.Positions = positions;
        result.Offset = attributes.Offset;
        return result;
    }

    private RotaryTable Own(in RotaryAttributes attributes, int* positions, int count)
    {
        var (size, half) = (attributes.Size, attributes.Size / 2);
        if (_own.Length < (long)count * size)
        {
            _own = GC.AllocateUninitializedArray<float>(checked(count * size), pinned: true);
        }

        var table = Halves(_own);
        for (var i = 0; i < count; i++)
        {
            var position = positions != null ? positions[i] : attributes.Offset + i;
            Rows.Rotary.FillTables(table.Cosines + ((long)i * half), table.Sines + ((long)i * half), position, 1, size, attributes.Base);
        }

        return table;
    }

    private static RotaryTable Halves(float[] table)
    {
        var start = (float*)System.Runtime.InteropServices.Marshal.UnsafeAddrOfPinnedArrayElement(table, 0);
        return new RotaryTable { Cosines = start, Sines = start + (table.Length / 2) };
    }
}
