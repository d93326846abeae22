// Brings a run of a strided operand into a small contiguous buffer, so that strided operands pass through the same vector
// loops as contiguous ones and round the same.
namespace Umwelt.Tensors.Internal.Cpu.Elementwise;

internal static unsafe class Staging
{
    /// <summary>Elements staged at once: 1 KB an operand, well inside the first-level cache.</summary>
    public const int Length = 256;

    /// <summary>The run itself where it is contiguous, else <paramref name="buffer"/> filled with it.</summary>
    public static float* Run(float* source, long stride, float* buffer, int count)
    {
        if (stride == 1)
        {
            return source;
        }

        if (stride == 0)
        {
            new Span<float>(buffer, count).Fill(*source);
        }
        else
        {
            for (var i = 0; i < count; i++)
            {
                buffer[i] = source[i * stride];
            }
        }

        return buffer;
    }
}
