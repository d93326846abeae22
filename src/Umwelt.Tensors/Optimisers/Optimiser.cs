// What optimisers share: groups of named parameters, and scalars that change from step to step. All of it lives in tensors,
// so a step reads nothing back from the device, and all of it is in State, so that a loaded optimiser goes on bit for bit.
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors.Optimisers;

/// <summary>Moves parameters against their gradients.</summary>
public abstract class Optimiser : IDisposable
{
    private readonly Dictionary<string, Tensor> _state = new(StringComparer.Ordinal);
    private readonly List<Tensor> _owned = [];
    private readonly List<GroupState> _groups = [];
    private readonly List<Parameter> _parameters = [];
    private readonly Tensor _squares;

    /// <summary>An optimiser of parameters that outlive it.</summary>
    protected Optimiser(IReadOnlyList<ParameterGroup> groups, float learningRate)
    {
        ArgumentNullException.ThrowIfNull(groups);
        _parameters.AddRange(groups.SelectMany(static group => group.Parameters));
        if (_parameters.Count == 0)
        {
            throw new ArgumentException("There is nothing to train: no group has a parameter.", nameof(groups));
        }

        if (_parameters.GroupBy(static p => p.Name, StringComparer.Ordinal).FirstOrDefault(static same => same.Skip(1).Any()) is { } twice)
        {
            throw new ArgumentException($"Two parameters are called '{twice.Key}'.", nameof(groups));
        }

        Engine = _parameters[0].Value.Engine;
        LearningRate = Own("learning_rate", Engine.Scalar(learningRate));
        GradientScale = Own("gradient_scale", Engine.Scalar(1));
        Steps = Own("steps", Engine.Scalar(0));
        Norm = Own(Engine.Scalar(0));
        _squares = Own(Engine.Zeros([_parameters.Count]));
        foreach (var group in groups)
        {
            _groups.Add(new GroupState(group, group.RateScale == 1f ? LearningRate : Own(Engine.Scalar(0))));
        }
    }

    /// <summary>The learning rate, a scalar on the device that each step reads; see <see cref="SetLearningRate"/>.</summary>
    public Tensor LearningRate { get; }

    /// <summary>What gradients are multiplied by in a step, a scalar on the device; 1 unless clipping or a caller writes it.</summary>
    public Tensor GradientScale { get; }

    /// <summary>How many steps were made, a Float32 scalar on the device.</summary>
    public Tensor Steps { get; }

    /// <summary>The norm that <see cref="MeasureGradients"/> found last, a scalar on the device; not finite if any gradient was not.</summary>
    public Tensor Norm { get; }

    /// <summary>Everything a saved optimiser consists of, by name. The tensors are the optimiser's own.</summary>
    public IReadOnlyDictionary<string, Tensor> State => _state;

    /// <summary>The engine of the parameters.</summary>
    protected Engine Engine { get; }

    /// <summary>Sets the learning rate of the steps that follow.</summary>
    public void SetLearningRate(float rate) => LearningRate.Fill(rate);

    /// <summary>Moves every parameter that has a gradient.</summary>
    public void Step()
    {
        using var noGradient = Engine.NoGradient();
        Engine.RunInto(DifferentiableUnary<Affine>.Instance, new Affine(1, 1), Steps, Steps);
        foreach (var group in _groups)
        {
            if (group.Group.RateScale != 1f)
            {
                Engine.RunInto(DifferentiableUnary<Affine>.Instance, new Affine(group.Group.RateScale, 0), group.Rate, LearningRate);
            }

            foreach (var parameter in group.Group.Parameters)
            {
                if (parameter.Value.Gradient is { IsDefault: false } gradient)
                {
                    using var scope = Engine.Scope();
                    Step(parameter, gradient, group.Group, group.Rate);
                }
            }
        }
    }

    /// <summary>Forgets the gradients of every parameter.</summary>
    public void ClearGradients()
    {
        foreach (var parameter in _parameters)
        {
            parameter.Value.ClearGradient();
        }
    }

    /// <summary>Computes <see cref="Norm"/>, the root of the sum of the squares of all gradients, on the device.</summary>
    public Tensor MeasureGradients()
    {
        using var noGradient = Engine.NoGradient();
        using var scope = Engine.Scope();
        for (var i = 0; i < _parameters.Count; i++)
        {
            var square = _squares.Slice(0, i, 1);
            if (_parameters[i].Value.Gradient is { IsDefault: false } gradient)
            {
                Engine.RunInto(SumOfSquares.Instance, default, square, gradient);
            }
            else
            {
                square.Fill(0);
            }
        }

        Norm.CopyFrom(_squares.Sum().Sqrt());
        return Norm;
    }

    /// <summary>
    /// Sets <see cref="GradientScale"/> so that the next step takes gradients of at most this norm together
    /// (Pascanu, Mikolov, Bengio 2013, algorithm 1); nothing is read back.
    /// </summary>
    public void ClipGradients(float maximum)
    {
        using var noGradient = Engine.NoGradient();
        using var scope = Engine.Scope();
        GradientScale.CopyFrom(((MeasureGradients() + 1e-6f).Reciprocal() * maximum).Clamp(0, 1));
    }

    /// <summary>The first parameter whose gradient was not finite when last measured, or null. Reads from the device.</summary>
    public string? FirstNotFinite()
    {
        var index = Array.FindIndex(_squares.ToArray<float>(), static square => !float.IsFinite(square));
        return index < 0 ? null : _parameters[index].Name;
    }

    /// <summary>Takes over a saved state: the same names, shapes and types as <see cref="State"/>.</summary>
    public void Load(IReadOnlyDictionary<string, Tensor> state)
    {
        ArgumentNullException.ThrowIfNull(state);
        foreach (var (name, tensor) in _state)
        {
            if (!state.TryGetValue(name, out var saved))
            {
                throw new ArgumentException($"The saved optimiser has no '{name}'.", nameof(state));
            }

            if (saved.Shape != tensor.Shape || saved.Type != tensor.Type)
            {
                throw new ShapeException($"The saved optimiser's '{name}' is {saved.Type} {saved.Shape}, not {tensor.Type} {tensor.Shape}.");
            }
        }

        if (state.Keys.FirstOrDefault(name => !_state.ContainsKey(name)) is { } unknown)
        {
            throw new ArgumentException($"The saved optimiser has '{unknown}', which this one does not know.", nameof(state));
        }

        foreach (var (name, tensor) in _state)
        {
            tensor.CopyFrom(state[name]);
        }
    }

    /// <summary>Releases the state; the parameters stay.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Moves one parameter, in a scope of its own and without recording.</summary>
    protected abstract void Step(Parameter parameter, Tensor gradient, ParameterGroup group, Tensor rate);

    /// <summary>A tensor of state of a parameter's shape, zeros at first, saved as name.kind.</summary>
    protected Tensor Own(Parameter parameter, string kind) => Own($"{parameter.Name}.{kind}", Engine.Zeros(parameter.Value.Shape));

    /// <summary>Releases the state.</summary>
    protected virtual void Dispose(bool disposing)
    {
        foreach (var tensor in _owned)
        {
            tensor.Dispose();
        }

        _owned.Clear();
        _state.Clear();
    }

    private Tensor Own(string name, Tensor tensor)
    {
        _state.Add(name, Own(tensor));
        return tensor;
    }

    private Tensor Own(Tensor tensor)
    {
        _owned.Add(tensor.Hold());
        return tensor;
    }

    /// <summary>A group with its learning rate, which for a scale of 1 is the optimiser's own tensor.</summary>
    private readonly record struct GroupState(ParameterGroup Group, Tensor Rate);
}
