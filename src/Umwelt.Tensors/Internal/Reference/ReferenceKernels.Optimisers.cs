// What the steps of optimisers mean.
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors.Internal.Reference;

internal static partial class ReferenceKernels
{
    private static void RegisterOptimisers(Backend backend)
    {
        backend.Register(AdamWStep.Instance, RunAdamW);
        backend.Register(GradientDescentStep.Instance, RunGradientDescent);
        backend.Register(SumOfSquares.Instance, static (in _, inputs, outputs) =>
            ReferenceView.Write(outputs[0], [ReferenceView.Read(inputs[0]).Sum(static x => x * x)]));
    }

    private static double Scalar(in TensorView view) => ReferenceView.Read(view)[0];

    private static void RunAdamW(in AdamWConstants constants, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        var gradient = ReferenceView.Read(inputs[0]);
        var (rate, scale, step) = (Scalar(inputs[1]), Scalar(inputs[2]), Scalar(inputs[3]));
        var (p, m, v) = (ReferenceView.Read(outputs[0]), ReferenceView.Read(outputs[1]), ReferenceView.Read(outputs[2]));
        double beta1 = constants.Beta1, beta2 = constants.Beta2;
        for (var i = 0; i < p.Length; i++)
        {
            var g = gradient[i] * scale;
            m[i] = (beta1 * m[i]) + ((1 - beta1) * g);
            v[i] = (beta2 * v[i]) + ((1 - beta2) * g * g);
            var mean = m[i] / (1 - Math.Pow(beta1, step));
            var square = v[i] / (1 - Math.Pow(beta2, step));
            p[i] -= rate * ((mean / (Math.Sqrt(square) + constants.Epsilon)) + (constants.WeightDecay * p[i]));
        }

        ReferenceView.Write(outputs[0], p);
        ReferenceView.Write(outputs[1], m);
        ReferenceView.Write(outputs[2], v);
    }

    private static void RunGradientDescent(in GradientDescentConstants constants, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        var gradient = ReferenceView.Read(inputs[0]);
        var (rate, scale) = (Scalar(inputs[1]), Scalar(inputs[2]));
        var p = ReferenceView.Read(outputs[0]);
        var velocity = outputs[1].IsPresent ? ReferenceView.Read(outputs[1]) : new double[p.Length];
        for (var i = 0; i < p.Length; i++)
        {
            var g = (gradient[i] * scale) + (constants.WeightDecay * p[i]);
            velocity[i] = (constants.Momentum * velocity[i]) + g;
            p[i] -= rate * (constants.Nesterov ? g + (constants.Momentum * velocity[i]) : velocity[i]);
        }

        ReferenceView.Write(outputs[0], p);
        if (outputs[1].IsPresent)
        {
            ReferenceView.Write(outputs[1], velocity);
        }
    }
}
