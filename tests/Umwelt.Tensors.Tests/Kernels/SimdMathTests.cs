// Accuracy of the elementary functions against double precision over a sweep of all float32 bit patterns, and their
// values at the corners. The bounds hold on every tier.
using System.Runtime.CompilerServices;
using Umwelt.Tensors.Internal.Cpu;
using Umwelt.Tensors.Internal.Cpu.Elementwise;
using Umwelt.Tensors.Internal.Simd;
using Umwelt.Tensors.Ops;
using Xunit;

namespace Umwelt.Tensors.Tests.Kernels;

public sealed unsafe class SimdMathTests
{
    private const uint Step = 29989;

    [Fact]
    public void ExpIsWithinTwoUnits() => AssertAccurate(new Exp(), 2);

    [Fact]
    public void LogIsWithinTwoUnits() => AssertAccurate(new Log(), 2);

    [Fact]
    public void Log1pIsWithinThreeUnits() => AssertAccurate(new Log1pOperator(), 3);

    [Fact]
    public void TanhIsWithinThreeUnits() => AssertAccurate(new Tanh(), 3);

    [Fact]
    public void SigmoidIsWithinThreeUnits() => AssertAccurate(new Sigmoid(), 3);

    [Fact]
    public void ErfIsWithinThreeUnits() => AssertAccurate(new ErfOperator(), 3);

    [Fact]
    public void SineIsWithinFourUnitsUpToAHundredThousand() => AssertAccurate(new Sin(), 4, 1e5f);

    [Fact]
    public void CosineIsWithinFourUnitsUpToAHundredThousand() => AssertAccurate(new Cos(), 4, 1e5f);

    [Fact]
    public void PowerIsWithinFourUnits()
    {
        float[] exponents = [0.5f, -0.5f, 2f, 3f, -1f, 0.1f, 7.3f, -12.7f, 1.0001f, 0f, 31f, 1e-3f, 80f];
        foreach (var exponent in exponents)
        {
            AssertAccurate(new PowConstant(exponent), 4);
        }
    }

    [Fact]
    public void PowerTreatsCornersAsIeeeDoes()
    {
        float[] values = [0f, -0f, 1f, -1f, 2f, -2f, 3f, -3f, 0.5f, -0.5f, 1e30f, -1e30f, 1e-30f, float.PositiveInfinity, float.NegativeInfinity, float.NaN];
        using var workers = new WorkerPool(1);
        foreach (var a in values)
        {
            foreach (var b in values)
            {
                float x = a, y = b, result = 0;
                BinaryDriver.Run(workers, new Pow(), &x, &y, &result, 1);
                var expected = (float)Math.Pow(a, b);
                Assert.True(
                    float.IsNaN(expected) ? float.IsNaN(result) : BitConverter.SingleToInt32Bits(expected) == BitConverter.SingleToInt32Bits(result) || Math.Abs(result - expected) <= 4e-7f * Math.Abs(expected),
                    $"pow({a}, {b}) = {result}, expected {expected}");
            }
        }
    }

    [Fact]
    public void OddFunctionsKeepTheSignOfZero()
    {
        AssertBits(new Sin(), -0f, -0f);
        AssertBits(new Tanh(), -0f, -0f);
        AssertBits(new ErfOperator(), -0f, -0f);
        AssertBits(new Sin(), 0f, 0f);
        AssertBits(new Tanh(), float.NegativeInfinity, -1f);
        AssertBits(new ErfOperator(), float.PositiveInfinity, 1f);
        AssertBits(new Exp(), float.NegativeInfinity, 0f);
        AssertBits(new Log(), -0f, float.NegativeInfinity);
        AssertBits(new Cos(), -0f, 1f);
    }

    private static void AssertBits<TOperator>(TOperator op, float x, float expected)
        where TOperator : unmanaged, IUnaryOperator
    {
        using var workers = new WorkerPool(1);
        float y;
        UnaryDriver.Run(workers, op, &x, &y, 1);
        Assert.Equal(BitConverter.SingleToInt32Bits(expected), BitConverter.SingleToInt32Bits(y));
    }

    private static void AssertAccurate<TOperator>(TOperator op, double units, float limit = float.PositiveInfinity)
        where TOperator : unmanaged, IUnaryOperator
    {
        var inputs = Sweep(limit);
        var outputs = new float[inputs.Length];
        using var workers = new WorkerPool(1);
        fixed (float* x = inputs)
        fixed (float* y = outputs)
        {
            UnaryDriver.Run(workers, op, x, y, inputs.Length);
        }

        var worst = 0.0;
        var worstAt = 0;
        for (var i = 0; i < inputs.Length; i++)
        {
            var error = ErrorInUnits(outputs[i], op.Reference(inputs[i]));
            if (error > worst)
            {
                (worst, worstAt) = (error, i);
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{typeof(TOperator).Name}: {worst:f3} units at {inputs[worstAt]:g9}");
        Assert.True(worst <= units, $"{typeof(TOperator).Name}({inputs[worstAt]:g9}) = {outputs[worstAt]:g9}: {worst:g4} units from {op.Reference(inputs[worstAt]):g12}");
    }

    private static float[] Sweep(float limit)
    {
        var inputs = new List<float> { 0f, -0f, 1f, -1f, float.Epsilon, 1.17549435e-38f, 88.7228317f, -87.3365402f, -87.3365479f, 88.7228394f };
        if (float.IsPositiveInfinity(limit))
        {
            inputs.AddRange([float.PositiveInfinity, float.NegativeInfinity, float.NaN]);
        }

        for (var bits = 0UL; bits <= uint.MaxValue; bits += Step)
        {
            var x = BitConverter.UInt32BitsToSingle((uint)bits);
            if (Math.Abs(x) <= limit)
            {
                inputs.Add(x);
            }
        }

        // Where functions bend, the bit patterns alone are too sparse.
        for (var i = -50000; i <= 50000; i++)
        {
            inputs.Add(i * 2e-3f);
        }

        return inputs.ToArray();
    }

    /// <summary>Distance in units of the last place of a float32 near the true value; results below 2⁻¹²⁶ may be zero.</summary>
    private static double ErrorInUnits(float actual, double expected)
    {
        const double smallestNormal = 1.1754943508222875e-38;
        if (double.IsNaN(expected) || float.IsNaN(actual))
        {
            return double.IsNaN(expected) == float.IsNaN(actual) ? 0 : double.PositiveInfinity;
        }

        var rounded = (float)expected;
        if (float.IsInfinity(rounded) || float.IsInfinity(actual))
        {
            return rounded == actual ? 0 : double.PositiveInfinity;
        }

        if (Math.Abs(expected) < smallestNormal)
        {
            return Math.Abs(actual) <= smallestNormal ? 0 : double.PositiveInfinity;
        }

        return Math.Abs(actual - expected) / (MathF.BitIncrement(Math.Abs(rounded)) - Math.Abs(rounded));
    }

    private readonly struct Log1pOperator : IUnaryOperator
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Forward<V>(V x)
            where V : unmanaged, ISimd<V> => SimdMath.Log1p(x);

        public double Reference(double x) => double.IsPositiveInfinity(x) ? x : ReferenceMath.Log1p(x);
    }

    private readonly struct ErfOperator : IUnaryOperator
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Forward<V>(V x)
            where V : unmanaged, ISimd<V> => SimdMath.Erf(x);

        public double Reference(double x) => ReferenceMath.Erf(x);
    }
}
