// Muon (Jordan et al. 2024, "Muon: an optimizer for hidden layers in neural networks"): Nesterov momentum whose matrix is
// brought near an orthogonal one by five steps of a quintic Newton-Schulz iteration. Whatever is no hidden matrix is
// moved by AdamW.
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors.Optimisers;

/// <summary>Constants of <see cref="Muon"/>.</summary>
public sealed record MuonOptions
{
    /// <summary>The learning rate at first, of matrices; other groups scale it by <see cref="ParameterGroup.RateScale"/>.</summary>
    public float LearningRate { get; init; } = 0.02f;

    /// <summary>How much of the momentum stays from step to step.</summary>
    public float Momentum { get; init; } = 0.95f;

    /// <summary>The share of a matrix, times the learning rate, that a step takes away.</summary>
    public float WeightDecay { get; init; }

    /// <summary>What moves the rest; its learning rate is <see cref="LearningRate"/> times <see cref="OtherRateScale"/>.</summary>
    public AdamWOptions Other { get; init; } = new() { Beta2 = 0.95f };

    /// <summary>The learning rate of AdamW as a multiple of that of matrices.</summary>
    public float OtherRateScale { get; init; } = 0.015f;
}

/// <summary>Orthogonalised momentum for matrices, AdamW for the rest.</summary>
public sealed class Muon : Optimiser
{
    private const int Iterations = 5;
    private readonly MuonOptions _options;
    private readonly Dictionary<string, Tensor> _momenta = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (Tensor First, Tensor Second)> _moments = new(StringComparer.Ordinal);

    /// <summary>An optimiser of these groups.</summary>
    public Muon(IReadOnlyList<ParameterGroup> groups, MuonOptions? options = null)
        : base(groups, (options ?? new MuonOptions()).LearningRate)
    {
        _options = options ?? new MuonOptions();
        foreach (var group in groups)
        {
            foreach (var parameter in group.Parameters)
            {
                if (group.IsHidden && parameter.Value.Rank == 2)
                {
                    _momenta.Add(parameter.Name, Own(parameter, "momentum"));
                }
                else
                {
                    _moments.Add(parameter.Name, (Own(parameter, "first"), Own(parameter, "second")));
                }
            }
        }
    }

    /// <summary>
    /// A matrix with nearly the same singular vectors and singular values near 1 (about 0.7 to 1.2): five steps of
    /// X ← aX + (bA + cA²)X with A = XXᵀ.
    /// </summary>
    public static Tensor Orthogonalise(Tensor matrix)
    {
        const float a = 3.4445f, b = -4.7750f, c = 2.0315f;
        using var scope = matrix.Engine.Scope();
        var isTall = matrix.Shape[0] > matrix.Shape[1];
        var x = isTall ? matrix.Transpose() : matrix;
        x = x * (x.Square().Sum().Sqrt() + 1e-7f).Reciprocal();
        for (var i = 0; i < Iterations; i++)
        {
            var gram = x.MatMul(x.Transpose());
            var polynomial = (gram * b) + (gram.MatMul(gram) * c);
            x = (x * a) + polynomial.MatMul(x);
        }

        return scope.Keep(isTall ? x.Transpose() : x);
    }

    /// <inheritdoc/>
    protected override void Step(Parameter parameter, Tensor gradient, ParameterGroup group, Tensor rate)
    {
        var weight = parameter.Value;
        if (!_momenta.TryGetValue(parameter.Name, out var momentum))
        {
            var (first, second) = _moments[parameter.Name];
            AdamWStep.Run(this, weight, first, second, gradient, rate * _options.OtherRateScale, _options.Other, group.DecayScale);
            return;
        }

        var scaled = gradient * GradientScale;
        Engine.RunInto(DifferentiableUnary<Affine>.Instance, new Affine(_options.Momentum, 0), momentum, momentum);
        momentum.AddInPlace(scaled);
        var update = Orthogonalise(scaled + (momentum * _options.Momentum));
        var decay = _options.WeightDecay * group.DecayScale;
        if (decay != 0f)
        {
            weight.MultiplyInPlace(rate.Affine(-decay, 1));
        }

        var scale = MathF.Sqrt(MathF.Max(1f, (float)weight.Shape[0] / weight.Shape[1]));
        weight.AddInPlace(update * (rate * -scale));
    }
}
