// The checks over the operation table: what every operation obeys on every backend. A row that a backend cannot run fails.
using Umwelt.Tensors.Gradients;
using Xunit;

namespace Umwelt.Tensors.Tests.Operations;

public sealed class OperationTests(CpuBackends backends) : IClassFixture<CpuBackends>
{
    public static TheoryData<string> Rows => Names(static _ => true);

    public static TheoryData<string> Differentiable => Names(static row => row.IsDifferentiable);

    public static TheoryData<string> WithDifferences => Names(static row => row.IsDifferentiable && row.HasFiniteDifferences);

    public static TheoryData<string> Composed => Names(static row => row.Fused.Length > 0);

    public static TheoryData<string> Batched => Names(static row => row.Operands.Any(static operand => operand.Batch is not null));

    public static TheoryData<string> WithLength => Names(static row => row.OfLength is not null);

    [Theory]
    [MemberData(nameof(Rows))]
    public void The_result_is_the_reference_within_rounding(string name)
    {
        var row = Start(name, "forward");
        Same.Within(
            OperationRunner.Run(backends.Reference, row, records: false),
            OperationRunner.Run(backends.OfThreads(2), row, records: false),
            row,
            "cpu");
    }

    [Theory]
    [MemberData(nameof(Differentiable))]
    public void The_gradient_is_the_reference_within_rounding(string name)
    {
        var row = Start(name, "gradient");
        Same.Within(OperationRunner.Run(backends.Reference, row), OperationRunner.Run(backends.OfThreads(2), row), row, "cpu");
    }

