// What a read-out sees of a channel's last moment beside the slots: its value, as noisy as the encoder got it, and a picture's
// features at each size. One and the same copy feeds encoder and read-out, so there is no clean way around the noise.
using System.Runtime.CompilerServices;
using Umwelt.Tensors;

namespace Umwelt.Models.Internal.World;

/// <summary>A channel's last moment.</summary>
internal struct ChannelMemory
{
    /// <summary>The value [n, ..]; default where the kind of channel keeps none.</summary>
    public Tensor Value;

    /// <summary>A picture's features from the largest to the smallest.</summary>
    public PictureScales Scales;

    /// <summary>1 where the value was given and not inferred [n, 1]; default where none was, and while learning.</summary>
    public Tensor IsGiven;

    /// <summary>The moments of these indices.</summary>
    public readonly ChannelMemory Select(Tensor indices)
    {
        ChannelMemory chosen = default;
        chosen.Value = Value.IsDefault ? Value : Value.IndexSelect(0, indices);
        for (var i = 0; i < PictureScales.Most && !Scales[i].IsDefault; i++)
        {
            chosen.Scales[i] = Scales[i].IndexSelect(0, indices);
        }

        return chosen;
    }
}

/// <summary>A tensor for each size of a picture.</summary>
[InlineArray(Most)]
internal struct PictureScales
{
    public const int Most = 8;

    private Tensor _first;
}
