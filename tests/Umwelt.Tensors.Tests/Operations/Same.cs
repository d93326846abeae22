// Comparisons of outcomes: bit for bit, or within a tolerance that is a share of the element and of the typical element
// (and a tenth of it outright, since operands are near 1 and results may be what cancelling left of them).
using System.Globalization;
using Xunit;

namespace Umwelt.Tensors.Tests.Operations;

internal static class Same
{
    public static void Bits(Outcome expected, Outcome actual, string what)
    {
        Assert.Equal(expected.Shape, actual.Shape);
        Bits(expected.Result, actual.Result, $"{what}, result");
        for (var i = 0; i < expected.Gradients.Length; i++)
        {
            Bits(expected.Gradients[i] ?? [], actual.Gradients[i] ?? [], $"{what}, gradient of operand {i}");
        }
    }

    public static void Bits(ReadOnlySpan<double> expected, ReadOnlySpan<double> actual, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            if (BitConverter.DoubleToInt64Bits(expected[i]) != BitConverter.DoubleToInt64Bits(actual[i]))
            {
                Assert.Fail(string.Create(CultureInfo.InvariantCulture, $"{what}: element {i} is {actual[i]:R} and not {expected[i]:R}."));
            }
        }
    }

    public static void Within(Outcome expected, Outcome actual, OperationCase row, string what)
    {
        Assert.Equal(expected.Shape, actual.Shape);
        Assert.Equal(expected.Type, actual.Type);
        Within(expected.Result, actual.Result, row.Tolerance, $"{what}, result");
        for (var i = 0; i < expected.Gradients.Length; i++)
        {
            Within(expected.Gradients[i] ?? [], actual.Gradients[i] ?? [], row.GradientTolerance, $"{what}, gradient of operand {i}");
        }
    }

    public static void Within(ReadOnlySpan<double> expected, ReadOnlySpan<double> actual, double tolerance, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        var squares = 0.0;
        foreach (var value in expected)
        {
            squares += double.IsFinite(value) ? value * value : 0;
        }

        var typical = Math.Sqrt(squares / Math.Max(1, expected.Length));
        for (var i = 0; i < expected.Length; i++)
        {
            var isSame = expected[i].Equals(actual[i]) || Math.Abs(expected[i] - actual[i]) <= tolerance * (Math.Abs(expected[i]) + typical + 0.1);
            if (!isSame)
            {
                Assert.Fail(string.Create(CultureInfo.InvariantCulture, $"{what}: element {i} is {actual[i]:R}, the reference {expected[i]:R}; typical {typical:G3}."));
            }
        }
    }
}
