// Eight table entries at once, by the processor's gather where it has one. It reads, so it gives the same bits everywhere.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Umwelt.Worlds.House.Sight;

internal static unsafe class Gathering
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Floats(float* table, Vector256<int> index) =>
        Avx2.IsSupported ? Avx2.GatherVector256(table, index, sizeof(float)) : Slow((int*)table, index).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Integers(int* table, Vector256<int> index) =>
        Avx2.IsSupported ? Avx2.GatherVector256(table, index, sizeof(int)) : Slow(table, index);

    private static Vector256<int> Slow(int* table, Vector256<int> index) => Vector256.Create(
        table[index[0]],
        table[index[1]],
        table[index[2]],
        table[index[3]],
        table[index[4]],
        table[index[5]],
        table[index[6]],
        table[index[7]]);
}
