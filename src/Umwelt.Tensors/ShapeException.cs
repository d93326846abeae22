// The one exception for tensors that do not fit: its text names the operation and every shape involved.
namespace Umwelt.Tensors;

/// <summary>Shapes or types that an operation cannot take.</summary>
public sealed class ShapeException : ArgumentException
{
    /// <summary>An error in words of its own.</summary>
    public ShapeException(string message)
        : base(message)
    {
    }

    /// <summary>Two shapes do not fit each other.</summary>
    public ShapeException(string operation, Shape left, Shape right, string reason)
        : base($"{operation}: {left} and {right} do not fit: {reason}.")
    {
    }

    /// <summary>One shape is not what the operation takes.</summary>
    public ShapeException(string operation, Shape shape, string reason)
        : base($"{operation}: {shape} does not fit: {reason}.")
    {
    }
}
