// A choice by a mask of zeros and ones (any number but 0 counts as one); the mask takes no gradient.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Gradients;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Ops;

/// <summary>y = a where mask ≠ 0, else b.</summary>
internal readonly struct Where : ITernaryOperator, IDifferentiable<Where>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V mask, V a, V b)
        where V : unmanaged, ISimd<V> => V.Select(V.Equal(mask, V.Zero), b, a);

    public double Reference(double mask, double a, double b) => mask != 0.0 ? a : b;

    public static Saved Saves(uint wanted) => Saved.Input0;

    public static void Backward(in Where op, in GradientContext context)
    {
        if (context.Wants(1))
        {
            context.Add(1, Elementwise.Plain(default(WhereGradient), context.Gradient, context.Input(0)));
        }

        if (context.Wants(2))
        {
            context.Add(2, Elementwise.Plain(default(WhereNotGradient), context.Gradient, context.Input(0)));
        }
    }
}

/// <summary>The gradient of a from (gradient, mask): gradient where mask ≠ 0, else 0.</summary>
internal readonly struct WhereGradient : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V gradient, V mask)
        where V : unmanaged, ISimd<V> => V.Select(V.Equal(mask, V.Zero), V.Zero, gradient);

    public double Reference(double gradient, double mask) => mask != 0.0 ? gradient : 0.0;
}

/// <summary>The gradient of b from (gradient, mask): gradient where mask = 0, else 0.</summary>
internal readonly struct WhereNotGradient : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V gradient, V mask)
        where V : unmanaged, ISimd<V> => V.Select(V.Equal(mask, V.Zero), gradient, V.Zero);

    public double Reference(double gradient, double mask) => mask != 0.0 ? 0.0 : gradient;
}
