// The one exception for index tensors: it names the operation, the index, where it stands and what it may be.
namespace Umwelt.Tensors;

/// <summary>An index tensor holds a value outside the bounds it indexes.</summary>
public sealed class IndexException : ArgumentException
{
    /// <summary>The element at <paramref name="position"/> of the indices is not in [0, length).</summary>
    public IndexException(string operation, long index, long position, long length)
        : base($"{operation}: index {index} (element {position} of the indices) {(length > 0 ? $"lies outside 0 to {length - 1}" : "names an element where there is none")}.")
    {
    }
}
