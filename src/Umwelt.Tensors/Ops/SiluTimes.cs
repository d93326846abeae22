// The gated product of a SwiGLU feed-forward (Shazeer 2020, equation 6) in one pass: nothing between is written, or kept for
// the gradient. Bits are those of SiLU and a product one after the other, forwards and backwards.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Gradients;
using Umwelt.Tensors.Internal.Cpu.Elementwise;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Ops;

/// <summary>From (factor, x): y = factor · x σ(x).</summary>
internal readonly unsafe struct SiluTimes : IBinaryOperator, IDifferentiable<SiluTimes>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V factor, V x)
        where V : unmanaged, ISimd<V> => factor * SiluFormula<V>.Hold(0).Of(x);

    public static void Loop<V, TSelf>(in TSelf op, float* a, float* b, float* y, long count, bool aroundCaches)
        where V : unmanaged, ISimd<V>
        where TSelf : unmanaged, IBinaryOperator => FormulaLoops.Binary<V, SiluTimesFormula<V>>(a, b, y, count, aroundCaches);

    public double Reference(double factor, double x) => factor * default(Silu).Reference(x);

    public static Saved Saves(uint wanted) => (wanted & 2) != 0 ? Saved.Input0 | Saved.Input1 : Saved.Input1;

    public static void Backward(in SiluTimes op, in GradientContext context)
    {
        if (context.Wants(0))
        {
            context.Add(0, context.Gradient.TimesSilu(context.Input(1)));
        }

        if (context.Wants(1))
        {
            context.Add(1, Elementwise.Plain(default(SiluTimesGradient), context.Gradient, context.Input(0), context.Input(1)));
        }
    }
}

internal readonly unsafe struct SiluTimesFormula<V> : IBinaryFormula<V, SiluTimesFormula<V>>
    where V : unmanaged, ISimd<V>
{
    private readonly SiluFormula<V> _silu;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private SiluTimesFormula(int zero) => _silu = SiluFormula<V>.Hold(zero);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SiluTimesFormula<V> Hold(int zero) => new(zero);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Of(V factor, V x) => factor * _silu.Of(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Of(float* factor, ref V a, ref V b, ref V c, ref V d)
    {
        _silu.Of(ref a, ref b, ref c, ref d);
        a = V.Load(factor) * a;
        b = V.Load(factor + V.Count) * b;
        c = V.Load(factor + (2 * V.Count)) * c;
        d = V.Load(factor + (3 * V.Count)) * d;
    }
}

/// <summary>From (gradient, factor, x): the gradient of x.</summary>
internal readonly struct SiluTimesGradient : ITernaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V gradient, V factor, V x)
        where V : unmanaged, ISimd<V> => SiluGradientFormula<V>.Hold(0).Of(gradient * factor, x);

    public double Reference(double gradient, double factor, double x) => default(SiluGradient).Reference(gradient * factor, x);
}
