// Every elementwise operator: its vector form against its reference form at all lengths from 0 to 256, between guard
// pages, and its gradient against central differences of the reference.
using System.Runtime.InteropServices;
using Umwelt.Tensors.Internal.Cpu;
using Umwelt.Tensors.Internal.Cpu.Elementwise;
using Umwelt.Tensors.Ops;
using Xunit;

namespace Umwelt.Tensors.Tests.Kernels;

public sealed unsafe class OperatorTests
{
    private static readonly GuardSide[] Sides = [GuardSide.After, GuardSide.Before];

    [Fact]
    public void UnaryOperatorsMatchTheirReferenceAtEveryLength()
    {
        Unary(new Negate(), -6f, 6f);
        Unary(new Affine(3f, -0.5f), -6f, 6f);
        Unary(new Exp(), -6f, 6f);
        Unary(new Log(), 0.05f, 9f);
        Unary(new Sqrt(), 0.05f, 9f);
        Unary(new Rsqrt(), 0.05f, 9f);
        Unary(new Tanh(), -6f, 6f);
        Unary(new Sigmoid(), -6f, 6f);
        Unary(new Silu(), -6f, 6f);
        Unary(new Gelu(), -6f, 6f);
        Unary(new GeluTanh(), -6f, 6f);
        Unary(new Relu(), -6f, 6f);
        Unary(new Softplus(), -6f, 6f);
        Unary(new Sin(), -6f, 6f);
        Unary(new Cos(), -6f, 6f);
        Unary(new Abs(), -6f, 6f);
        Unary(new Square(), -6f, 6f);
        Unary(new Reciprocal(), 0.05f, 9f);
        Unary(new Clamp(-1f, 0.75f), -6f, 6f);
        Unary(new PowConstant(2.5f), 0.05f, 9f);
    }

    [Fact]
    public void GeluAndSiluEndAtTheirLimits()
    {
        float[] x = [1e30f, -1e30f, 150f, -150f, 0f, float.NaN, float.PositiveInfinity];
        float[] limits = [1e30f, -0f, 150f, -0f, 0f, float.NaN, float.PositiveInfinity];
        Assert.Equal(limits, Values(new GeluTanh(), x));
        Assert.Equal([.. limits, 0f], Values(new Silu(), [.. x, float.NegativeInfinity]));
        Assert.Equal([.. limits, 0f, 0f, 5.6f], Values(new Gelu(), [.. x, float.NegativeInfinity, -5.6f, 5.6f]));

        // Four registers side by side end as one alone does.
        foreach (var (value, limit) in x.Zip(limits))
        {
            Assert.All(Values(new GeluTanh(), Repeated(value)), y => Assert.Equal(limit, y));
            Assert.All(Values(new Silu(), Repeated(value)), y => Assert.Equal(limit, y));
            Assert.All(Values(new Gelu(), Repeated(value)), y => Assert.Equal(limit, y));
        }

        static float[] Repeated(float value) => Enumerable.Repeat(value, 64).ToArray();

        static float[] Values<TOperator>(TOperator op, float[] x)
            where TOperator : unmanaged, IUnaryOperator
        {
            var y = new float[x.Length];
            using var workers = new WorkerPool(1);
            fixed (float* px = x, py = y)
            {
                UnaryDriver.Run(workers, op, px, py, x.Length);
            }

            return y;
        }
    }

    [Fact]
    public void OperatorsTooLargeForTheCachesHaveTheBitsOfSmallOnes()
    {
        var count = (int)NonTemporal.Threshold;
        var memory = (float*)NativeMemory.AlignedAlloc(4 * (nuint)count * sizeof(float), 64);
        var x = memory;
        var gradient = x + count;
        var whole = gradient + count;
        var parts = whole + count;
        for (var i = 0; i < count; i++)
        {
            x[i] = ((i * 7919L % 20011) - 10005) / 800f;
            gradient[i] = ((i * 104729L % 20011) - 10005) / 5000f;
        }

        using var workers = new WorkerPool(3);
        UnaryParts(new Silu());
        UnaryParts(new Gelu());
        UnaryParts(new GeluTanh());
        BinaryParts(new SiluGradient());
        BinaryParts(new SiluTimes());
        BinaryParts(new GeluGradient());
        BinaryParts(new GeluTanhGradient());
        NativeMemory.AlignedFree(memory);

        void UnaryParts<TOperator>(TOperator op)
            where TOperator : unmanaged, IUnaryOperator
        {
            UnaryDriver.Run(workers, op, x, whole, count);
            for (var i = 0; i < count; i += 100_003)
            {
                UnaryDriver.Run(workers, op, x + i, parts + i, Math.Min(100_003, count - i));
            }

            Assert.True(new Span<float>(whole, count).SequenceEqual(new Span<float>(parts, count)), typeof(TOperator).Name);
        }

        void BinaryParts<TOperator>(TOperator op)
            where TOperator : unmanaged, IBinaryOperator
        {
            BinaryDriver.Run(workers, op, gradient, x, whole, count);
            for (var i = 0; i < count; i += 100_003)
            {
                BinaryDriver.Run(workers, op, gradient + i, x + i, parts + i, Math.Min(100_003, count - i));
            }

            Assert.True(new Span<float>(whole, count).SequenceEqual(new Span<float>(parts, count)), typeof(TOperator).Name);
        }
    }

