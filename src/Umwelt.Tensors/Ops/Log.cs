// The natural logarithm and its gradient.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Gradients;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Ops;

/// <summary>y = ln x.</summary>
internal readonly struct Log : IUnaryOperator, IDifferentiable<Log>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V x)
        where V : unmanaged, ISimd<V> => SimdMath.Log(x);

    public double Reference(double x) => Math.Log(x);

    public static Saved Saves(uint wanted) => Saved.Input0;

    public static void Backward(in Log op, in GradientContext context) =>
        context.Add(0, Elementwise.Plain(default(LogGradient), context.Gradient, context.Input(0)));
}

/// <summary>From (gradient, x): gradient / x.</summary>
internal readonly struct LogGradient : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V gradient, V x)
        where V : unmanaged, ISimd<V> => gradient / x;

    public double Reference(double gradient, double x) => gradient / x;
}
