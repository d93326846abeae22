// The public face of the elementwise operations. Two operands broadcast to a common shape.
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors;

public readonly partial struct Tensor
{
    /// <summary>a + b.</summary>
    public static Tensor operator +(Tensor a, Tensor b) => Elementwise.Binary(default(Add), a, b);

    /// <summary>a + b.</summary>
    public static Tensor operator +(Tensor a, float b) => Elementwise.Unary(new Affine(1, b), a);

    /// <summary>a + b.</summary>
    public static Tensor operator +(float a, Tensor b) => b + a;

    /// <summary>a − b.</summary>
    public static Tensor operator -(Tensor a, Tensor b) => Elementwise.Binary(default(Subtract), a, b);

    /// <summary>a − b.</summary>
    public static Tensor operator -(Tensor a, float b) => Elementwise.Unary(new Affine(1, -b), a);

    /// <summary>a − b.</summary>
    public static Tensor operator -(float a, Tensor b) => Elementwise.Unary(new Affine(-1, a), b);

    /// <summary>−a.</summary>
    public static Tensor operator -(Tensor a) => Elementwise.Unary(default(Negate), a);

    /// <summary>a b, element by element.</summary>
    public static Tensor operator *(Tensor a, Tensor b) => Elementwise.Binary(default(Multiply), a, b);

    /// <summary>a b.</summary>
    public static Tensor operator *(Tensor a, float b) => Elementwise.Unary(new Affine(b, 0), a);

    /// <summary>a b.</summary>
    public static Tensor operator *(float a, Tensor b) => b * a;

    /// <summary>a / b, element by element.</summary>
    public static Tensor operator /(Tensor a, Tensor b) => Elementwise.Binary(default(Divide), a, b);

    /// <summary>a / b.</summary>
    public static Tensor operator /(Tensor a, float b) => Elementwise.Unary(new Affine(1.0 / b, 0), a);

    /// <summary>a / b.</summary>
    public static Tensor operator /(float a, Tensor b)
    {
        using var scope = b.Engine.Scope();
        return scope.Keep(b.Reciprocal() * a);
    }

    /// <summary>this · scale + shift.</summary>
    public Tensor Affine(float scale, float shift) => Elementwise.Unary(new Affine(scale, shift), this);

    /// <summary>this · factor + addend in one pass.</summary>
    public Tensor MultiplyAdd(Tensor factor, Tensor addend) => Elementwise.Ternary(default(MultiplyAdd), this, factor, addend);

    /// <summary>eˣ.</summary>
    public Tensor Exp() => Elementwise.Unary(default(Exp), this);

    /// <summary>ln x.</summary>
    public Tensor Log() => Elementwise.Unary(default(Log), this);

    /// <summary>√x.</summary>
    public Tensor Sqrt() => Elementwise.Unary(default(Sqrt), this);

    /// <summary>1/√x.</summary>
    public Tensor Rsqrt() => Elementwise.Unary(default(Rsqrt), this);

    /// <summary>1/x.</summary>
    public Tensor Reciprocal() => Elementwise.Unary(default(Reciprocal), this);

    /// <summary>x².</summary>
    public Tensor Square() => Elementwise.Unary(default(Square), this);

    /// <summary>|x|.</summary>
    public Tensor Abs() => Elementwise.Unary(default(Abs), this);

    /// <summary>sin x.</summary>
    public Tensor Sin() => Elementwise.Unary(default(Sin), this);

    /// <summary>cos x.</summary>
    public Tensor Cos() => Elementwise.Unary(default(Cos), this);

    /// <summary>tanh x.</summary>
    public Tensor Tanh() => Elementwise.Unary(default(Tanh), this);

    /// <summary>1 / (1 + e⁻ˣ).</summary>
    public Tensor Sigmoid() => Elementwise.Unary(default(Sigmoid), this);

    /// <summary>max(0, x).</summary>
    public Tensor Relu() => Elementwise.Unary(default(Relu), this);

    /// <summary>x σ(x).</summary>
    public Tensor Silu() => Elementwise.Unary(default(Silu), this);

    /// <summary>This · SiLU(x) in one pass, as a gated feed-forward wants it.</summary>
    public Tensor TimesSilu(Tensor x) => Elementwise.Binary(default(SiluTimes), this, x);

    /// <summary>x Φ(x), by the error function.</summary>
    public Tensor Gelu() => Elementwise.Unary(default(Gelu), this);

    /// <summary>GELU by its tanh approximation.</summary>
    public Tensor GeluTanh() => Elementwise.Unary(default(GeluTanh), this);

    /// <summary>ln(1 + eˣ).</summary>
    public Tensor Softplus() => Elementwise.Unary(default(Softplus), this);

    /// <summary>x kept within bounds; no gradient outside them.</summary>
    public Tensor Clamp(float low, float high) => Elementwise.Unary(new Clamp(low, high), this);

    /// <summary>x to a constant power.</summary>
    public Tensor Pow(float exponent) => Elementwise.Unary(new PowConstant(exponent), this);

    /// <summary>x to the power of another tensor's elements.</summary>
    public Tensor Pow(Tensor exponent) => Elementwise.Binary(default(Pow), this, exponent);

    /// <summary>The larger of two elements; on a tie each takes half the gradient.</summary>
    public Tensor Maximum(Tensor other) => Elementwise.Binary(default(Maximum), this, other);

    /// <summary>The smaller of two elements; on a tie each takes half the gradient.</summary>
    public Tensor Minimum(Tensor other) => Elementwise.Binary(default(Minimum), this, other);

    /// <summary>1 where this is less than the other, else 0.</summary>
    public Tensor LessThan(Tensor other) => Elementwise.Plain(default(Less), this, other);

    /// <summary>1 where this is at most the other, else 0.</summary>
    public Tensor LessOrEqualTo(Tensor other) => Elementwise.Plain(default(LessOrEqual), this, other);

    /// <summary>1 where this is more than the other, else 0.</summary>
    public Tensor GreaterThan(Tensor other) => other.LessThan(this);

    /// <summary>1 where this is at least the other, else 0.</summary>
    public Tensor GreaterOrEqualTo(Tensor other) => other.LessOrEqualTo(this);

    /// <summary>1 where the two are equal, else 0.</summary>
    public Tensor EqualTo(Tensor other) => Elementwise.Plain(default(Equal), this, other);

    /// <summary>With this as a mask: elements of <paramref name="whenSet"/> where it is not 0, else of <paramref name="whenZero"/>.</summary>
    public Tensor Where(Tensor whenSet, Tensor whenZero) => Elementwise.Ternary(default(Where), this, whenSet, whenZero);
}
