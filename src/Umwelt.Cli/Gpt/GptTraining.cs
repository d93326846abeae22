// One step of training a GPT: forward, backward, clip, AdamW. Embeddings, norms and biases do not decay unless told so.
using Umwelt.Tensors;
using Umwelt.Tensors.Optimisers;

namespace Umwelt.Cli.Gpt;

internal static class GptTraining
{
    private const float ClipNorm = 1f;

    public static AdamW Optimiser(GptModel model, float learningRate, bool decayEverything = false)
    {
        var parameters = model.Parameters.Select(parameter => new Parameter(parameter.Name, parameter.Value)).ToLookup(Decays);
        return new AdamW(
            [
                new ParameterGroup([.. parameters[true]]),
                new ParameterGroup([.. parameters[false]]) { DecayScale = decayEverything ? 1 : 0 },
            ],
            new AdamWOptions { LearningRate = learningRate, Beta2 = 0.95f, WeightDecay = 0.1f });
    }

    /// <summary>The loss before the step, in the caller's scope; reading it waits for the device.</summary>
    public static Tensor Step(GptModel model, AdamW optimiser, Tensor tokens, Tensor targets)
    {
        var loss = model.Loss(tokens, targets);
        loss.Backward();
        optimiser.ClipGradients(ClipNorm);
        optimiser.Step();
        optimiser.ClearGradients();
        return loss;
    }

    private static bool Decays(Parameter parameter) =>
        parameter.Value.Rank == 2 && parameter.Name.EndsWith("weight", StringComparison.Ordinal);
}
