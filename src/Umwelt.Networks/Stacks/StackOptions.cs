// How a stack is made: one readable line for its layers, and what holds for all of them unless the line says otherwise.
using Umwelt.Tensors;

namespace Umwelt.Networks;

/// <summary>How a stack is made.</summary>
public sealed record StackOptions
{
    /// <summary>
    /// The layers, such as "(space, mamba)x3, attention(window: 64)". There are space(heads, qknorm, base), attention(window, heads,
    /// groups, size, qknorm, base, bias), retention(heads, expand), mamba(states, expand, kernel, selective),
    /// mlstm(heads, expand, kernel) and slstm(heads, kernel); each also takes feed: swiglu, gelu, experts or none, and on: all,
    /// registers or others, the slots it acts on while the rest passes by.
    /// </summary>
    public string Layers { get; init; } = "attentionx4";

    /// <summary>Length of a slot's features.</summary>
    public int Width { get; init; } = 128;

    /// <summary>How many of the first slots are registers, which hold what has no place in the senses.</summary>
    public int Registers { get; init; }

    /// <summary>Heads of a layer that names none; 0 for one for each 64 features.</summary>
    public int Heads { get; init; }

    /// <summary>Heads of keys and values in attention over time that names none; 0 for as many as heads.</summary>
    public int Groups { get; init; }

    /// <summary>Features of a head of attention over time; 0 for width / heads.</summary>
    public int HeadSize { get; init; }

    /// <summary>How many moments attention without a window sees.</summary>
    public int Context { get; init; } = 1024;

    /// <summary>Whether attention normalises queries and keys unless a layer says otherwise.</summary>
    public bool NormalisesQueriesAndKeys { get; init; }

    /// <summary>Base of the frequencies of rotary positions; 0 for none.</summary>
    public float RotaryBase { get; init; } = 10000;

    /// <summary>How much slower rotary positions of attention over time turn than their base says.</summary>
    public RotaryScaling RotaryScaling { get; init; }

    /// <summary>Whether queries, keys and values of attention over time have biases.</summary>
    public bool HasAttentionBias { get; init; }

    /// <summary>What follows a mixer that does not say: swiglu, gelu, experts or none.</summary>
    public string Feed { get; init; } = "swiglu";

    /// <summary>Features inside a feed-forward; 0 for 8/3 of the width with a gate and 4 times the width without.</summary>
    public int Hidden { get; init; }

    /// <summary>The share of what a mixer or a feed-forward adds that is dropped while training.</summary>
    public float Dropout { get; init; }

    /// <summary>Keeps norms finite.</summary>
    public float NormEpsilon { get; init; } = 1e-6f;

    /// <summary>How experts are made, where the line names them.</summary>
    public ExpertOptions Experts { get; init; } = new();

    internal int HeadsOf => Heads > 0 ? Heads : Math.Max(1, Width / 64);

    internal int HiddenOf(bool isGated) => Hidden > 0 ? Hidden : isGated ? ((Width * 8 / 3) + 31) / 32 * 32 : Width * 4;
}
