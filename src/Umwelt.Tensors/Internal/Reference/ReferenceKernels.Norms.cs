// What the norms mean. Layer and RMS norm are group norm with one group and one position, so the gradient is written once:
// with n the normalised element and g = dy w, dx = r (g − mean g − n mean(g n)) over the elements normalised together.
using Umwelt.Tensors.Ops;

namespace Umwelt.Tensors.Internal.Reference;

internal static partial class ReferenceKernels
{
    private static void RegisterNorms(Backend backend)
    {
        backend.Register(LayerNorm.Instance, static (in epsilon, inputs, outputs) =>
            RunNorm(Layout.OfRows(inputs[0].Shape, centered: true), epsilon, inputs, outputs));
        backend.Register(LayerNormGradient.Instance, static (in _, inputs, outputs) =>
            RunNormGradient(Layout.OfRows(inputs[0].Shape, centered: true), inputs, outputs));
        backend.Register(RmsNorm.Instance, static (in epsilon, inputs, outputs) =>
            RunNorm(Layout.OfRows(inputs[0].Shape, centered: false), epsilon, inputs, outputs));
        backend.Register(RmsNormGradient.Instance, static (in _, inputs, outputs) =>
            RunNormGradient(Layout.OfRows(inputs[0].Shape, centered: false), inputs, outputs));
        backend.Register(GroupNorm.Instance, static (in attributes, inputs, outputs) =>
            RunNorm(Layout.OfGroups(inputs[0].Shape, attributes.Groups), attributes.Epsilon, inputs, outputs));
        backend.Register(GroupNormGradient.Instance, static (in attributes, inputs, outputs) =>
            RunNormGradient(Layout.OfGroups(inputs[0].Shape, attributes.Groups), inputs, outputs));
    }

    private static void RunNorm(Layout layout, double epsilon, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        var x = ReferenceView.Read(inputs[0]);
        var y = new double[x.Length];
        var (means, scales) = (new double[layout.Sets], new double[layout.Sets]);
        var weight = inputs[1].IsPresent ? ReferenceView.Read(inputs[1]) : null;
        var bias = inputs.Length > 2 && inputs[2].IsPresent ? ReferenceView.Read(inputs[2]) : null;
        for (var set = 0; set < layout.Sets; set++)
        {
            var elements = layout.Elements(set);
            means[set] = layout.Centered ? elements.Average(i => x[i]) : 0;
            scales[set] = 1 / Math.Sqrt(elements.Average(i => (x[i] - means[set]) * (x[i] - means[set])) + epsilon);
            foreach (var i in elements)
            {
                var c = i % layout.Channels;
                y[i] = ((x[i] - means[set]) * scales[set] * (weight?[c] ?? 1)) + (bias?[c] ?? 0);
            }
        }

        ReferenceView.Write(outputs[0], y);
        ReferenceView.Write(outputs[^1], scales);
        if (layout.Centered)
        {
            ReferenceView.Write(outputs[1], means);
        }
    }

    private static void RunNormGradient(Layout layout, ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        var (x, dy) = (ReferenceView.Read(inputs[0]), ReferenceView.Read(inputs[^1]));
        var weight = inputs[1].IsPresent ? ReferenceView.Read(inputs[1]) : null;
        var means = layout.Centered ? ReferenceView.Read(inputs[2]) : new double[layout.Sets];
        var scales = ReferenceView.Read(inputs[^2]);
        var (dx, dweight, dbias) = (new double[x.Length], new double[layout.Channels], new double[layout.Channels]);
        for (var set = 0; set < layout.Sets; set++)
        {
            var (mean, scale) = (means[set], scales[set]);
            double Normal(int i) => (x[i] - mean) * scale;
            double Pulled(int i) => dy[i] * (weight?[i % layout.Channels] ?? 1);
            var elements = layout.Elements(set);
            var meanPull = layout.Centered ? elements.Average(Pulled) : 0;
            var meanProduct = elements.Average(i => Pulled(i) * Normal(i));
            foreach (var i in elements)
            {
                dx[i] = scale * (Pulled(i) - meanPull - (Normal(i) * meanProduct));
                dweight[i % layout.Channels] += dy[i] * Normal(i);
                dbias[i % layout.Channels] += dy[i];
            }
        }

        ReferenceView.Write(outputs[0], dx);
        ReferenceView.Write(outputs[1], dweight);
        if (layout.Centered)
        {
            ReferenceView.Write(outputs[2], dbias);
        }
    }

    /// <summary>Which elements of [batch, positions, channels] are normalised together: those of a group of channels.</summary>
    private sealed record Layout(int Batch, int Positions, int Channels, int Groups, bool Centered)
    {
        public int Sets => Batch * Groups;

        public static Layout OfRows(Shape shape, bool centered) => new(OperandChecks.RowCount(shape), 1, shape[-1], 1, centered);

        public static Layout OfGroups(Shape shape, int groups) => new(shape[0], shape[1], shape[2], groups, true);

        public int[] Elements(int set)
        {
            var size = Channels / Groups;
            var (example, part) = (set / Groups, set % Groups);
            return
            [
                .. from position in Enumerable.Range(0, Positions)
                   from c in Enumerable.Range(part * size, size)
                   select (((example * Positions) + position) * Channels) + c,
            ];
        }
    }
}
