// Samples taken out of what rows lived or dreamed, as tensors to learn from.
using Umwelt.Tensors;

namespace Umwelt.Agents.Internal.Learning;

internal static class Samples
{
    /// <summary>The chosen rows of numbers, [which, width] in a row.</summary>
    public static float[] Of(ReadOnlySpan<float> all, ReadOnlySpan<int> which, int width = 1)
    {
        var gathered = new float[which.Length * width];
        for (var i = 0; i < which.Length; i++)
        {
            all.Slice(which[i] * width, width).CopyTo(gathered.AsSpan(i * width));
        }

        return gathered;
    }

    /// <summary>Chosen commands as a network judges them: numbers [which, numbers], default where there are none, and for each category [which].</summary>
    public static (Tensor Numbers, Tensor[] Categories) Commands(Engine engine, CommandSpace space, ReadOnlySpan<float> all, ReadOnlySpan<int> which)
    {
        var numbers = new List<int>();
        var categories = new List<Tensor>();
        for (var d = 0; d < space.Size; d++)
        {
            if (space.CategoriesOf(d) == 0)
            {
                numbers.Add(d);
                continue;
            }

            var chosen = new int[which.Length];
            for (var i = 0; i < chosen.Length; i++)
            {
                chosen[i] = (int)all[(which[i] * space.Size) + d];
            }

            categories.Add(engine.From(chosen, [chosen.Length]));
        }

        var values = new float[which.Length * numbers.Count];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = all[(which[i / numbers.Count] * space.Size) + numbers[i % numbers.Count]];
        }

        return (numbers.Count == 0 ? default : engine.From(values, [which.Length, numbers.Count]), [.. categories]);
    }
}
