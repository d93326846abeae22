// The steps of optimisers as operations in place, and the sum of squares behind clipping. What changes from step to step
// (learning rate, scale of the gradient, number of the step) comes in as scalars on the device.
using Umwelt.Tensors.Optimisers;

namespace Umwelt.Tensors.Ops;

/// <summary>Constants of a parameter group of AdamW.</summary>
internal readonly record struct AdamWConstants(float Beta1 = 0.9f, float Beta2 = 0.999f, float Epsilon = 1e-8f, float WeightDecay = 0.01f);

/// <summary>Constants of a parameter group of gradient descent; weight decay is added to the gradient.</summary>
internal readonly record struct GradientDescentConstants(float Momentum = 0f, bool Nesterov = false, float WeightDecay = 0f);

/// <summary>In place on (parameter, first moment, second moment), from (gradient, learning rate, scale, step).</summary>
internal sealed class AdamWStep() : Operation<AdamWConstants>("AdamW step")
{
    public static AdamWStep Instance { get; } = new();

    public override bool IsDifferentiable => false;

    public override void Infer(in AdamWConstants attributes, ReadOnlySpan<TensorSpec> inputs, Span<TensorSpec> outputs) =>
        throw new NotSupportedException("Optimisers change tensors that exist.");

    public static void Run(
        Optimiser optimiser, Tensor parameter, Tensor first, Tensor second, Tensor gradient, Tensor rate, AdamWOptions options, float decayScale) =>
        parameter.Engine.RunInto(
            Instance,
            new AdamWConstants(options.Beta1, options.Beta2, options.Epsilon, options.WeightDecay * decayScale),
            [parameter, first, second],
            [gradient, rate, optimiser.GradientScale, optimiser.Steps]);
}

/// <summary>In place on (parameter, velocity or nothing), from (gradient, learning rate, scale).</summary>
internal sealed class GradientDescentStep() : Operation<GradientDescentConstants>("gradient descent step")
{
    public static GradientDescentStep Instance { get; } = new();

    public override bool IsDifferentiable => false;

    public override void Infer(in GradientDescentConstants attributes, ReadOnlySpan<TensorSpec> inputs, Span<TensorSpec> outputs) =>
        throw new NotSupportedException("Optimisers change tensors that exist.");
}

/// <summary>Σ x² over everything, into one element.</summary>
internal sealed class SumOfSquares() : Operation<NoAttributes>("sum of squares")
{
    public static SumOfSquares Instance { get; } = new();

    public override bool IsDifferentiable => false;

    public override void Infer(in NoAttributes attributes, ReadOnlySpan<TensorSpec> inputs, Span<TensorSpec> outputs) =>
        outputs[0] = new TensorSpec([]);
}