    [Fact]
    public void BinaryOperatorsMatchTheirReferenceAtEveryLength()
    {
        Binary(new Add(), -4f, 4f);
        Binary(new Subtract(), -4f, 4f);
        Binary(new Multiply(), -4f, 4f);
        Binary(new Divide(), 0.1f, 4f);
        Binary(new Minimum(), -4f, 4f);
        Binary(new Maximum(), -4f, 4f);
        Binary(new Pow(), 0.1f, 4f);
        Binary(new SiluTimes(), -4f, 4f);
        Binary(new Less(), -4f, 4f);
        Binary(new LessOrEqual(), -4f, 4f);
        Binary(new Equal(), -4f, 4f);
    }

    [Fact]
    public void TernaryOperatorsMatchTheirReferenceAtEveryLength()
    {
        Ternary(new Where(), -4f, 4f);
        Ternary(new MultiplyAdd(), -4f, 4f);
        Ternary(new MinimumGradient(), -4f, 4f);
        Ternary(new MaximumGradient(), -4f, 4f);
        Ternary(new DivideGradient(), 0.1f, 4f);
        Ternary(new SiluTimesGradient(), -4f, 4f);
        Ternary(new PowBaseGradient(), 0.1f, 4f);
        Ternary(new PowExponentGradient(), 0.1f, 4f);
    }

    [Fact]
    public void GradientsMatchCentralDifferences()
    {
        Gradient(new Exp(), new ExpGradient(), true, -6f, 6f);
        Gradient(new Log(), new LogGradient(), false, 0.05f, 9f);
        Gradient(new Sqrt(), new SqrtGradient(), true, 0.05f, 9f);
        Gradient(new Rsqrt(), new RsqrtGradient(), true, 0.05f, 9f);
        Gradient(new Tanh(), new TanhGradient(), true, -6f, 6f);
        Gradient(new Sigmoid(), new SigmoidGradient(), true, -6f, 6f);
        Gradient(new Silu(), new SiluGradient(), false, -6f, 6f);
        Gradient(new Gelu(), new GeluGradient(), false, -6f, 6f);
        Gradient(new GeluTanh(), new GeluTanhGradient(), false, -6f, 6f);
        Gradient(new Relu(), new ReluGradient(), true, -6f, 6f);
        Gradient(new Softplus(), new SoftplusGradient(), false, -6f, 6f);
        Gradient(new Sin(), new SinGradient(), false, -6f, 6f);
        Gradient(new Cos(), new CosGradient(), false, -6f, 6f);
        Gradient(new Abs(), new AbsGradient(), false, -6f, 6f);
        Gradient(new Square(), new SquareGradient(), false, -6f, 6f);
        Gradient(new Reciprocal(), new ReciprocalGradient(), true, 0.05f, 9f);
        Gradient(new Clamp(-1f, 0.75f), new ClampGradient(-1f, 0.75f), false, -6f, 6f);
        Gradient(new PowConstant(2.5f), new PowConstantGradient(2.5f), false, 0.05f, 9f);
    }

    [Fact]
    public void BinaryGradientsMatchCentralDifferences()
    {
        const double h = 1e-5;
        for (var a = 0.3; a < 3; a += 0.37)
        {
            for (var b = 0.4; b < 3; b += 0.41)
            {
                Near((Math.Pow(a + h, b) - Math.Pow(a - h, b)) / (2 * h), new PowBaseGradient().Reference(1, a, b));
                Near((Math.Pow(a, b + h) - Math.Pow(a, b - h)) / (2 * h), new PowExponentGradient().Reference(1, a, Math.Pow(a, b)));
                Near(((a / (b + h)) - (a / (b - h))) / (2 * h), new DivideGradient().Reference(1, a / b, b));
                Near(a < b ? 1 : 0, new MinimumGradient().Reference(1, a, b));
                Near(a > b ? 1 : 0, new MaximumGradient().Reference(1, a, b));
            }
        }

        Assert.Equal(0.5, new MaximumGradient().Reference(1, 2, 2));

        static void Near(double expected, double actual) => Assert.True(Math.Abs(expected - actual) <= 1e-6 * (1 + Math.Abs(expected)));
    }

