// What the gates of xLSTMs begin with: forget gates of an mLSTM nearly open, spread so that heads remember for different times;
// those of an sLSTM from open to shut within each head; input gates close to even.
// Source: Beck et al., arXiv 2405.04517, appendix on experimental set-up.
using Umwelt.Tensors;

namespace Umwelt.Networks;

internal static class LstmGates
{
    private const float LeastForget = 3;
    private const float MostForget = 6;
    private const float WidestForget = 5;
    private const float InputDeviation = 0.1f;

    /// <summary>Writes the first biases of input and forget gates of an mLSTM.</summary>
    public static void Begin(ParameterTree tree, Tensor inputBias, Tensor forgetBias)
    {
        BeginInput(tree, inputBias);
        Spread(forgetBias, (int)forgetBias.Count, LeastForget, MostForget);
    }

    /// <summary>
    /// Writes the first biases of input and forget gates of an sLSTM. Were all its gates open, its cells would be means over
    /// hundreds of moments, which go on moving long after the longest rows that are learnt from: what is learnt of switching,
    /// such as parity, would not hold for longer ones. So every head has cells that begin shut.
    /// </summary>
    public static void Begin(ParameterTree tree, Tensor inputBias, Tensor forgetBias, int size)
    {
        BeginInput(tree, inputBias);
        Spread(forgetBias, size, WidestForget, -WidestForget);
    }

    private static void BeginInput(ParameterTree tree, Tensor inputBias)
    {
        var values = new float[inputBias.Count];
        tree.StreamOf("first_input_gate").FillNormal(values);
        foreach (ref var value in values.AsSpan())
        {
            value *= InputDeviation;
        }

        inputBias.Write<float>(values);
    }

    // Evenly from one number to another, again for every so many.
    private static void Spread(Tensor bias, int size, float from, float to)
    {
        var values = new float[bias.Count];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = from + ((to - from) * (i % size) / Math.Max(1, size - 1));
        }

        bias.Write<float>(values);
    }
}
