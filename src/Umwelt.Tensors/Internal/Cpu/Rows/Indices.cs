// Index tensors hold int32 or int64. Kernels trust them, so a scan comes first and names the first position that lies
// outside its bounds; the caller throws with the tensor's name.
using System.Runtime.CompilerServices;

namespace Umwelt.Tensors.Internal.Cpu.Rows;

internal static unsafe class Indices
{
    /// <summary>Index i of a tensor of int or long; other types do not occur.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long At<TIndex>(TIndex* indices, long i)
        where TIndex : unmanaged => sizeof(TIndex) == sizeof(int) ? ((int*)indices)[i] : ((long*)indices)[i];

    /// <summary>The first position whose index is not in [0, bound), or −1.</summary>
    public static long FirstOutside<TIndex>(TIndex* indices, long count, long bound)
        where TIndex : unmanaged
    {
        for (var i = 0L; i < count; i++)
        {
            if ((ulong)At(indices, i) >= (ulong)bound)
            {
                return i;
            }
        }

        return -1;
    }
}