    private static void Unary<TOperator>(TOperator op, float low, float high)
        where TOperator : unmanaged, IUnaryOperator
    {
        using var workers = new WorkerPool(1);
        var samples = Samples.Uniform(256, low, high);
        foreach (var side in Sides)
        {
            using var xBuffer = new GuardedBuffer(256, side: side);
            using var yBuffer = new GuardedBuffer(256, side: side);
            for (var length = 0; length <= 256; length++)
            {
                var x = new Run(xBuffer, length, side);
                var y = new Run(yBuffer, length, side);
                samples.AsSpan(0, length).CopyTo(x.Span);
                UnaryDriver.Run(workers, op, x.Floats, y.Floats, length);
                var expected = new double[length];
                for (var i = 0; i < length; i++)
                {
                    expected[i] = op.Reference(x.Span[i]);
                }

                Samples.AssertClose(y.Span, expected, 3e-6, 1e-6, typeof(TOperator).Name);
                UnaryDriver.Run(workers, op, x.Floats, x.Floats, length);
                Samples.AssertSameBits(x.Span, y.Span, typeof(TOperator).Name + " in place");
            }
        }
    }

    private static void Binary<TOperator>(TOperator op, float low, float high)
        where TOperator : unmanaged, IBinaryOperator
    {
        using var workers = new WorkerPool(1);
        foreach (var side in Sides)
        {
            using var aBuffer = new GuardedBuffer(256, side: side);
            using var bBuffer = new GuardedBuffer(256, side: side);
            using var yBuffer = new GuardedBuffer(256, side: side);
            for (var length = 0; length <= 256; length++)
            {
                var a = new Run(aBuffer, length, side);
                var b = new Run(bBuffer, length, side);
                var y = new Run(yBuffer, length, side);
                Samples.Uniform(length, low, high).CopyTo(a.Span);
                Samples.Uniform(length, low, high, 2).CopyTo(b.Span);
                if (length > 3)
                {
                    b.Span[3] = a.Span[3];
                }

                BinaryDriver.Run(workers, op, a.Floats, b.Floats, y.Floats, length);
                var expected = new double[length];
                for (var i = 0; i < length; i++)
                {
                    expected[i] = op.Reference(a.Span[i], b.Span[i]);
                }

                Samples.AssertClose(y.Span, expected, 3e-6, 1e-6, typeof(TOperator).Name);
            }
        }
    }

    private static void Ternary<TOperator>(TOperator op, float low, float high)
        where TOperator : unmanaged, ITernaryOperator
    {
        using var workers = new WorkerPool(1);
        foreach (var side in Sides)
        {
            using var aBuffer = new GuardedBuffer(256, side: side);
            using var bBuffer = new GuardedBuffer(256, side: side);
            using var cBuffer = new GuardedBuffer(256, side: side);
            using var yBuffer = new GuardedBuffer(256, side: side);
            for (var length = 0; length <= 256; length++)
            {
                var a = new Run(aBuffer, length, side);
                var b = new Run(bBuffer, length, side);
                var c = new Run(cBuffer, length, side);
                var y = new Run(yBuffer, length, side);
                Samples.Uniform(length, low, high).CopyTo(a.Span);
                Samples.Uniform(length, low, high, 2).CopyTo(b.Span);
                Samples.Uniform(length, low, high, 3).CopyTo(c.Span);
                if (length > 3)
                {
                    c.Span[3] = b.Span[3];
                }

                TernaryDriver.Run(workers, op, a.Floats, b.Floats, c.Floats, y.Floats, length);
                var expected = new double[length];
                for (var i = 0; i < length; i++)
                {
                    expected[i] = op.Reference(a.Span[i], b.Span[i], c.Span[i]);
                }

                Samples.AssertClose(y.Span, expected, 5e-6, 2e-6, typeof(TOperator).Name);
            }
        }
    }

    private static void Gradient<TForward, TGradient>(TForward forward, TGradient gradient, bool fromResult, double low, double high)
        where TForward : unmanaged, IUnaryOperator
        where TGradient : unmanaged, IBinaryOperator
    {
        const double h = 1e-5;
        for (var i = 0; i < 500; i++)
        {
            var x = low + ((high - low) * (i + 0.37) / 500);
            var expected = 1.7 * (forward.Reference(x + h) - forward.Reference(x - h)) / (2 * h);
            var actual = gradient.Reference(1.7, fromResult ? forward.Reference(x) : x);
            Assert.True(Math.Abs(actual - expected) <= 1e-6 * (1 + Math.Abs(expected)), $"{typeof(TGradient).Name} at {x}: {actual}, differences give {expected}");
        }

        Binary(gradient, (float)low, (float)high);
    }

    /// <summary>The part of a guarded buffer that touches its forbidden page.</summary>
    private readonly struct Run(GuardedBuffer buffer, int length, GuardSide side)
    {
        public float* Floats => buffer.Floats + (side == GuardSide.After ? buffer.Length - length : 0);

        public Span<float> Span => new(Floats, length);
    }
}
