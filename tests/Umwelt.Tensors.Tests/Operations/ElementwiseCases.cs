// Rows of the elementwise operations: every one of them over lengths 0 to 256, broadcast and large.
namespace Umwelt.Tensors.Tests.Operations;

internal static class ElementwiseCases
{
    private static readonly double[] Zero = [0];

    public static IEnumerable<OperationCase> All =>
    [
        Unary("exp", static x => x.Exp(), -10, 10),
        Unary("log", static x => x.Log(), 0.01, 30),
        Unary("sqrt", static x => x.Sqrt(), 0.01, 30),
        Unary("rsqrt", static x => x.Rsqrt(), 0.05, 30),
        Unary("reciprocal", static x => x.Reciprocal(), 0.2, 5),
        Unary("square", static x => x.Square(), -3, 3),
        Unary("abs", static x => x.Abs(), -3, 3, Zero),
        Unary("sin", static x => x.Sin(), -20, 20),
        Unary("cos", static x => x.Cos(), -20, 20),
        Unary("tanh", static x => x.Tanh(), -5, 5),
        Unary("sigmoid", static x => x.Sigmoid(), -12, 12),
        Unary("relu", static x => x.Relu(), -2, 2, Zero),
        Unary("silu", static x => x.Silu(), -12, 12),
        Unary("gelu", static x => x.Gelu(), -6, 6),
        Unary("gelu tanh", static x => x.GeluTanh(), -6, 6),
        Unary("softplus", static x => x.Softplus(), -12, 12),
        Unary("clamp", static x => x.Clamp(-0.5f, 0.75f), -2, 2, [-0.5, 0.75]),
        Unary("pow by 2.5", static x => x.Pow(2.5f), 0.1, 4),
        Unary("pow by -1.5", static x => x.Pow(-1.5f), 0.2, 4),
        Unary("pow by 0", static x => x.Pow(0f), 0.2, 4),
        Unary("negate", static x => -x, -2, 2),
        Unary("affine", static x => x.Affine(1.5f, -0.25f), -2, 2),
        Unary("plus number", static x => x + 0.5f, -2, 2),
        Unary("minus number", static x => x - 0.5f, -2, 2),
        Unary("number minus", static x => 0.5f - x, -2, 2),
        Unary("times number", static x => 3f * x, -2, 2),
        Unary("number plus", static x => 0.5f + x, -2, 2),
        Unary("number over", static x => 3f / x, 0.2, 5),
        Unary("over number", static x => x / 3f, -2, 2),
        Unary("clone", static x => x.Clone(), -2, 2),
        .. Binary("add", static (a, b) => a + b),
        .. Binary("subtract", static (a, b) => a - b),
        .. Binary("multiply", static (a, b) => a * b),
        .. Binary("times silu", static (a, b) => a.TimesSilu(b)),
        .. Binary("divide", static (a, b) => a / b, 0.5, 3),
        .. Binary("pow", static (a, b) => a.Pow(b), 0.2, 3),
        .. Binary("maximum", static (a, b) => a.Maximum(b), isApart: true),
        .. Binary("minimum", static (a, b) => a.Minimum(b), isApart: true),
        .. Binary("less than", static (a, b) => a.LessThan(b), isDifferentiable: false),
        .. Binary("less or equal", static (a, b) => a.LessOrEqualTo(b), isDifferentiable: false),
        .. Binary("greater than", static (a, b) => a.GreaterThan(b), isDifferentiable: false),
        .. Binary("greater or equal", static (a, b) => a.GreaterOrEqualTo(b), isDifferentiable: false),
        .. Binary("equal", static (a, b) => a.EqualTo(b), isDifferentiable: false),
        .. Ternary("multiply add", static (a, b, c) => a.MultiplyAdd(b, c)),
        .. Ternary("where", static (mask, a, b) => mask.Where(a, b), maskFirst: true),
        new("maximum of equals", [Tie(), Tie()], static x => x[0].Maximum(x[1])) { HasFiniteDifferences = false },
        new("an operand with itself", [new(3, 5)], static x => (x[0] * x[0]) + x[0]),
    ];

    private static OperationCase Unary(string name, Func<Tensor, Tensor> function, double low, double high, double[]? kinks = null)
    {
        Operand Of(params int[] lengths) => new(lengths) { Low = low, High = high, Kinks = kinks ?? [] };
        return new OperationCase(name, [Of(3, 4, 5) with { Batch = 0 }], x => function(x[0]))
        {
            Large = [Of(3, 40_000)],
            OfLength = length => [Of(length)],
        };
    }

    private static OperationCase[] Binary(
        string name, Func<Tensor, Tensor, Tensor> function, double low = -2, double high = 2, bool isApart = false, bool isDifferentiable = true)
    {
        // Where ties are kinks the operands lie on two interleaved grids.
        Operand Left(params int[] lengths) => new(lengths) { Low = low, High = high, IsDistinct = isApart };
        Operand Right(params int[] lengths) => Left(lengths) with { Low = low + (isApart ? 0.01 : 0), High = high + (isApart ? 0.01 : 0) };
        OperationCase Row(string row, Operand a, Operand b) =>
            new(row, [a, b], x => function(x[0], x[1])) { IsDifferentiable = isDifferentiable };
        return
        [
            Row(name, Left(3, 4, 5) with { Batch = 0 }, Right(3, 4, 5) with { Batch = 0 }) with
            {
                Large = [Left(3, 40_000), Right(3, 40_000)],
                OfLength = length => [Left(length), Right(length)],
            },
            Row($"{name}, rows broadcast", Left(3, 7) with { Batch = 0 }, Right(7)) with
            {
                Large = [Left(40, 3001), Right(3001)],
                OfLength = length => [Left(3, length), Right(length)],
            },
            Row($"{name}, columns broadcast", Left(3, 1), Right(3, 7)) with
            {
                Large = [Left(40, 1), Right(40, 3001)],
                OfLength = length => [Left(3, 1), Right(3, length)],
            },
            Row($"{name}, both broadcast", Left(4, 1, 5), Right(3, 1)),
            Row($"{name}, with a scalar", Left(4, 5), Right()),
        ];
    }

    private static OperationCase[] Ternary(string name, Func<Tensor, Tensor, Tensor, Tensor> function, bool maskFirst = false)
    {
        Operand First(params int[] lengths) => maskFirst ? Operand.Mask(lengths) : new(lengths);
        return
        [
            new(name, [First(3, 4, 5) with { Batch = 0 }, new(3, 4, 5) { Batch = 0 }, new(3, 4, 5) { Batch = 0 }], x => function(x[0], x[1], x[2]))
            {
                Large = [First(3, 40_000), new(3, 40_000), new(3, 40_000)],
                OfLength = length => [First(length), new(length), new(length)],
            },
            new($"{name}, broadcast", [First(3, 1, 5), new(4, 5), new(3, 4, 1)], x => function(x[0], x[1], x[2]))
            {
                OfLength = length => [First(2, length), new(length), new(2, 1)],
            },
        ];
    }

    private static Operand Tie() => new(4) { Values = [1, 2, 2, 3] };
}
