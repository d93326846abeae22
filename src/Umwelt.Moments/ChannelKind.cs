// What the value of a channel is; everything that stores, shows or learns a channel chooses by it.
namespace Umwelt.Moments;

/// <summary>What a channel holds in one moment.</summary>
public enum ChannelKind
{
    /// <summary>A picture: bytes, height x width x colours.</summary>
    Image,

    /// <summary>A stretch of sound: 16-bit samples, samples x ears.</summary>
    Sound,

    /// <summary>Floats.</summary>
    Vector,

    /// <summary>One of n.</summary>
    Category,

    /// <summary>UTF-8 text, most often empty.</summary>
    Text,
}
