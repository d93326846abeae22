// Loads and stores whose lane count is V.Count in a loop's body, a constant that folds away, and less in its tail: so
// one expression serves both and they round alike.
using System.Runtime.CompilerServices;

namespace Umwelt.Tensors.Internal.Simd;

internal static unsafe class Lanes
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load<V>(float* source, int count)
        where V : unmanaged, ISimd<V> => count == V.Count ? V.Load(source) : V.LoadPartial(source, count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<V>(V value, float* destination, int count)
        where V : unmanaged, ISimd<V>
    {
        if (count == V.Count)
        {
            V.Store(value, destination);
        }
        else
        {
            V.StorePartial(value, destination, count);
        }
    }
}
