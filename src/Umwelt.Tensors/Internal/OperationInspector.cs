// Sees each operation that a backend runs, with what goes in and what comes out. Whoever looks for the first number that is
// not finite derives from it; an engine without an inspector pays one comparison for each operation.
namespace Umwelt.Tensors.Internal;

internal abstract class OperationInspector
{
    /// <summary>An operation is about to run on these operands; some may have been left out.</summary>
    public abstract void Before(Operation operation, ReadOnlySpan<Tensor> operands);

    /// <summary>An operation has written this.</summary>
    public abstract void After(Operation operation, Tensor result);
}
