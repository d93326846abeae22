// The short convolution of state spaces and xLSTMs: each channel sees its last few moments, so that a gate knows a little of
// what came before. Source: Gu and Dao 2023, Mamba, section 3.4.
using Umwelt.Tensors;

namespace Umwelt.Networks;

internal sealed class ShortConvolution
{
    private readonly int _width;
    private readonly Tensor _kernel;
    private readonly Tensor _bias;

    /// <summary>Registers "weight" [width, channels] and "bias".</summary>
    public ShortConvolution(ParameterTree tree, int channels, int width)
    {
        var reach = 1 / MathF.Sqrt(width);
        _width = width;
        _kernel = tree.Uniform("weight", [width, channels], -reach, reach);
        _bias = tree.Constant("bias", [channels], 0);
    }

    /// <summary>What is remembered of a row.</summary>
    public static StatePart State(int channels, int width)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        return new StatePart("convolution", [width - 1, channels]);
    }

    /// <summary>SiLU of the convolution; x [rows, time, channels] is remembered in a part of the state.</summary>
    public Tensor Apply(Tensor x, MixerState? state, int part)
    {
        var before = state is null || _width == 1 ? default : state[part];
        var y = x.CausalConvolve(_kernel, _bias, before).Silu();
        if (!before.IsDefault)
        {
            state!.Put(part, x.CausalHistory(_width, before));
        }

        return y;
    }
}
