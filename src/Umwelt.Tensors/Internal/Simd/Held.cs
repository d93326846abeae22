// Numbers that stay in registers for a whole loop. The compiler repeats a constant from memory at each use, a load for nearly
// every operation of a polynomial; what it cannot see through it keeps where there are registers. It sees through a zero
// written as one, but not through an argument of a method that is never inlined.
using System.Runtime.CompilerServices;

namespace Umwelt.Tensors.Internal.Simd;

internal static class Held
{
    /// <summary>The value in every lane; <paramref name="zero"/> is 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Broadcast<V>(float value, int zero)
        where V : unmanaged, ISimd<V> =>
        V.Broadcast(BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(value) | zero));
}
