// Compares gradients with finite differences, in double on the reference backend, where the rounding of single precision
// does not drown the comparison. A result of any shape is projected on fixed random weights, so one pass checks all of it.
namespace Umwelt.Tensors.Gradients;

/// <summary>An operand of a gradient check: elements in order and their shape.</summary>
/// <param name="Values">The elements; integers for index operands.</param>
/// <param name="Shape">The lengths.</param>
public sealed record GradientInput(double[] Values, Shape Shape)
{
    /// <summary>What the elements are; only Float32 has gradients.</summary>
    public DataType Type { get; init; } = DataType.Float32;

    /// <summary>Whether the gradient of this operand is checked.</summary>
    public bool RequiresGradient { get; init; } = true;
}

/// <summary>How a check came out: the largest error, and where it stands.</summary>
/// <param name="LargestError">The difference as a share of the larger gradient (small gradients count as a hundredth of the largest).</param>
/// <param name="Input">The operand with the largest error; -1 if none was checked.</param>
/// <param name="Element">The index of the element within it.</param>
/// <param name="Backward">What the backward pass says there.</param>
/// <param name="Difference">What central differences say there.</param>
/// <param name="Tolerance">The largest error allowed.</param>
public sealed record GradientCheckResult(double LargestError, int Input, int Element, double Backward, double Difference, double Tolerance)
{
    /// <summary>Whether every gradient is within the tolerance.</summary>
    public bool IsRight => LargestError <= Tolerance;

    /// <summary>Throws, saying where, unless every gradient is within the tolerance.</summary>
    public void Assert()
    {
        if (!IsRight)
        {
            throw new InvalidOperationException(FormattableString.Invariant(
                $"gradient check: operand {Input}, element {Element}: the backward pass gives {Backward:G9}, finite differences {Difference:G9}; the relative error {LargestError:G3} is above {Tolerance:G3}."));
        }
    }
}

/// <summary>Checks the gradients of built-in operations and of users' own.</summary>
public static class GradientCheck
{
    private const double Floor = 0.01;

    /// <summary>Compares the backward pass of a function with central differences for every operand that requires a gradient.</summary>
    /// <param name="function">The function; it gets an engine of the check's own and the operands as tensors.</param>
    /// <param name="inputs">The operands.</param>
    /// <param name="tolerance">The largest relative error allowed.</param>
    /// <param name="step">How far an element is moved each way.</param>
    /// <param name="samples">The most elements of one operand that are moved; larger operands are sampled evenly.</param>
    /// <param name="prepare">Registers kernels of operations that the reference backend does not know.</param>
    public static GradientCheckResult Run(
        Func<Engine, Tensor[], Tensor> function,
        IReadOnlyList<GradientInput> inputs,
        double tolerance = 1e-6,
        double step = 1e-5,
        int samples = 100,
        Action<Backend>? prepare = null)
    {
        ArgumentNullException.ThrowIfNull(function);
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentOutOfRangeException.ThrowIfLessThan(samples, 1);
        using var engine = new Engine(new ReferenceBackend());
        prepare?.Invoke(engine.Backend);
        var values = inputs.Select(static input => (double[])input.Values.Clone()).ToArray();
        var gradients = Gradients(engine, function, inputs, values);
        var worst = new GradientCheckResult(0, -1, -1, 0, 0, tolerance);
        for (var i = 0; i < inputs.Count; i++)
        {
            if (!inputs[i].RequiresGradient)
            {
                continue;
            }

            var scale = gradients[i].Length == 0 ? 0 : Floor * gradients[i].Max(Math.Abs);
            var stride = Math.Max(1, values[i].Length / samples);
            for (var element = 0; element < values[i].Length; element += stride)
            {
                var before = values[i][element];
                values[i][element] = before + step;
                var above = Loss(engine, function, inputs, values);
                values[i][element] = before - step;
                var below = Loss(engine, function, inputs, values);
                values[i][element] = before;
                var difference = (above - below) / (2 * step);
                var backward = gradients[i][element];
                var size = Math.Max(Math.Max(Math.Abs(difference), Math.Abs(backward)), Math.Max(scale, 1e-4));
                var error = Math.Abs(difference - backward) / size;
                if (worst.Input < 0 || !(error <= worst.LargestError))
                {
                    worst = new GradientCheckResult(double.IsNaN(error) ? double.PositiveInfinity : error, i, element, backward, difference, tolerance);
                }
            }
        }

        return worst;
    }

    private static double[][] Gradients(
        Engine engine, Func<Engine, Tensor[], Tensor> function, IReadOnlyList<GradientInput> inputs, double[][] values)
    {
        using var scope = engine.Scope();
        var operands = Operands(engine, inputs, values);
        var result = function(engine, operands);
        engine.Backward(result, engine.From<double>(Weights(result.Count), result.Shape));
        return [.. operands.Select(static x => x.Gradient.IsDefault ? new double[x.Count] : x.Gradient.ToArray<double>())];
    }

    private static double Loss(
        Engine engine, Func<Engine, Tensor[], Tensor> function, IReadOnlyList<GradientInput> inputs, double[][] values)
    {
        using var scope = engine.Scope();
        using var noGradient = engine.NoGradient();
        var result = function(engine, Operands(engine, inputs, values));
        var elements = result.ToArray<double>();
        var weights = Weights(elements.Length);
        var loss = 0.0;
        for (var i = 0; i < elements.Length; i++)
        {
            loss += elements[i] * weights[i];
        }

        return loss;
    }

    private static Tensor[] Operands(Engine engine, IReadOnlyList<GradientInput> inputs, double[][] values)
    {
        var operands = new Tensor[inputs.Count];
        for (var i = 0; i < operands.Length; i++)
        {
            operands[i] = engine.From<double>(values[i], inputs[i].Shape, inputs[i].Type);
            operands[i].RequiresGradient = inputs[i].RequiresGradient;
        }

        return operands;
    }

    // Between 0.5 and 1.5 with either sign, spread by the golden ratio: no weight is small, no two neighbours are alike.
    private static double[] Weights(long count)
    {
        var weights = new double[count];
        for (var i = 0; i < weights.Length; i++)
        {
            var fraction = (i + 1) * 0.6180339887498949 % 1.0;
            weights[i] = i % 3 == 1 ? -0.5 - fraction : 0.5 + fraction;
        }

        return weights;
    }
}
