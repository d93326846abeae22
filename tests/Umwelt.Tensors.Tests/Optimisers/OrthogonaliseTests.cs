// The iteration inside Muon, against the same iteration written plainly in double, and against what it is for: singular
// values near one, singular vectors as they were. Singular values come from one-sided Jacobi rotations
// (Golub and Van Loan, Matrix Computations, section 8.6).
using Umwelt.Storage;
using Umwelt.Tensors.Optimisers;
using Xunit;

namespace Umwelt.Tensors.Tests.Optimisers;

public sealed class OrthogonaliseTests
{
    public static TheoryData<int, int> Shapes => new() { { 24, 6 }, { 6, 24 }, { 16, 16 }, { 40, 33 }, { 1, 9 }, { 9, 1 } };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void The_iteration_is_the_plain_one_within_rounding(int rows, int columns)
    {
        var matrix = Draw(rows, columns);
        var expected = Plain(matrix);
        Close(expected, On(new ReferenceBackend(), matrix), 1e-6);
        Close(expected, On(new CpuBackend(2), matrix), 1e-4);
    }

    [Theory]
    [InlineData(24, 6)]
    [InlineData(6, 24)]
    [InlineData(128, 32)]
    [InlineData(32, 96)]
    public void Singular_values_come_near_one_and_directions_stay(int rows, int columns)
    {
        var matrix = Draw(rows, columns);
        var result = On(new CpuBackend(2), matrix);
        Assert.All(SingularValues(result), static value => Assert.InRange(value, 0.65, 1.25));
        Assert.True(SingularValues(matrix).Max() > 1.5 * SingularValues(matrix).Min());

        // A polynomial in the matrix keeps its directions: MᵀX is symmetric, for X = U f(S) Vᵀ and M = U S Vᵀ.
        var product = Product(Transposed(matrix), result);
        Close(product, Transposed(product), 1e-3);
    }

    private static double[,] Draw(int rows, int columns)
    {
        var stream = RandomStream.Of(7, rows, columns);
        var matrix = new double[rows, columns];
        for (var i = 0; i < matrix.Length; i++)
        {
            matrix[i / columns, i % columns] = (float)stream.NextNormal();
        }

        return matrix;
    }

    private static double[,] On(Backend backend, double[,] matrix)
    {
        using var engine = new Engine(backend);
        using var scope = engine.Scope();
        var (rows, columns) = (matrix.GetLength(0), matrix.GetLength(1));
        var elements = Muon.Orthogonalise(engine.From<double>([.. matrix.Cast<double>()], [rows, columns])).ToArray<double>();
        var result = new double[rows, columns];
        Buffer.BlockCopy(elements, 0, result, 0, elements.Length * sizeof(double));
        return result;
    }

    private static double[,] Plain(double[,] matrix)
    {
        if (matrix.GetLength(0) > matrix.GetLength(1))
        {
            return Transposed(Plain(Transposed(matrix)));
        }

        var norm = Math.Sqrt(matrix.Cast<double>().Sum(static x => x * x)) + 1e-7;
        var x = Map(matrix, element => element / norm);
        for (var step = 0; step < 5; step++)
        {
            var gram = Product(x, Transposed(x));
            var cubic = Product(gram, x);
            var quintic = Product(gram, cubic);
            x = Map(x, (element, i, j) => (3.4445 * element) - (4.7750 * cubic[i, j]) + (2.0315 * quintic[i, j]));
        }

        return x;
    }

    // Turns pairs of columns until all are orthogonal; then their lengths are the singular values.
    private static double[] SingularValues(double[,] matrix)
    {
        var a = matrix.GetLength(0) < matrix.GetLength(1) ? Transposed(matrix) : (double[,])matrix.Clone();
        var (rows, columns) = (a.GetLength(0), a.GetLength(1));
        double Dot(int p, int q) => Enumerable.Range(0, rows).Sum(i => a[i, p] * a[i, q]);
        for (var sweep = 0; sweep < 12; sweep++)
        {
            for (var p = 0; p < columns; p++)
            {
                for (var q = p + 1; q < columns; q++)
                {
                    var angle = 0.5 * Math.Atan2(2 * Dot(p, q), Dot(p, p) - Dot(q, q));
                    var (sine, cosine) = Math.SinCos(angle);
                    for (var i = 0; i < rows; i++)
                    {
                        (a[i, p], a[i, q]) = ((cosine * a[i, p]) + (sine * a[i, q]), (cosine * a[i, q]) - (sine * a[i, p]));
                    }
                }
            }
        }

        return [.. Enumerable.Range(0, columns).Select(p => Math.Sqrt(Dot(p, p)))];
    }

    private static double[,] Product(double[,] a, double[,] b) => Map(
        new double[a.GetLength(0), b.GetLength(1)],
        (_, i, j) => Enumerable.Range(0, a.GetLength(1)).Sum(k => a[i, k] * b[k, j]));

    private static double[,] Transposed(double[,] a) => Map(new double[a.GetLength(1), a.GetLength(0)], (_, i, j) => a[j, i]);

    private static double[,] Map(double[,] a, Func<double, double> function) => Map(a, (element, _, _) => function(element));

    private static double[,] Map(double[,] a, Func<double, int, int, double> function)
    {
        var result = new double[a.GetLength(0), a.GetLength(1)];
        for (var i = 0; i < a.GetLength(0); i++)
        {
            for (var j = 0; j < a.GetLength(1); j++)
            {
                result[i, j] = function(a[i, j], i, j);
            }
        }

        return result;
    }

    private static void Close(double[,] expected, double[,] actual, double tolerance)
    {
        foreach (var (x, y) in expected.Cast<double>().Zip(actual.Cast<double>()))
        {
            Assert.Equal(x, y, tolerance);
        }
    }
}