    [Theory]
    [MemberData(nameof(WithDifferences))]
    public void The_reference_gradient_is_the_limit_of_differences(string name)
    {
        var row = Start(name, "finite differences");
        var inputs = row.Operands.Select((operand, i) => new GradientInput(operand.Draw(row.Name, i), operand.Shape)
        {
            Type = operand.Type,
            RequiresGradient = operand.HasGradient,
        });
        GradientCheck.Run((_, x) => row.Function(x), [.. inputs]).Assert();
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void A_view_of_an_operand_gives_the_bits_of_a_dense_one(string name)
    {
        var row = Start(name, "views");
        var backend = backends.OfThreads(2);
        var values = OperationRunner.Draw(row, row.Operands);
        var dense = OperationRunner.Run(backend, row, row.Operands, values);
        for (var operand = 0; operand < row.Operands.Length; operand++)
        {
            foreach (var (view, arrange) in ViewArrangements.Of(row.Operands[operand].Shape))
            {
                var viewed = OperationRunner.Run(backend, row, row.Operands, values, Only(operand, arrange));
                Same.Bits(dense, viewed, $"operand {operand} {view}");
            }

            foreach (var (dimension, repeated) in ViewArrangements.Repeated(row.Operands[operand], values[operand]))
            {
                double[][] changed = [.. values];
                changed[operand] = repeated;
                var expected = OperationRunner.Run(backend, row, row.Operands, changed);
                var expanded = OperationRunner.Run(backend, row, row.Operands, changed, Only(operand, ViewArrangements.Expanded(dimension)));
                Same.Bits(expected, expanded, $"operand {operand} broadcast along {dimension}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Composed))]
    public void The_composition_means_the_same_as_the_fused_operation(string name)
    {
        var row = Start(name, "composition");
        using var reference = new ReferenceBackend();
        using var cpu = new CpuBackend(2);
        foreach (var operation in row.Fused)
        {
            reference.Unregister(operation);
            cpu.Unregister(operation);
            Assert.False(cpu.Supports(operation));
        }

        var expected = OperationRunner.Run(backends.Reference, row);
        Same.Within(expected, OperationRunner.Run(reference, row), row with { Tolerance = 1e-9, GradientTolerance = 1e-9 }, "composed in double");
        Same.Within(expected, OperationRunner.Run(cpu, row), row, "composed on the cpu");
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void The_bits_are_equal_at_any_number_of_threads(string name)
    {
        var row = Start(name, "threads");
        var operands = row.Large ?? row.Operands;
        var values = OperationRunner.Draw(row, operands);
        var one = OperationRunner.Run(backends.OfThreads(1), row, operands, values);
        foreach (var threads in (int[])[2, 3, 7])
        {
            Same.Bits(one, OperationRunner.Run(backends.OfThreads(threads), row, operands, values), $"{threads} threads");
        }
    }

    [Theory]
    [MemberData(nameof(Batched))]
    public void An_entry_alone_has_the_bits_it_has_in_a_batch(string name)
    {
        var row = Start(name, "batch");
        var backend = backends.OfThreads(2);
        var values = OperationRunner.Draw(row, row.Operands);
        var whole = OperationRunner.Run(backend, row, row.Operands, values);
        var entries = row.Operands.Where(static operand => operand.Batch is not null).Max(static operand => operand.Lengths[operand.Batch!.Value]);
        for (var entry = 0; entry < entries; entry++)
        {
            var (operands, part) = Entry(row, values, entry);
            double[] Part(double[] values) => Slices.Take(values, whole.Shape, row.ResultBatch, entry, whole.Shape[row.ResultBatch] / entries);
            var weights = Part(OperationRunner.Weights(whole.Shape.Count));
            var alone = OperationRunner.Run(backend, row, operands, part, weights: weights);
            Same.Bits(Part(whole.Result), alone.Result, $"entry {entry}");
            for (var i = 0; i < operands.Length; i++)
            {
                if (whole.Gradients[i] is { } gradient && row.Operands[i].Batch is { } dimension)
                {
                    var expected = Slices.Take(gradient, row.Operands[i].Shape, dimension, entry, 1);
                    Same.Bits(expected, alone.Gradients[i], $"entry {entry}, gradient of operand {i}");
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(WithLength))]
    public void No_length_touches_memory_outside_its_operands(string name)
    {
        var row = Start(name, "guard pages");
        foreach (var side in (GuardSide[])[GuardSide.After, GuardSide.Before])
        {
            using var guarded = new CpuBackend(1, new GuardedMemory(side));
            for (var length = row.ShortestLength; length <= 256; length++)
            {
                var operands = row.OfLength!(length);
                var values = OperationRunner.Draw(row, operands);
                var expected = OperationRunner.Run(backends.Reference, row, operands, values);
                Same.Within(expected, OperationRunner.Run(guarded, row, operands, values), row, $"length {length}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void A_graph_that_is_never_walked_is_released(string name)
    {
        var row = Start(name, "release");
        var backend = backends.OfThreads(2);
        var before = backend.LiveBytes;
        using var engine = new Engine(backend, ownsBackend: false);
        using (engine.Scope())
        {
            var inputs = row.Operands.Select((operand, i) =>
            {
                var x = engine.From<double>(operand.Draw(row.Name, i), operand.Shape, operand.Type);
                x.RequiresGradient = row.IsDifferentiable && operand.HasGradient;
                return x;
            });
            Assert.True(row.Function([.. inputs]).IsAlive);
        }

        Assert.Equal(0, engine.LiveTensors);
        Assert.Equal(before, backend.LiveBytes);
    }

    private static OperationCase Start(string name, string check)
    {
        var row = OperationTable.Row(name);
        OperationRunner.Log(row, check);
        return row;
    }

    private static TheoryData<string> Names(Func<OperationCase, bool> holds) =>
        [.. OperationTable.All.Where(holds).Select(static row => row.Name)];

    private static Arrangement Only(int operand, Arrangement arrange) => (engine, index, values, shape, type) =>
        index == operand ? arrange(engine, index, values, shape, type) : OperationRunner.Dense(engine, index, values, shape, type);

    private static (Operand[] Operands, double[][] Values) Entry(OperationCase row, double[][] values, int entry)
    {
        var operands = (Operand[])row.Operands.Clone();
        double[][] part = [.. values];
        for (var i = 0; i < operands.Length; i++)
        {
            if (operands[i].Batch is { } dimension && operands[i].Lengths[dimension] > 1)
            {
                part[i] = Slices.Take(values[i], operands[i].Shape, dimension, entry, 1);
                operands[i] = operands[i] with { Lengths = operands[i].Shape.With(dimension, 1).Dimensions.ToArray() };
            }
        }

        return (operands, part);
    }
}
