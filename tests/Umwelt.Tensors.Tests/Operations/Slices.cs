// Parts of arrays that hold tensors, by plain index arithmetic: what the checks expect is not worked out by the engine.
namespace Umwelt.Tensors.Tests.Operations;

internal static class Slices
{
    /// <summary>Entries [entry · width, (entry + 1) · width) along a dimension.</summary>
    public static double[] Take(double[] values, Shape shape, int dimension, int entry, int width)
    {
        var length = shape[dimension];
        var inner = shape.CountOf(dimension + 1, shape.Rank);
        return [.. values.Where((_, i) => i / inner % length / width == entry)];
    }
}
