// Laws of drawing classes from logits: the limits of temperature and of each filter, and that frequencies over evenly
// spaced uniform numbers are the filtered distribution itself.
using Umwelt.Tensors.Tests.Operations;
using Xunit;

namespace Umwelt.Tensors.Tests.Laws;

public sealed class SamplingTests
{
    private const int Draws = 4096;

    public static TheoryData<bool> Devices => [true, false];

    public static TheoryData<float, int, float, float> Filters => new()
    {
        { 1f, 0, 1f, 0f },
        { 0.5f, 0, 1f, 0f },
        { 2f, 0, 1f, 0f },
        { 1f, 4, 1f, 0f },
        { 1f, 100, 1f, 0f },
        { 1f, 0, 0.7f, 0f },
        { 1f, 0, 1f, 0.3f },
        { 1.5f, 6, 0.8f, 0.25f },
        { 0.7f, 3, 0.5f, 0.01f },
    };

    [Theory]
    [MemberData(nameof(Devices))]
    public void The_limit_of_low_temperature_and_one_class_alone_are_the_most_likely(bool isReference)
    {
        using var engine = Make(isReference);
        var (logits, uniforms) = Rows(engine, 30, 23);
        var expected = logits.ArgMax(-1).ToArray<int>();
        Sampling[] alike = [new(Temperature: 0), new(Temperature: 1e-6f), new(Temperature: float.Epsilon), new(TopK: 1), new(TopP: 1e-6f), new(MinP: 1)];
        foreach (var sampling in alike)
        {
            Assert.Equal(expected, logits.Sample(uniforms, sampling).ToArray<int>());
        }
    }

