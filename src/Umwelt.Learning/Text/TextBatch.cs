// Rows of tokens to learn from, with what is to be said in each place.
using Umwelt.Tensors;

namespace Umwelt.Learning;

/// <summary>Rows of tokens.</summary>
/// <param name="first">The first row within the step's batch.</param>
/// <param name="rows">How many rows.</param>
/// <param name="length">Tokens of a row.</param>
public sealed class TextBatch(int first, int rows, int length)
{
    /// <summary>The first row within the step's batch.</summary>
    public int First { get; } = first;

    /// <summary>How many rows.</summary>
    public int Rows { get; } = rows;

    /// <summary>Tokens of a row.</summary>
    public int Length { get; } = length;

    /// <summary>What is read, [rows, length].</summary>
    public int[] Tokens { get; } = new int[rows * length];

    /// <summary>What is to be said, [rows, length]; <see cref="Tensor.IgnoredTarget"/> where nothing is.</summary>
    public int[] Targets { get; } = new int[rows * length];

    /// <summary>Whether a row begins anew, so that nothing is carried into it.</summary>
    public bool[] Begins { get; } = new bool[rows];

    /// <summary>How many places have something to say.</summary>
    public int Count => Targets.AsSpan().Length - Targets.AsSpan().Count(Tensor.IgnoredTarget);
}
