// What the gates of xLSTMs begin with: forget gates nearly open, spread so that heads remember for different times, and
// input gates close to even. Source: Beck et al., arXiv 2405.04517, appendix on experimental set-up.
using Umwelt.Tensors;

namespace Umwelt.Networks;

internal static class LstmGates
{
    private const float LeastForget = 3;
    private const float MostForget = 6;
    private const float InputDeviation = 0.1f;

    /// <summary>Writes the first biases of input and forget gates.</summary>
    public static void Begin(ParameterTree tree, Tensor inputBias, Tensor forgetBias)
    {
        var values = new float[inputBias.Count];
        tree.StreamOf("first_input_gate").FillNormal(values);
        foreach (ref var value in values.AsSpan())
        {
            value *= InputDeviation;
        }

        inputBias.Write<float>(values);
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = LeastForget + ((MostForget - LeastForget) * i / Math.Max(1, values.Length - 1));
        }

        forgetBias.Write<float>(values);
    }
}