    [Theory]
    [MemberData(nameof(Filters))]
    public void Frequencies_are_the_filtered_distribution(float temperature, int topK, float topP, float minP)
    {
        var sampling = new Sampling(temperature, topK, topP, minP);
        double[] logits = [0.3, 2.1, -1.5, 1.0, 0.9, -0.2, 2.0, -3.0, 0.0, 1.7];
        var expected = Filtered(logits, sampling);
        foreach (var isReference in (bool[])[true, false])
        {
            using var engine = Make(isReference);
            var row = engine.From<double>(logits, [1, logits.Length]).Expand([Draws, logits.Length]);
            var uniforms = engine.From(Enumerable.Range(0, Draws).Select(static i => (i + 0.5f) / Draws).ToArray(), [Draws]);
            var counts = new double[logits.Length];
            foreach (var drawn in row.Sample(uniforms, sampling).ToArray<int>())
            {
                counts[drawn]++;
            }

            // Each class takes one stretch of the line from 0 to 1, so its count is off by less than one at either end.
            var distance = counts.Zip(expected).Sum(static pair => Math.Abs((pair.First / Draws) - pair.Second)) / 2;
            Assert.InRange(distance, 0, logits.Length / (double)Draws);
            Assert.All(counts.Zip(expected), static pair => Assert.True(pair.Second > 0 || pair.First == 0));
        }
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void Of_equal_classes_the_first_are_kept_and_share_alike(bool isReference)
    {
        using var engine = Make(isReference);
        var logits = engine.Zeros([8, 5]);
        var uniforms = engine.From([0f, 0.1f, 0.3f, 0.4f, 0.5f, 0.6f, 0.9f, 0.999f], [8]);
        Assert.Equal([0, 0, 0, 0, 0, 0, 0, 0], logits.Sample(uniforms, new Sampling(Temperature: 0)).ToArray<int>());
        Assert.Equal([0, 0, 0, 0, 1, 1, 1, 1], logits.Sample(uniforms, new Sampling(TopK: 2)).ToArray<int>());
        Assert.Equal([0, 0, 0, 1, 1, 1, 2, 2], logits.Sample(uniforms, new Sampling(TopP: 0.5f)).ToArray<int>());
        Assert.Equal([0, 0, 1, 2, 2, 3, 4, 4], logits.Sample(uniforms, new Sampling(MinP: 1)).ToArray<int>());
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void The_filters_apply_in_their_order(bool isReference)
    {
        // Shares 0.4, 0.3, 0.2, 0.1. Of the first two alone, 0.55 is reached by one; of all four, it takes two.
        using var engine = Make(isReference);
        var logits = engine.From(((double[])[0.4, 0.3, 0.2, 0.1]).Select(static share => (float)Math.Log(share)).ToArray(), [1, 4]);
        var last = engine.From([0.999f], [1]);
        Assert.Equal(1, logits.Sample(last, new Sampling(TopP: 0.55f)).ToArray<int>()[0]);
        Assert.Equal(0, logits.Sample(last, new Sampling(TopK: 2, TopP: 0.55f)).ToArray<int>()[0]);

        // A lower temperature comes before: the squares are 16, 9, 4, 1 of 30, so 0.52 is reached by one.
        Assert.Equal(1, logits.Sample(last, new Sampling(TopP: 0.52f)).ToArray<int>()[0]);
        Assert.Equal(0, logits.Sample(last, new Sampling(Temperature: 0.5f, TopP: 0.52f)).ToArray<int>()[0]);
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void Impossible_classes_are_never_drawn_and_rows_without_probabilities_give_their_largest(bool isReference)
    {
        using var engine = Make(isReference);
        const float None = float.NegativeInfinity;
        var logits = engine.From([None, 1f, None, 1f, 0f, float.NaN, 2f, 1f, 0f, 1f, float.PositiveInfinity, 1f, None, None, None, None], [4, 4]);
        foreach (var sampling in (Sampling[])[new(), new(TopK: 3), new(TopP: 0.9f), new(MinP: 0.1f)])
        {
            Assert.Equal([1, 1, 2, 0], logits.Sample(engine.From([0f, 0f, 0f, 0f], [4]), sampling).ToArray<int>());
            Assert.Equal([3, 1, 2, 0], logits.Sample(engine.From([0.999f, 0.999f, 0.999f, 0.999f], [4]), sampling).ToArray<int>());
        }
    }

    [Fact]
    public void Devices_draw_the_same_classes()
    {
        using var reference = Make(isReference: true);
        using var cpu = Make(isReference: false);
        foreach (var sampling in (Sampling[])[new(), new(0.7f), new(1, 20), new(1, 0, 0.9f), new(1.2f, 50, 0.95f, 0.02f)])
        {
            var (logits, uniforms) = Rows(reference, 500, 257);
            var (same, alike) = Rows(cpu, 500, 257);
            Assert.Equal(logits.Sample(uniforms, sampling).ToArray<int>(), same.Sample(alike, sampling).ToArray<int>());
        }
    }

    private static Engine Make(bool isReference) => new(isReference ? new ReferenceBackend() : new CpuBackend(2));

    private static (Tensor Logits, Tensor Uniforms) Rows(Engine engine, int rows, int classes)
    {
        var random = new RowRandom("sampling");
        float[] Draw(int count, double scale, double least) => [.. Enumerable.Range(0, count).Select(_ => (float)((random.Next() * scale) + least))];
        return (engine.From(Draw(rows * classes, 8, -4), [rows, classes]), engine.From(Draw(rows, 1, 0), [rows]));
    }

    // The definition: sort, cut, normalise.
    private static double[] Filtered(double[] logits, Sampling sampling)
    {
        var order = Enumerable.Range(0, logits.Length).OrderByDescending(i => logits[i]).ToArray();
        var weights = logits.Select(x => Math.Exp((x - logits[order[0]]) / sampling.Temperature)).ToArray();
        var kept = sampling.TopK > 0 ? order.Take(sampling.TopK).ToList() : [.. order];
        var total = kept.Sum(i => weights[i]);
        var (mass, nucleus) = (0.0, new List<int>());
        foreach (var i in kept)
        {
            if (mass / total >= sampling.TopP)
            {
                break;
            }

            nucleus.Add(i);
            mass += weights[i];
        }

        nucleus.RemoveAll(i => weights[i] < sampling.MinP);
        var sum = nucleus.Sum(i => weights[i]);
        return [.. logits.Select((_, i) => nucleus.Contains(i) ? weights[i] / sum : 0)];
    }
}
