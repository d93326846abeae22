// One register of float32 lanes, whatever its width: kernels are written once over ISimd and run on every tier.
// Laws: every lane of every operation is rounded as IEEE single; partial loads fill with zeros and touch no memory
// outside [pointer, pointer + count); horizontal sums use one fixed tree for each width.
namespace Umwelt.Tensors.Internal.Simd;

internal unsafe interface ISimd<TSelf>
    where TSelf : unmanaged, ISimd<TSelf>
{
    // Loads and stores.

    /// <summary>Number of float lanes.</summary>
    static abstract int Count { get; }

    static abstract TSelf Zero { get; }

    static abstract TSelf Broadcast(float value);

    static abstract TSelf Load(float* source);

    /// <summary>The first <paramref name="count"/> lanes from memory (0 ≤ count ≤ Count), zeros in the rest.</summary>
    static abstract TSelf LoadPartial(float* source, int count);

    /// <summary>Count bfloat16 values, widened exactly.</summary>
    static abstract TSelf LoadBFloat16(ushort* source);

    static abstract void Store(TSelf value, float* destination);

    static abstract void StorePartial(TSelf value, float* destination, int count);

    /// <summary>Writes around the caches where the machine can; destination aligned to the register's size.</summary>
    static abstract void StoreNonTemporal(TSelf value, float* destination);

    // Arithmetic.

    static abstract TSelf operator +(TSelf a, TSelf b);

    static abstract TSelf operator -(TSelf a, TSelf b);

    static abstract TSelf operator -(TSelf a);

    static abstract TSelf operator *(TSelf a, TSelf b);

    static abstract TSelf operator /(TSelf a, TSelf b);

    /// <summary>Whether <see cref="MultiplyAdd"/> rounds once; a constant to the compiler.</summary>
    static abstract bool HasFusedMultiplyAdd { get; }

    /// <summary>a * b + c, fused where the tier has a fused instruction, two roundings where it has not.</summary>
    static abstract TSelf MultiplyAdd(TSelf a, TSelf b, TSelf c);

    static abstract TSelf Sqrt(TSelf a);

    static abstract TSelf Abs(TSelf a);

    /// <summary>Per lane minimum; NaN in either operand gives NaN.</summary>
    static abstract TSelf Min(TSelf a, TSelf b);

    /// <summary>Per lane maximum; NaN in either operand gives NaN.</summary>
    static abstract TSelf Max(TSelf a, TSelf b);

    /// <summary>The larger of both, NaN where x is NaN; bound is a number.</summary>
    static abstract TSelf AtLeast(TSelf bound, TSelf x);

    /// <summary>The smaller of both, NaN where x is NaN; bound is a number.</summary>
    static abstract TSelf AtMost(TSelf bound, TSelf x);

    /// <summary>x held within ±bound, any number or NaN where x is NaN; bound is a number above 0.</summary>
    static abstract TSelf BoundMagnitude(TSelf x, TSelf bound);

    /// <summary>Rounds to the nearest integer, ties to even.</summary>
    static abstract TSelf Round(TSelf a);

    static abstract TSelf Floor(TSelf a);

    // Comparison: all bits set in lanes where it holds, none elsewhere.

    static abstract TSelf Less(TSelf a, TSelf b);

    static abstract TSelf LessOrEqual(TSelf a, TSelf b);

    static abstract TSelf Equal(TSelf a, TSelf b);

    static abstract TSelf IsNaN(TSelf a);

    /// <summary>All bits set in the first <paramref name="count"/> lanes (0 ≤ count ≤ Count), none in the rest.</summary>
    static abstract TSelf FirstLanes(int count);

    /// <summary>Bitwise choice: lanes of <paramref name="whenTrue"/> where the mask's bits are set.</summary>
    static abstract TSelf Select(TSelf mask, TSelf whenTrue, TSelf whenFalse);

    // Bits and exponents.

    static abstract TSelf operator &(TSelf a, TSelf b);

    static abstract TSelf operator |(TSelf a, TSelf b);

    static abstract TSelf operator ^(TSelf a, TSelf b);

    /// <summary>The unbiased exponent of positive normal x as a float (floor of log2 x).</summary>
    static abstract TSelf Exponent(TSelf x);

    /// <summary>The significand of positive normal x, in [1, 2).</summary>
    static abstract TSelf Significand(TSelf x);

    /// <summary>Whether <see cref="ScaleExponent"/> rounds any n as a product would, to infinity and to zero too.</summary>
    static abstract bool ScaleSaturates { get; }

    /// <summary>
    /// a · 2ⁿ for integer-valued n in [-126, 128] and a in (0.5, 2), where the result is a normal number; NaN in a stays
    /// NaN; lanes outside these bounds hold any value, unless <see cref="ScaleSaturates"/>.
    /// </summary>
    static abstract TSelf ScaleExponent(TSelf a, TSelf n);

    // Across lanes, in a fixed tree.

    static abstract float Sum(TSelf a);

    static abstract float MaxAcross(TSelf a);
}
