// What an elementwise operation is: a readonly struct whose fields are its attributes, with the vector form that kernels
// run and the double form that says what it means. Forward is pure: it reads its lanes and nothing else.
using Umwelt.Tensors.Internal.Simd;

namespace Umwelt.Tensors.Ops;

internal interface IUnaryOperator
{
    V Forward<V>(V x)
        where V : unmanaged, ISimd<V>;

    double Reference(double x);
}

internal interface IBinaryOperator
{
    V Forward<V>(V a, V b)
        where V : unmanaged, ISimd<V>;

    double Reference(double a, double b);
}

internal interface ITernaryOperator
{
    V Forward<V>(V a, V b, V c)
        where V : unmanaged, ISimd<V>;

    double Reference(double a, double b, double c);
}
