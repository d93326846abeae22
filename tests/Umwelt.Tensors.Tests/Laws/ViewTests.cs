// Views against plain index arithmetic: random chains of them over a naive model that lists, for each element, which
// element of the original it shows. Values and gradients follow from the list.
using Umwelt.Tensors.Tests.Operations;
using Xunit;

namespace Umwelt.Tensors.Tests.Laws;

public sealed class ViewTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 40)];

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public void A_flipped_tensor_is_a_copy_of_its_own_and_nothing_else_is_left(int length)
    {
        using var engine = new Engine(new CpuBackend(1));
        var x = engine.Ones([length]);
        var flipped = x.Flip(0);
        flipped.Dispose();
        Assert.True(x.IsAlive);
        Assert.Equal(1, engine.LiveTensors);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Chains_of_views_show_what_index_arithmetic_says(int seed)
    {
        var random = new RowRandom($"views {seed}");
        for (var chain = 0; chain < 25; chain++)
        {
            using var engine = new Engine(new CpuBackend(1));
            using var scope = engine.Scope();
            int[] lengths = [.. Enumerable.Range(0, random.Next(5)).Select(_ => 1 + random.Next(4))];
            var shape = Shape.Of(lengths);
            float[] values = [.. Enumerable.Range(0, (int)shape.Count).Select(static i => (float)i)];
            var leaf = engine.From(values, shape);
            leaf.RequiresGradient = true;
            var model = new Model(lengths, [.. Enumerable.Range(0, values.Length)]);
            var view = leaf;
            var steps = 1 + random.Next(6);
            for (var step = 0; step < steps; step++)
            {
                (view, model) = Step(random, view, model);
            }

            Assert.Equal(Shape.Of(model.Lengths), view.Shape);
            Assert.Equal(model.Elements.Select(static i => (float)i), view.ToArray<float>());
            var weights = model.Elements.Select((_, i) => (float)(i + 1)).ToArray();
            engine.Backward(view, engine.From(weights, view.Shape));
            var expected = new float[values.Length];
            for (var i = 0; i < weights.Length; i++)
            {
                expected[model.Elements[i]] += weights[i];
            }

            Assert.Equal(expected, steps > 0 && !leaf.Gradient.IsDefault ? leaf.Gradient.ToArray<float>() : new float[values.Length]);
        }
    }

    private static (Tensor View, Model Model) Step(RowRandom random, Tensor view, Model model)
    {
        var rank = model.Lengths.Length;
        switch (random.Next(7))
        {
            case 0 when rank > 0:
                int[] order = random.Permutation(rank);
                return (view.Permute(order), model.Map([.. order.Select(d => model.Lengths[d])], to =>
                {
                    var from = new int[rank];
                    for (var i = 0; i < rank; i++)
                    {
                        from[order[i]] = to[i];
                    }

                    return from;
                }));
            case 1 when rank > 0:
                var dimension = random.Next(rank);
                var start = random.Next(model.Lengths[dimension] + 1);
                var length = random.Next(model.Lengths[dimension] - start + 1);
                int[] sliced = [.. model.Lengths];
                sliced[dimension] = length;
                return (view.Slice(dimension - (random.Next(2) * rank), start, length), model.Map(sliced, to =>
                {
                    int[] from = [.. to];
                    from[dimension] += start;
                    return from;
                }));
            case 2 when rank > 1:
                var (first, second) = (random.Next(rank), random.Next(rank));
                int[] swap = [.. Enumerable.Range(0, rank)];
                (swap[first], swap[second]) = (swap[second], swap[first]);
                return (view.Transpose(first, second), model.Map([.. swap.Select(d => model.Lengths[d])], to => [.. swap.Select(d => to[d])]));
            case 3:
                return Reshaped(random, view, model);
            case 4 when rank < Shape.MaxRank:
                var at = random.Next(rank + 1);
                int[] raised = [.. model.Lengths[..at], 1, .. model.Lengths[at..]];
                return (view.Unsqueeze(at - (random.Next(2) * (rank + 1))), model with { Lengths = raised });
            case 5 when model.Lengths.Contains(1):
                var one = Array.IndexOf(model.Lengths, 1);
                return (view.Squeeze(one), model with { Lengths = [.. model.Lengths[..one], .. model.Lengths[(one + 1)..]] });
            case 6 when rank < Shape.MaxRank:
                int[] expanded = [.. rank < 5 && random.Next(2) == 0 ? (int[])[2] : [], .. model.Lengths.Select(n => n == 1 ? 1 + random.Next(3) : n)];
                var added = expanded.Length - rank;
                return (view.Expand(Shape.Of(expanded)), model.Map(expanded, to => [.. model.Lengths.Select((n, d) => n == 1 ? 0 : to[d + added])]));
            default:
                return (view, model);
        }
    }

    private static (Tensor View, Model Model) Reshaped(RowRandom random, Tensor view, Model model)
    {
        var left = model.Elements.Length;
        List<int> lengths = [];
        while (lengths.Count < 4)
        {
            var divisors = Enumerable.Range(1, Math.Max(1, Math.Min(left, 6))).Where(d => left % d == 0).ToArray();
            var next = divisors[random.Next(divisors.Length)];
            lengths.Add(next);
            left /= next;
        }

        lengths.Insert(random.Next(lengths.Count + 1), left);
        int[] resolved = [.. lengths];
        var known = resolved.Aggregate(1, static (a, b) => a * b);
        int[] asked = [.. resolved];
        if (known != 0 && random.Next(2) == 0)
        {
            asked[random.Next(asked.Length)] = -1;
        }

        return (view.Reshape(asked), model with { Lengths = resolved });
    }

    /// <summary>A shape, and for each of its elements in order the element of the original that it shows.</summary>
    private sealed record Model(int[] Lengths, int[] Elements)
    {
        public Model Map(int[] lengths, Func<int[], int[]> from)
        {
            var elements = new int[lengths.Aggregate(1, static (a, b) => a * b)];
            for (var i = 0; i < elements.Length; i++)
            {
                var index = new int[lengths.Length];
                for (int d = lengths.Length - 1, rest = i; d >= 0; d--)
                {
                    index[d] = rest % lengths[d];
                    rest /= lengths[d];
                }

                var source = from(index);
                var position = 0;
                for (var d = 0; d < source.Length; d++)
                {
                    position = (position * Lengths[d]) + source[d];
                }

                elements[i] = Elements[position];
            }

            return new Model(lengths, elements);
        }
    }
}
