// How dreamed pictures stay sharp. A model learns to mix pixels where it does not know to a fraction where they go, and what is mixed
// in each of a hundred steps is fog. So a dream moves every pixel to where its weights lie on average. What was really seen is drawn
// there by cubic interpolation, which is all but as sharp; what was dreamed moves by whole pixels, all of a picture up or down
// together, by turns that come out even, so that it is never blurred and in the long run is where it should be.
// Source of the cubic kernel: Keys 1981, equation 15, a = -1/2.
using Umwelt.Tensors;

namespace Umwelt.Models.Internal.World.Channels;

/// <summary>How pictures move without being blurred.</summary>
/// <param name="Hardness">How decided gates are.</param>
/// <param name="Turns">From 0 to below 1 for each picture and direction [n, 2]: what is added before a place is cut down to whole pixels.</param>
/// <param name="IsGiven">1 where the last picture was really seen [n, 1]; default where none was.</param>
internal readonly record struct PictureSharpness(float Hardness, Tensor Turns, Tensor IsGiven)
{
    // What lies side by side goes side by side: places are smoothed so often.
    private const int Rounds = 2;

    /// <summary>Whether nothing is to be sharper than it was learnt.</summary>
    public bool IsDefault => Hardness == 0;

    /// <summary>Weights [n, height, width, neighbours] for those that were learnt.</summary>
    /// <param name="weights">They sum to 1.</param>
    /// <param name="direction">0 across, 1 down.</param>
    public Tensor Of(Tensor weights, int direction)
    {
        using var scope = weights.Engine.Scope();
        var (n, count) = (weights.Shape[0], weights.Shape[3]);
        Span<float> numbers = stackalloc float[count];
        for (var i = 0; i < count; i++)
        {
            numbers[i] = i;
        }

        var neighbours = weights.Engine.From<float>(numbers, [count]);
        var place = (weights * neighbours).Sum(3, keepDimension: true);
        for (var round = 0; round < Rounds; round++)
        {
            place = Smooth(Smooth(place, 1), 2);
        }

        var whole = (place + Turns.Slice(1, direction, 1).Reshape(n, 1, 1, 1)).Cast(DataType.Int32).Cast(DataType.Float32);
        var dreamed = (neighbours - whole).Abs().Affine(-1, 1).Relu();
        return scope.Keep(IsGiven.IsDefault ? dreamed : IsGiven.Reshape(n, 1, 1, 1).Where(Cubic((neighbours - place).Abs()), dreamed));
    }

    // The mean of each place, twice, and its neighbours; at the border it is its own neighbour.
    private static Tensor Smooth(Tensor field, int dimension)
    {
        var length = field.Shape[dimension];
        var padded = field.Pad(dimension, 1, 1, Padding.Edge);
        return (field * 0.5f) + ((padded.Slice(dimension, 0, length) + padded.Slice(dimension, 2, length)) * 0.25f);
    }

    // Two pieces, from 0 to 1 and from 1 to 2, each of which is 0 at the border of the other.
    private static Tensor Cubic(Tensor distance)
    {
        var (near, far) = (distance.Clamp(0, 1), distance.Clamp(1, 2));
        return (near.Affine(1.5f, -2.5f) * near.Square()) + 1 + ((((far.Affine(-0.5f, 2.5f) * far) - 4) * far) + 2);
    }
}
