// A linear map, the layer that holds nearly all weights. While gradients are recorded it multiplies with the weight itself;
// otherwise with a form that is packed once and packs itself again when the weight has moved.
using Umwelt.Tensors;

namespace Umwelt.Networks;

/// <summary>y = x Wᵀ + b, with the activation fused where no gradient is wanted.</summary>
public sealed class Linear : IDisposable
{
    private readonly Engine _engine;
    private PackedMatrix? _packed;
    private LowRankAdapter? _adapter;

    /// <summary>Registers "weight" [outputs, inputs] and, unless left out, "bias".</summary>
    /// <param name="tree">The layer's branch.</param>
    /// <param name="inputs">Length of the last dimension of x.</param>
    /// <param name="outputs">Length of the last dimension of y.</param>
    /// <param name="bias">Whether there is a bias; it begins at zero.</param>
    /// <param name="scale">Multiplies the usual deviation 1/√inputs of the first weights.</param>
    /// <param name="kind">What the weight is to an optimiser.</param>
    public Linear(ParameterTree tree, int inputs, int outputs, bool bias = false, float scale = 1, ParameterKind kind = ParameterKind.Matrix)
    {
        ArgumentNullException.ThrowIfNull(tree);
        _engine = tree.Engine;
        Weight = tree.Normal("weight", [outputs, inputs], scale / MathF.Sqrt(inputs), kind);
        Bias = bias ? tree.Constant("bias", [outputs], 0) : default;
        tree.Register(this);
    }

    /// <summary>[outputs, inputs].</summary>
    public Tensor Weight { get; }

    /// <summary>[outputs], or default.</summary>
    public Tensor Bias { get; }

    /// <summary>How the weight is stored for products without gradients; a narrower format is faster and rounds.</summary>
    public WeightFormat Format
    {
        get;
        set
        {
            if (field != value)
            {
                field = value;
                _packed?.Dispose();
                _packed = null;
            }
        }
    }

    /// <summary>Whether an adapter changes the map: the weight alone does not say all.</summary>
    public bool HasAdapter => _adapter is not null;

    /// <summary>What is added to the map by an adapter, if one is attached.</summary>
    internal LowRankAdapter? Adapter
    {
        get => _adapter;
        set => _adapter = value;
    }

    /// <summary>Maps the last dimension of x.</summary>
    public Tensor Apply(Tensor x, Activation activation = Activation.None)
    {
        if (_adapter is not null)
        {
            // The adapter adds to the map before anything is done to its result.
            return Activated(Multiply(x, Activation.None) + _adapter.Apply(x), activation);
        }

        return Multiply(x, activation);
    }

    /// <summary>Gives the packed form back; the tree owns the weights.</summary>
    public void Dispose() => _packed?.Dispose();

    private static Tensor Activated(Tensor x, Activation activation) => activation switch
    {
        Activation.Relu => x.Relu(),
        Activation.Silu => x.Silu(),
        Activation.Gelu => x.Gelu(),
        Activation.GeluTanh => x.GeluTanh(),
        _ => x,
    };

    private Tensor Multiply(Tensor x, Activation activation) =>
        _engine.RecordsGradients
            ? x.Linear(Weight, Bias, activation)
            : x.Linear(_packed ??= new PackedMatrix(Weight, Format), Bias, activation);
}
