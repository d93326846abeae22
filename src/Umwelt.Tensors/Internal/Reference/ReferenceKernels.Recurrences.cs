// Recurrences as their formulas say them: one moment after the other, and backward through all of them in turn.
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors.Internal.Reference;

internal static partial class ReferenceKernels
{
    private static void RegisterRecurrences(Backend backend)
    {
        backend.Register(LinearAttention.Instance, RunLinearAttention);
        backend.Register(LinearAttentionGradient.Instance, RunLinearAttentionGradient);
    }

    private static void RunLinearAttention(in LinearAttentionOptions options, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        var problem = new LinearAttentionProblem(options, inputs[0], inputs[1], inputs[2], inputs[3], inputs[4]);
        var (memory, normaliser, stabiliser) = (ReadOr(inputs[5], outputs[1].Shape, 0), ReadOr(inputs[6], outputs[2].Shape, 0), ReadOr(inputs[7], outputs[3].Shape, problem.EmptyStabiliser));
        var y = new double[outputs[0].Shape.Count];
        var kept = new double[outputs[4].Shape.Count];
        for (var head = 0; head < problem.Heads; head++)
        {
            var state = problem.Start(head, memory, normaliser, stabiliser);
            for (var t = 0; t < problem.Time; t++)
            {
                if (t % LinearAttention.Chunk == 0 && kept.Length > 0)
                {
                    state.Keep(kept.AsSpan(((head * outputs[4].Shape[2]) + (t / LinearAttention.Chunk)) * outputs[4].Shape[3], outputs[4].Shape[3]));
                }

                problem.Step(state, head, t);
                problem.Answer(state, head, t, y);
            }

            problem.Finish(state, head, memory, normaliser, stabiliser);
        }

        ReferenceView.Write(outputs[0], y);
        ReferenceView.Write(outputs[1], memory);
        ReferenceView.Write(outputs[2], normaliser);
        ReferenceView.Write(outputs[3], stabiliser);
        ReferenceView.Write(outputs[4], kept);
    }

    private static void RunLinearAttentionGradient(in LinearAttentionOptions options, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        var problem = new LinearAttentionProblem(options, inputs[3], inputs[4], inputs[5], inputs[6], inputs[7]);
        var dy = ReferenceView.Read(inputs[0]);
        var (dMemory, dNormaliser) = (ReadOr(inputs[1], outputs[5].Shape, 0), ReadOr(inputs[2], outputs[6].Shape, 0));
        var kept = ReferenceView.Read(inputs[9]);
        var gradients = new LinearAttentionGradients(outputs);
        for (var head = 0; head < problem.Heads; head++)
        {
            // All states again, forward.
            var states = new List<LinearAttentionState>();
            for (var t = 0; t < problem.Time; t++)
            {
                if (t == 0)
                {
                    states.Add(problem.Restore(kept.AsSpan(head * inputs[9].Shape[2] * inputs[9].Shape[3], inputs[9].Shape[3])));
                }

                states.Add(states[^1].Copy());
                problem.Step(states[^1], head, t);
            }

            var d = problem.Start(head, dMemory, dNormaliser, dNormaliser);
            for (var t = problem.Time - 1; t >= 0; t--)
            {
                problem.AnswerGradient(states[t + 1], d, head, t, dy, gradients);
                problem.StepGradient(states[t], d, head, t, gradients);
            }

            problem.Finish(d, head, dMemory, dNormaliser, null);
        }

        gradients.Write(outputs);
        ReferenceView.Write(outputs[5], dMemory);
        ReferenceView.Write(outputs[6], dNormaliser);
    }

    private static double[] ReadOr(in TensorView view, Shape shape, double otherwise)
    {
        if (view.IsPresent)
        {
            return ReferenceView.Read(view);
        }

        var values = new double[shape.Count];
        Array.Fill(values, otherwise);
        return values;
    }
}
