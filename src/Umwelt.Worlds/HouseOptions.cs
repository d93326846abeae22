// Which house and how large its pictures are; checked where a world is made of it.
namespace Umwelt.Worlds;

/// <summary>What a <see cref="HouseWorld"/> is like.</summary>
public sealed record HouseOptions
{
    /// <summary>The smallest picture.</summary>
    public const int SmallestSize = 32;

    /// <summary>The largest picture.</summary>
    public const int LargestSize = 256;

    /// <summary>Pixels of a side of the picture: a multiple of 4 from 32 to 256.</summary>
    public int Size { get; init; } = 64;

    /// <summary>Whether every seed has a house of its own; otherwise all episodes are in one and the same house.</summary>
    public bool IsRandom { get; init; }

    /// <summary>Moments after which an episode is cut off.</summary>
    public int EpisodeLength { get; init; } = 1200;

    internal void Check()
    {
        if (Size is < SmallestSize or > LargestSize || Size % 4 != 0)
        {
            throw new ArgumentOutOfRangeException(nameof(Size), Size, $"The size of the picture is a multiple of 4 from {SmallestSize} to {LargestSize}.");
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(EpisodeLength, 1);
    }
}
