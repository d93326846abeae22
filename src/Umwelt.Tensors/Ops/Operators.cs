// What an elementwise operation is: a readonly struct whose fields are its attributes, with the vector form that kernels
// run and the double form that says what it means. Forward is pure: it reads its lanes and nothing else.
using Umwelt.Tensors.Internal.Cpu.Elementwise;
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Ops;

internal unsafe interface IUnaryOperator
{
    V Forward<V>(V x)
        where V : unmanaged, ISimd<V>;

    double Reference(double x);

    /// <summary>y[i] = op(x[i]) by the plain loops; an operator with many constants runs its formula over <see cref="FormulaLoops"/>.</summary>
    static virtual void Loop<V, TSelf>(in TSelf op, float* x, float* y, long count, bool aroundCaches)
        where V : unmanaged, ISimd<V>
        where TSelf : unmanaged, IUnaryOperator
    {
        if (aroundCaches)
        {
            UnaryDriver.LoopAroundCaches<V, TSelf>(op, x, y, count);
        }
        else
        {
            UnaryDriver.Loop<V, TSelf>(op, x, y, count);
        }
    }
}

internal unsafe interface IBinaryOperator
{
    V Forward<V>(V a, V b)
        where V : unmanaged, ISimd<V>;

    double Reference(double a, double b);

    /// <summary>y[i] = op(a[i], b[i]), likewise.</summary>
    static virtual void Loop<V, TSelf>(in TSelf op, float* a, float* b, float* y, long count, bool aroundCaches)
        where V : unmanaged, ISimd<V>
        where TSelf : unmanaged, IBinaryOperator
    {
        if (aroundCaches)
        {
            BinaryDriver.LoopAroundCaches<V, TSelf>(op, a, b, y, count);
        }
        else
        {
            BinaryDriver.Loop<V, TSelf>(op, a, b, y, count);
        }
    }
}

internal interface ITernaryOperator
{
    V Forward<V>(V a, V b, V c)
        where V : unmanaged, ISimd<V>;

    double Reference(double a, double b, double c);
}

/// <summary>An operator's formula with its constants in registers.</summary>
internal interface IUnaryFormula<V, TSelf>
    where V : unmanaged, ISimd<V>
    where TSelf : struct, IUnaryFormula<V, TSelf>
{
    /// <summary>With the constants as <see cref="Held.Broadcast"/> makes them.</summary>
    static abstract TSelf Hold(int zero);

    V Of(V x);

    /// <summary>The same of four registers at once, as <see cref="PowerOfTwo{V}"/> takes them.</summary>
    void Of(ref V a, ref V b, ref V c, ref V d);
}

/// <summary>The same of two operands.</summary>
internal unsafe interface IBinaryFormula<V, TSelf>
    where V : unmanaged, ISimd<V>
    where TSelf : struct, IBinaryFormula<V, TSelf>
{
    static abstract TSelf Hold(int zero);

    V Of(V a, V b);

    /// <summary>The same of four registers at once; b to e, each beside its register of <paramref name="a"/>.</summary>
    void Of(float* a, ref V b, ref V c, ref V d, ref V e);
}
