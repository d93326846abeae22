// A block of channels of one sequence during a selective scan: its tables as [states, channels], so that neighbouring
// channels are lanes of a register and no sum over states crosses lanes.
using Umwelt.Tensors.Internal.Simd;
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors.Internal.Cpu.Recurrences;

internal static unsafe class ScanBlock
{
    /// <summary>Floats from one row of a table to the next: whole registers on every tier, and not a part of a page.</summary>
    public const int Pitch = SelectiveScan.Block + 16;

    /// <summary>table[n, c] = rows[c, n], zeros past the last channel or where there are no rows.</summary>
    public static void Gather(float* rows, int channels, int states, float* table)
    {
        new Span<float>(table, states * Pitch).Clear();
        for (var c = 0; rows != null && c < channels; c++)
        {
            for (var n = 0; n < states; n++)
            {
                table[(n * Pitch) + c] = rows[(c * states) + n];
            }
        }
    }

    /// <summary>rows[c, n] = table[n, c].</summary>
    public static void Scatter(float* table, int channels, int states, float* rows)
    {
        for (var c = 0; c < channels; c++)
        {
            for (var n = 0; n < states; n++)
            {
                rows[(c * states) + n] = table[(n * Pitch) + c];
            }
        }
    }

    /// <summary>The constants of exponentials that end in a normal number where true ones become denormal.</summary>
    public static void WriteConstants(float* constants)
    {
        SimdMath.WriteExpConstants(constants);
        constants[0] = -87f;
    }
}
