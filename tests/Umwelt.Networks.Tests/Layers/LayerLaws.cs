// Laws that hold for any layer: its values and gradients are those of plain double precision, a row alone is that row among
// others, and threads change no bit.
using Umwelt.Networks.Tests.Mixers;
using Umwelt.Storage;
using Umwelt.Tensors;
using Xunit;

namespace Umwelt.Networks.Tests.Layers;

internal static class LayerLaws
{
    public static void Hold(Func<ParameterTree, Func<Tensor, Tensor>> build, params int[] shape)
    {
        var exact = Run(build, shape, new ReferenceBackend());
        var actual = Run(build, shape, new CpuBackend(2));
        var largest = exact.Values.Max(values => values.Max(Math.Abs));
        foreach (var (name, values) in exact)
        {
            Workbench.Near(values, actual[name], 1e-4, least: largest / 1000);
        }

        foreach (var threads in new[] { 1, 3 })
        {
            foreach (var (name, values) in Run(build, shape, new CpuBackend(threads)))
            {
                Assert.Equal(actual[name], values);
            }
        }

        using var engine = new Engine(new CpuBackend(2));
        using var unrecorded = engine.NoGradient();
        using var scope = engine.Scope();
        var layer = build(new ParameterTree(engine, seed: 5));
        var rows = Normal(engine, shape);
        var all = layer(rows);
        for (var row = 0; row < shape[0]; row++)
        {
            Assert.Equal(layer(rows.Slice(0, row, 1)).ToArray<float>(), all.Slice(0, row, 1).ToArray<float>());
        }
    }

    public static Tensor Normal(Engine engine, params ReadOnlySpan<int> lengths)
    {
        var shape = Shape.Of(lengths);
        var values = new float[shape.Count];
        RandomStream.Of(shape.Count, lengths.Length).FillNormal(values);
        return engine.From(values, shape);
    }

    private static Dictionary<string, float[]> Run(Func<ParameterTree, Func<Tensor, Tensor>> build, int[] shape, Backend backend)
    {
        using var engine = new Engine(backend);
        using var scope = engine.Scope();
        var tree = new ParameterTree(engine, seed: 5);
        var layer = build(tree);
        var x = Normal(engine, shape);
        x.RequiresGradient = true;
        var y = layer(x);
        (y * Normal(engine, y.Shape.Dimensions)).Sum().Backward();
        var results = tree.Parameters.ToDictionary(parameter => parameter.Key, parameter => parameter.Value.Gradient.ToArray<float>());
        results.Add("the operand's gradient", x.Gradient.ToArray<float>());
        results.Add("the result", y.ToArray<float>());
        return results;
    }
}
