// A device buffer that several tensors (a tensor and its views) share, with a count of them and of in-place changes.
namespace Umwelt.Tensors.Internal;

internal sealed class SharedBuffer
{
    public DeviceBuffer? Device { get; set; }

    public int References { get; set; }

    /// <summary>Rises with each in-place change, so that a backward pass notices what changed under it.</summary>
    public int Version { get; set; }
}
