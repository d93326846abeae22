// eˣ, bit for bit as SimdMath.Exp, its constants held in registers for loops that do little else.
using System.Runtime.CompilerServices;

namespace Umwelt.Tensors.Internal.Simd;

internal readonly struct Exponential<V>
    where V : unmanaged, ISimd<V>
{
    private readonly NonPositiveExponential<V> _bounded;
    private readonly V _most;

    /// <summary>As <see cref="Held.Broadcast"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Exponential(int zero)
    {
        _bounded = new NonPositiveExponential<V>(zero);
        _most = Held.Broadcast<V>(SimdMath.MostScaled, zero);
    }

    public V One => _bounded.One;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Of(V x) => _bounded.Of(V.ScaleSaturates ? V.AtMost(_most, x) : x);
}
