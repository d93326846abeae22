// Runs a row on a backend: operands in, result and gradients out as doubles, everything released in between. Each run is
// logged first, since a fault between guard pages ends the process without a word.
using System.Globalization;
using Xunit;

namespace Umwelt.Tensors.Tests.Operations;

/// <summary>What a run gave; gradients are null for operands without one.</summary>
internal sealed record Outcome(Shape Shape, DataType Type, double[] Result, double[]?[] Gradients);

/// <summary>Makes the tensor of an operand: the place where checks bring in views.</summary>
internal delegate Tensor Arrangement(Engine engine, int index, double[] values, Shape shape, DataType type);

internal static class OperationRunner
{
    private static readonly Lock LogGate = new();

    /// <summary>Writes what is about to run where it survives a crash: the file named by UMWELT_TEST_LOG, if any.</summary>
    public static void Log(OperationCase row, string check)
    {
        if (Environment.GetEnvironmentVariable("UMWELT_TEST_LOG") is { Length: > 0 } path)
        {
            lock (LogGate)
            {
                File.AppendAllText(path, string.Create(CultureInfo.InvariantCulture, $"{check}: {row.Name}\n"));
            }
        }
    }

    public static double[][] Draw(OperationCase row, Operand[] operands) =>
        [.. operands.Select((operand, i) => operand.Draw(row.Name, i))];

    /// <summary>Result and, if the row has them, gradients of its projection on fixed weights.</summary>
    public static Outcome Run(
        Backend backend, OperationCase row, Operand[] operands, double[][] values, Arrangement? arrange = null, bool records = true, double[]? weights = null)
    {
        var before = backend.LiveBytes;
        Outcome outcome;
        var engine = new Engine(backend, ownsBackend: false);
        using (engine.Scope())
        {
            outcome = RunInScope(engine, row, operands, values, arrange ?? Dense, records && row.IsDifferentiable, weights);
        }

        Assert.Equal(0, engine.LiveTensors);
        Assert.Equal(before, backend.LiveBytes);
        engine.Dispose();
        return outcome;
    }

    public static Outcome Run(Backend backend, OperationCase row, bool records = true) =>
        Run(backend, row, row.Operands, Draw(row, row.Operands), null, records);

    public static Tensor Dense(Engine engine, int index, double[] values, Shape shape, DataType type) =>
        engine.From<double>(values, shape, type);

    /// <summary>Fixed weights of either sign for a result of this many elements, exact in single precision.</summary>
    public static double[] Weights(long count)
    {
        var random = new RowRandom("weights");
        return [.. Enumerable.Range(0, (int)count).Select(_ => (double)(float)((random.Next() * 2) - 1))];
    }

    private static Outcome RunInScope(
        Engine engine, OperationCase row, Operand[] operands, double[][] values, Arrangement arrange, bool records, double[]? weights)
    {
        var inputs = new Tensor[operands.Length];
        for (var i = 0; i < inputs.Length; i++)
        {
            inputs[i] = arrange(engine, i, values[i], operands[i].Shape, operands[i].Type);
            inputs[i].RequiresGradient = records && operands[i].HasGradient;
        }

        if (!records)
        {
            using var noGradient = engine.NoGradient();
            var plain = row.Function(inputs);
            return new Outcome(plain.Shape, plain.Type, plain.ToArray<double>(), new double[]?[inputs.Length]);
        }

        var result = row.Function(inputs);
        var elements = result.ToArray<double>();
        Assert.True(result.RequiresGradient, "The result of a differentiable row carries a gradient.");
        engine.Backward(result, engine.From<double>(weights ?? Weights(result.Count), result.Shape));
        var gradients = inputs.Select((x, i) =>
            !operands[i].HasGradient ? null : x.Gradient.IsDefault ? new double[x.Count] : x.Gradient.ToArray<double>());
        return new Outcome(result.Shape, result.Type, elements, [.. gradients]);
    }
}
